#!/bin/sh
# Makes sure that this machine's kernel has the devices under test, for `hil run --machine local`: the modules of
# vhost-net and f2fs and what their programs use. Where they are missing, installs Debian's usual kernel.
#
#   kernel.sh           installs where modules are missing; needs root then. Says when a restart is needed, and
#                       leaves /run/hil-restart-needed
#   kernel.sh --check   only prints the modules that the running kernel lacks; exit code 1 when there are any
#
# Exit codes: 0 all there, or there after a restart; 1 something missing (--check), 2 wrong usage, 4 not to be had.
set -eu

package=linux-image-amd64
modules="vhost_net tun dummy f2fs loop null_blk"
note=/run/hil-restart-needed

case ${1-} in
'' | --check) ;;
-h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "kernel.sh: unknown argument '$1'; use --check or nothing" >&2; exit 2 ;;
esac

# lacking RELEASE: the modules that a kernel lacks, built-in ones not counted.
lacking() {
	for module in $modules; do
		PATH=$PATH:/usr/sbin:/sbin modprobe --dry-run --quiet --set-version "$1" "$module" || echo "$module"
	done
}

running=$(uname -r)
missing=$(lacking "$running" | xargs)
if [ "${1-}" = --check ]; then
	[ -n "$missing" ] || exit 0
	echo "$missing" | tr ' ' '\n'
	exit 1
fi
if [ -z "$missing" ]; then
	rm -f "$note" 2>/dev/null || true
	echo "kernel $running has $modules"
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "kernel.sh: kernel $running lacks $missing. Installing $package needs root. Run:" >&2
	echo "    sudo $0" >&2
	exit 4
fi

installed() { dpkg-query -W -f '${db:Status-Status} ${Package}\n' "linux-image-*" 2>/dev/null | sed -n 's/^installed //p'; }

export DEBIAN_FRONTEND=noninteractive
echo "kernel $running lacks $missing; installing $package"
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "$package" >/dev/null; }; then
	echo "kernel.sh: apt-get could not install $package; its own words are above" >&2
	exit 4
fi
# The kernel that depends the meta package asks for.
new=$(dpkg-query -W -f '${Depends}' "$package" | sed -n 's/^linux-image-\([^ ,]*\).*/\1/p')
missing=$(lacking "$new" | xargs)
if [ -n "$missing" ]; then
	echo "kernel.sh: kernel $new of $package lacks $missing as well" >&2
	exit 4
fi
# A cloud kernel of the same version would be started again: boot loaders sort it first.
cloud=$(installed | grep -- '-cloud-' || true)
if [ -n "$cloud" ]; then
	echo "removing $(echo "$cloud" | xargs), which would be started instead"
	echo "linux-base linux-base/removing-running-kernel boolean false" | debconf-set-selections
	# shellcheck disable=SC2086 # a list of words
	apt-get remove -y -qq $cloud >/dev/null || { echo "kernel.sh: it could not be removed; its own words are above" >&2; exit 4; }
fi
touch "$note"
echo "kernel $new is installed. Restart this machine to run it."
