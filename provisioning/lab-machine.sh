#!/bin/sh
# Makes a Debian machine ready for HilTests: the same for a machine of a lab and for Vagrant's. What is there already
# is left alone, so that it can be run again at any time.
#
#   lab-machine.sh [all|system|images] [FOLDER [USER]]
#
#   system   packages, .NET SDK, a kernel with vhost_net and f2fs, access to KVM; needs root
#   images   builds `hil`, fetches the kernel under test, builds the agent and the VM's image; as USER
#   all      both, in this order (the default)
#   FOLDER   the project (default: where this script lies); USER: who will run it (default: the caller of sudo)
#
# Exit codes: 0 ready, 2 wrong usage, 3 ready but for a restart of the machine, 4 something could not be had.
set -eu

part=${1:-all}
case $part in
all | system | images) ;;
-h | --help) sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "lab-machine.sh: unknown argument '$part'; see --help" >&2; exit 2 ;;
esac
folder=${2:-$(cd "$(dirname "$0")/.." && pwd)}
user=${3:-${SUDO_USER:-$(id -un)}}
cd "$folder" || exit 2
began=$(date +%s)

step() { echo "== $* ($(($(date +%s) - began)) s)"; }

if [ "$part" != images ]; then
	if [ "$(id -u)" != 0 ]; then
		echo "lab-machine.sh: this part needs root. Run:" >&2
		echo "    sudo $folder/provisioning/lab-machine.sh $part" >&2
		exit 4
	fi
	step "packages"
	provisioning/install.sh
	step ".NET SDK"
	provisioning/dotnet.sh
	step "kernel"
	provisioning/kernel.sh
	step "access"
	if getent group kvm >/dev/null && [ "$user" != root ] && ! id -nG "$user" | grep -qw kvm; then
		usermod -aG kvm "$user"
		echo "$user may use /dev/kvm from the next login on"
	fi
	# What the caller's environment says about the way to the world is kept for later logins.
	for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY NUGET_CERT_REVOCATION_MODE HIL_DEBIAN_MIRROR HIL_DEBIAN_SECURITY_MIRROR; do
		value=$(printenv "$name" || true)
		[ -z "$value" ] || printf "export %s='%s'\n" "$name" "$(printf %s "$value" | sed "s/'/'\\\\''/g")"
	done >/run/hil-environment
	# Under an emulator .NET starts quicker so.
	if [ "$(systemd-detect-virt 2>/dev/null || true)" = qemu ]; then
		printf 'export %s\n' DOTNET_EnableWriteXorExecute=0 DOTNET_TieredPGO=0 >>/run/hil-environment
	fi
	if [ -s /run/hil-environment ]; then
		install -m 644 /run/hil-environment /etc/profile.d/hil.sh
		echo "kept in /etc/profile.d/hil.sh: $(sed 's/export \([^=]*\)=.*/\1/' /run/hil-environment | xargs)"
	fi
	rm -f /run/hil-environment
	if [ "$part" = all ] && [ -e /run/hil-restart-needed ]; then
		echo "Restart this machine, then run this again for the images."
		exit 3
	fi
fi

if [ "$part" != system ]; then
	step "hil, kernel under test, agent, image"
	command="cd '$folder' && ./hil kernels fetch bookworm --images"
	if [ "$(id -un)" = "$user" ]; then sh -c "$command"; else su --login --command "$command" "$user"; fi
fi
step "done"
