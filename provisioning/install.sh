#!/bin/sh
# Installs the Debian packages of provisioning/packages.list that are missing.
#
#   install.sh           installs; needs root. Quick when nothing is missing
#   install.sh --check   only prints what is missing, one a line; exit code 1 when something is
#
# HIL_PACKAGES names another list (provisioning/vagrant/install.sh does).
#
# Exit codes: 0 all there, 1 something missing (--check), 2 wrong usage, 4 it could not be installed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
list=${HIL_PACKAGES:-$here/packages.list}

case ${1-} in
'' | --check) ;;
-h | --help)
	sed -n '2,9s/^# \{0,1\}//p' "$0"
	exit 0
	;;
*)
	echo "install.sh: unknown argument '$1'; use --check or nothing" >&2
	exit 2
	;;
esac

if ! command -v dpkg-query >/dev/null; then
	echo "install.sh: this is no Debian system (no dpkg-query); install what $list names in this system's own way" >&2
	exit 4
fi

wanted=$(sed 's/#.*//' "$list" | awk 'NF { print $1 }')
# shellcheck disable=SC2086 # a list of words
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null | awk '$2 == "installed" { print $1 }' || true)
missing=
for package in $wanted; do
	echo "$installed" | grep -qx -- "$package" || missing="$missing $package"
done

if [ "${1-}" = --check ]; then
	[ -n "$missing" ] || exit 0
	for package in $missing; do echo "$package"; done
	exit 1
fi
if [ -z "$missing" ]; then
	echo "all packages are installed"
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "install.sh: missing:$missing" >&2
	echo "Installing needs root. Run:" >&2
	echo "    sudo ${HIL_PACKAGES:+HIL_PACKAGES=$list }$here/install.sh" >&2
	exit 4
fi

echo "installing:"
for package in $missing; do
	grep -E "^${package}[[:space:]]" "$list" | sed 's/^/    /'
done
export DEBIAN_FRONTEND=noninteractive
# A new machine may have no package lists at all.
if [ -z "$(find /var/lib/apt/lists -name '*_Packages*' -print -quit 2>/dev/null)" ]; then
	echo "reading the package lists"
	apt-get update -qq || true
fi
# shellcheck disable=SC2086 # a list of words
if ! apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 $missing; then
	echo "reading the package lists, then trying once more"
	# shellcheck disable=SC2086
	if ! { apt-get update && apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 $missing; }; then
		echo "install.sh: apt-get could not install$missing; its own words are above" >&2
		exit 4
	fi
fi
echo "installed:$missing"
