#!/bin/sh
# Tries the whole way of a user, from nothing to nothing: builds the box, `vagrant up`, provisioning, `vagrant ssh`,
# `hil run` on the machine's own devices and in a VM inside it, halt, a second `up`, destroy. Says how long each took, and fails at
# the first that does not go well, or when something is left on this host. Needs root, but neither systemd, a libvirt
# that runs, nor KVM.
#
#   try.sh [STEP…]   the steps, in this order, by default all:
#                    box up provision ssh local nested halt again destroy
#
# HIL_BOX, HIL_ACCEL, HIL_CPUS, HIL_MEMORY, HIL_DOTNET, HIL_BUILD   as for the Vagrantfile, but with "local" and "tcg" as defaults
# HIL_TRY_PROGRAMS   generated programs a device, in the run on the machine's own devices   (default 3)
#
# Exit codes: 0 all went well, 1 a step failed, 2 wrong usage, 4 libvirt could not be started, 5 something was left here.
set -eu

self=$(readlink -f "$0")
here=$(dirname "$self")
root=$(cd "$here/../.." && pwd)

now() { date +%s; }
say() { echo "== $*"; }

timed() {
	name=$1
	shift
	say "$name: $*"
	began=$(now)
	if ! "$@"; then
		echo "$name FAILED after $(($(now) - began)) s" >>"$table"
		say "$name failed"
		cat "$table"
		[ "$name" = destroy ] || vagrant destroy --force >/dev/null 2>&1 || true
		exit 1
	fi
	echo "$name $(($(now) - began)) s" >>"$table"
}

inside() {
	cd "$root"
	export VAGRANT_HOME="$HIL_LIBVIRT_FOLDER/vagrant-home" VAGRANT_DOTFILE_PATH="$HIL_LIBVIRT_FOLDER/vagrant-state"
	export VAGRANT_CHECKPOINT_DISABLE=1 VAGRANT_NO_COLOR=1 VAGRANT_DEFAULT_PROVIDER=libvirt
	export HIL_BOX="${HIL_BOX:-local}" HIL_ACCEL="${HIL_ACCEL:-tcg}"
	table=$HIL_LIBVIRT_FOLDER/table
	: >"$table"
	for step in "$@"; do
		case $step in
		box) timed box "$here/box.sh" ;;
		up) timed up vagrant --no-tty up --no-provision ;;
		provision) timed provision vagrant --no-tty provision ;;
		ssh) timed ssh vagrant ssh -c 'cat /etc/debian_version; uname -r; cd /vagrant && provisioning/kernel.sh --check && sudo modprobe vhost_net && ls -l /dev/vhost-net' ;;
		local) timed local vagrant ssh -c "cd /vagrant && sudo HIL_CACHE=\$HOME/.cache/hil ./hil run --machine local --seed 1 --programs ${HIL_TRY_PROGRAMS:-3} --out /tmp/results-local" ;;
		nested) timed nested vagrant ssh -c 'cd /vagrant && ./hil run vhost-net --seed 1 --programs 1 --jobs 1 --out /tmp/results-nested' ;;
		halt) timed halt vagrant halt ;;
		again) timed again vagrant --no-tty up --no-provision ;;
		destroy) timed destroy vagrant destroy --force ;;
		esac
	done
	say "times"
	cat "$table"
}

# What of the host a machine could change. Processes and folders are counted by the names they would have.
inventory() {
	echo "links: $(ip -brief link | awk '{ print $1 }' | sort | xargs)"
	echo "forwarding: $(cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding 2>/dev/null | xargs)"
	for table in iptables-save ip6tables-save; do
		echo "$table: $("$table" 2>/dev/null | grep -v '^#' | sed 's/\[[0-9:]*\]//' | sort | cksum)"
	done
	echo "mounts: $(awk '{ print $2, $3 }' /proc/mounts | sort | cksum)"
	for daemon in libvirtd virtlogd dnsmasq slirp4netns; do echo "$daemon: $(pgrep -c -x "$daemon" || true)"; done
	echo "machines: $(pgrep -c -f 'qemu-system-x86_64.*guest=' || true)"
	echo "folders: $(find "${TMPDIR:-/var/tmp}" -maxdepth 1 -name 'hil-*' | wc -l)"
}

if [ "${1-}" = --inside ]; then
	shift
	inside "$@"
	exit 0
fi
all="box up provision ssh local nested halt again destroy"
steps=${*:-$all}
for step in $steps; do
	case " $all " in
	*" $step "*) ;;
	*)
		[ "$step" = --help ] || echo "try.sh: unknown step '$step'" >&2
		sed -n '2,15s/^# \{0,1\}//p' "$self"
		[ "$step" = --help ] || exit 2
		exit 0
		;;
	esac
done
before=$(inventory)
code=0
# shellcheck disable=SC2086 # a list of words
setpriv --pdeathsig KILL "$here/with-libvirt.sh" "$self" --inside $steps || code=$?
after=$(inventory)
if [ "$before" != "$after" ]; then
	say "something was left here; before and after:"
	printf '%s\n\n%s\n' "$before" "$after"
	[ "$code" != 0 ] || code=5
else
	say "nothing was left here"
fi
exit "$code"
