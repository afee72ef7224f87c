#!/bin/sh
# Makes the .NET SDK of global.json available to all users: takes one that is there, else installs it.
#
#   dotnet.sh           installs where it is missing; needs root then
#   dotnet.sh --check   only says whether it is there; exit code 1 when it is not
#
# An SDK counts when `dotnet` is on PATH or lies in /usr/share/dotnet (where Vagrant copies the host's). Otherwise
# Microsoft's install script is downloaded and run: Debian has no such package.
#
# Exit codes: 0 it is there, 1 it is not (--check), 2 wrong usage, 4 it could not be installed.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
home=/usr/share/dotnet
wanted=$(sed -n 's/.*"version": "\([0-9]*\.[0-9]*\).*/\1/p' "$root/global.json")

case ${1-} in
'' | --check) ;;
-h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "dotnet.sh: unknown argument '$1'; use --check or nothing" >&2; exit 2 ;;
esac

fail() {
	echo "dotnet.sh: $*" >&2
	exit 4
}

# The version of an SDK of the wanted line, if this dotnet has one.
version() { DOTNET_NOLOGO=1 "$1" --list-sdks 2>/dev/null | sed -n "s/^\($wanted\.[^ ]*\) .*/\1/p" | tail -n 1; }

# The runtime reads ICU for languages; without it no SDK starts.
icu_missing() { ! ldconfig -p | grep -q 'libicuuc\.so'; }

if [ -x "$home/dotnet" ]; then dotnet=$home/dotnet; else dotnet=$(command -v dotnet || true); fi
if [ "${1-}" = --check ]; then
	[ -n "$dotnet" ] && [ -n "$(version "$dotnet")" ] && exit 0
	echo ".NET SDK $wanted"
	exit 1
fi

as_root() { [ "$(id -u)" = 0 ] || { echo "dotnet.sh: $1 needs root. Run:" >&2; echo "    sudo $root/provisioning/dotnet.sh" >&2; exit 4; }; }

if icu_missing; then
	as_root "installing ICU"
	icu=$(apt-cache search --names-only '^libicu[0-9]+$' | awk '{ print $1 }' | sort -V | tail -n 1)
	echo "installing ${icu:-libicu}, which .NET needs"
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "${icu:?apt knows no libicu}" >/dev/null ||
		fail "apt-get could not install $icu; its own words are above"
fi

if [ -z "$dotnet" ] || [ -z "$(version "$dotnet")" ]; then
	as_root "installing the .NET SDK"
	echo "downloading the .NET SDK $wanted into $home"
	command -v curl >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends curl ca-certificates >/dev/null ||
		fail "apt-get could not install curl"
	script=$(mktemp)
	trap 'rm -f "$script"' EXIT
	curl --fail --silent --show-error --location --retry 2 --output "$script" https://dot.net/v1/dotnet-install.sh ||
		fail "Microsoft's install script could not be downloaded; install the .NET SDK $wanted by hand and run this again"
	bash "$script" --channel "$wanted" --install-dir "$home" --no-path >/dev/null || fail "Microsoft's install script failed; its words are above"
	dotnet=$home/dotnet
fi

if [ "$dotnet" = "$home/dotnet" ] && [ "$(readlink -f /usr/bin/dotnet || true)" != "$home/dotnet" ]; then
	as_root "linking /usr/bin/dotnet"
	ln -sfn "$home/dotnet" /usr/bin/dotnet
fi
found=$(version "$dotnet")
[ -n "$found" ] || fail "$dotnet has no SDK $wanted: $("$dotnet" --list-sdks 2>&1 | head -n 3)"
echo ".NET SDK $found is there"
