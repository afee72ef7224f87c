#!/bin/sh
# Runs a command with a libvirt of its own, where none is set up or none may be touched. Needs root.
#
#   with-libvirt.sh COMMAND [ARGUMENT…]
#
# Daemons, bridges, firewall rules, forwarding, mounts and processes live in namespaces of their own and end with the
# command, however it ends: nothing on the host is changed. The way out is a user-mode network (slirp4netns), not a
# rule of the host's firewall. What libvirt writes lies in a folder that is removed at the end; should everything be
# killed at once, the next call removes it.
#
# In the command: HIL_LIBVIRT_FOLDER is that folder.
#
# TMPDIR   where the folder is made; disks of machines lie in it   (default /var/tmp)
#
# Exit code: that of the command; 2 wrong usage, 4 libvirt could not be started.
set -eu

fail() {
	echo "with-libvirt.sh: $*" >&2
	exit 4
}

# The inner half: first process of its namespaces.
inside() {
	folder=$1
	shift
	# Still the outer /proc: it tells this process's number there, by which the outer half finds the network namespace.
	read -r outer _ </proc/self/stat
	echo "$outer" >"$folder/process.new"
	mv "$folder/process.new" "$folder/process"

	mount -t proc proc /proc
	mount -t sysfs sys /sys
	mount -t tmpfs -o mode=755 run /run
	mkdir -p /run/lock /run/libvirt
	for name in etc var/lib var/cache var/log; do
		mkdir -p "$folder/$name"
		if ! [ -d "/$name/libvirt" ]; then
			# The package does not make all of them. A layer over the parent takes the folder; the host does not get it.
			mkdir -p "/run/layers/$name/upper" "/run/layers/$name/work"
			mount -t overlay -o "lowerdir=/$name,upperdir=/run/layers/$name/upper,workdir=/run/layers/$name/work" layer "/$name"
			mkdir "/$name/libvirt"
		fi
		mount --bind "$folder/$name" "/$name/libvirt"
	done
	# libvirt wants this user to exist, even where it is not used. An installation without systemd lacks it.
	for file in passwd group; do
		cp "/etc/$file" "$folder/$file"
		grep -q '^libvirt-qemu:' "$folder/$file" || case $file in
		passwd) echo 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin' ;;
		group) echo 'libvirt-qemu:x:64055:' ;;
		esac >>"$folder/$file"
		mount --bind "$folder/$file" "/etc/$file"
	done
	echo 'nameserver 10.0.2.3' >"$folder/resolv.conf"
	mount --bind "$folder/resolv.conf" "$(readlink -f /etc/resolv.conf)"

	# No security driver, no namespaces, no control groups: the namespaces around are what holds QEMU here.
	cat >/etc/libvirt/qemu.conf <<-'END'
		user = "root"
		group = "root"
		security_driver = "none"
		namespaces = []
		cgroup_controllers = []
		remember_owner = 0
	END
	printf '%s\n' 'auth_unix_rw = "none"' 'auth_unix_ro = "none"' 'unix_sock_group = "root"' >/etc/libvirt/libvirtd.conf
	: >/etc/libvirt/virtlogd.conf

	ip link set lo up
	for try in $(seq 100); do
		[ -s "$folder/network" ] && break
		[ "$try" != 100 ] || fail "the way to the network did not come up within 10 s; slirp4netns said: $(cat "$folder/slirp")"
		sleep 0.1
	done
	for daemon in virtlogd libvirtd; do
		"$daemon" --daemon >"$folder/$daemon" 2>&1 || fail "$daemon did not start; it said: $(cat "$folder/$daemon")"
	done
	virsh --connect qemu:///system version >"$folder/version" 2>&1 || fail "libvirt does not answer: $(cat "$folder/version")"

	export LIBVIRT_DEFAULT_URI=qemu:///system HIL_LIBVIRT_FOLDER="$folder"
	# A command of its own, so that this first process outlives it. The kernel kills what is left when this one ends.
	code=0
	trap : INT TERM
	"$@" || code=$?
	exit "$code"
}

case ${1-} in
--inside)
	shift
	inside "$@"
	;;
'' | -h | --help)
	sed -n '2,16s/^# \{0,1\}//p' "$0"
	[ -n "${1-}" ] || exit 2
	exit 0
	;;
esac

PATH=$PATH:/usr/sbin:/sbin
export PATH
[ "$(id -u)" = 0 ] || fail "this needs root; run it with sudo. Where libvirt runs already and you may use it, call the command directly"
for tool in libvirtd virtlogd virsh slirp4netns unshare setpriv dnsmasq iptables qemu-system-x86_64; do
	command -v "$tool" >/dev/null || fail "there is no $tool; provisioning/vagrant/install.sh installs what is needed"
done

# Folders of calls that were killed: nobody holds their lock any more.
base=${TMPDIR:-/var/tmp}
for left in "$base"/hil-libvirt-*; do
	[ -f "$left/lock" ] || continue
	(flock -n 8 && rm -rf "$left") 8<"$left/lock" || true
done
folder=$(mktemp -d "$base/hil-libvirt-XXXXXX")
chmod 711 "$folder"
exec 9>"$folder/lock"
flock 9
# Holds on until this shell has ended, in whatever way, then removes the folder. Nobody else inherits the lock.
# shellcheck disable=SC2016 # the inner shell's argument
setsid sh -c 'flock 8; for try in 1 2 3 4 5; do rm -rf "$1" 2>/dev/null && break; sleep 1; done' sh "$folder" 8<"$folder/lock" 9>&- </dev/null >/dev/null 2>&1 &
sweeper=$!
way='' machine=''
# shellcheck disable=SC2317 # called by trap
finish() {
	for process in $machine $way; do kill -KILL "$process" 2>/dev/null || true; done
	[ -z "$machine" ] || wait "$machine" || true
	exec 9>&-
	wait "$sweeper" || true
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The way out. It waits for the namespace, and dies with this shell.
(
	until [ -s "$folder/process" ]; do sleep 0.1; done
	exec setpriv --pdeathsig KILL slirp4netns --configure --mtu=65520 --disable-host-loopback --ready-fd=7 "$(cat "$folder/process")" tap0 7>"$folder/network" >"$folder/slirp" 2>&1 9>&-
) &
way=$!

exec 3<&0
# In the background, so that a signal is answered at once; the kernel kills all that is in the namespaces.
setpriv --pdeathsig KILL unshare --mount --pid --net --ipc --uts --propagation private --fork --kill-child=KILL \
	"$0" --inside "$folder" "$@" 9>&- <&3 3<&- &
machine=$!
code=0
wait "$machine" || code=$?
machine=''
exit "$code"
