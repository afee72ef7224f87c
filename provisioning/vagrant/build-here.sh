#!/bin/sh
# Builds `hil` and the agent on this host and puts the agent where the Vagrantfile takes it from. For a machine under an
# emulator, where compiling takes very long. The Vagrantfile calls it before `up` when HIL_BUILD=host.
#
# HIL_CACHE   the cache; the agent is copied to carried/ in it   (default ~/.cache/hil)
#
# Exit codes: those of `hil`; 4 when the agent is not where hil says.
set -eu
cd "$(dirname "$0")/../.."
carried=${HIL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hil}/carried
said=$(./hil kernels fetch bookworm --images)
agent=$(echo "$said" | sed -n 's/^bookworm: the image is here, with the agent of //p')
if ! [ -d "$agent" ]; then
	echo "build-here.sh: hil named no folder of an agent; it said: $said" >&2
	exit 4
fi
mkdir -p "$carried"
for old in "$carried"/*/; do [ "$old" = "$carried/*/" ] || rm -rf "$old"; done
cp -a "$agent" "$carried/"
echo "$carried/$(basename "$agent")"
