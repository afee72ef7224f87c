#!/bin/sh
# Builds a Vagrant box for libvirt from Debian packages: no download but from the package archive, no loop device, no
# mount, no QEMU. The Vagrantfile calls it before `up` when HIL_BOX=local.
#
#   box.sh           builds the box if this recipe's is not there, and prints its path
#   box.sh --path    prints the path only
#   box.sh --force   builds it anew, for instance for newer packages
#
# HIL_CACHE         where boxes are kept, in boxes/           (default ~/.cache/hil)
# HIL_BOX_KERNEL    the box's kernel package                  (default linux-image-amd64)
# HIL_BOX_CA        folder whose *.crt files the box trusts   (default /usr/local/share/ca-certificates)
# HIL_DEBIAN_MIRROR, HIL_DEBIAN_SECURITY_MIRROR   as for hil  (default: those of this host's apt)
#
# Exit codes: 0 the box is there, 2 wrong usage, 4 it could not be built.
set -eu

suite=bookworm
disk_gib=24
here=$(cd "$(dirname "$0")" && pwd)
kernel=${HIL_BOX_KERNEL:-linux-image-amd64}
authorities=${HIL_BOX_CA:-/usr/local/share/ca-certificates}
boxes=${HIL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hil}/boxes

fail() {
	echo "box.sh: $*" >&2
	exit 4
}

# The recipe's hash is part of the name: another recipe is another box.
recipe=$({ cat "$0" "$here"/box/* && echo "$kernel"; } | sha256sum | cut -c1-12)
box=$boxes/$suite-$recipe.box

case ${1-} in
'') [ ! -f "$box" ] || { echo "$box"; exit 0; } ;;
--path) echo "$box"; exit 0 ;;
--force) ;;
-h | --help) sed -n '2,15s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "box.sh: unknown argument '$1'; see --help" >&2; exit 2 ;;
esac

for tool in mmdebstrap:mmdebstrap mke2fs:e2fsprogs sfdisk:fdisk grub-mkimage:grub-common qemu-img:qemu-utils ssh-keygen:openssh-client; do
	PATH=$PATH:/usr/sbin:/sbin command -v "${tool%:*}" >/dev/null || fail "no ${tool%:*}; install the Debian package ${tool#*:} (provisioning/vagrant/install.sh does)"
done
[ -d /usr/lib/grub/i386-pc ] || fail "no /usr/lib/grub/i386-pc; install the Debian package grub-pc-bin"
PATH=$PATH:/usr/sbin:/sbin

mkdir -p "$boxes"
exec 9>"$boxes/.lock"
flock 9
# Who waited for another build finds the box.
if [ "${1-}" != --force ] && [ -f "$box" ]; then
	echo "$box"
	exit 0
fi

work=$(mktemp -d "${TMPDIR:-/var/tmp}/hil-box-XXXXXX")
clean() {
	$as rm -rf "$work/root" 2>/dev/null || true
	rm -rf "$work"
}
# A user who is not root is root in a user namespace.
as=
[ "$(id -u)" = 0 ] || as="mmdebstrap --unshare-helper"
trap clean EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$work"

# Lines for sources.list: from this host's apt where it knows Debian, else mmdebstrap's own default.
sources() {
	archive=${HIL_DEBIAN_MIRROR-} security=${HIL_DEBIAN_SECURITY_MIRROR-}
	if [ -z "$archive" ] && command -v apt-get >/dev/null; then
		# shellcheck disable=SC2016 # apt-get's own variables
		targets=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null || true)
		archive=$(echo "$targets" | sed -n 's/^Debian|Debian|//p' | head -n 1)
		security=${security:-$(echo "$targets" | sed -n 's/^Debian|Debian-Security|//p' | head -n 1)}
	fi
	[ -n "$archive" ] || return 0
	archive=${archive%/}
	security=${security:-$archive-security}
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -f "$keyring" ] && signed="[signed-by=$keyring] " || signed=
	echo "deb ${signed}$archive $suite main"
	echo "deb ${signed}$archive $suite-updates main"
	echo "deb ${signed}${security%/} $suite-security main"
}

say() { echo "box: $*" >&2; }

began=$(date +%s)
say "root file system of Debian $suite with $kernel"
sources >"$work/sources.list"
# A key of this box's own, in the box: nobody else has it.
ssh-keygen -q -t ed25519 -N '' -C hil-box -f "$work/key"
set -- --variant=minbase --include="$(sed 's/#.*//' "$here/box/packages" | xargs | tr ' ' ','),$kernel" \
	--aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Languages "none"' \
	--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
	--extract-hook="\"$here/box/before-packages\" \"\$1\"" \
	--customize-hook="\"$here/box/after-packages\" \"\$1\" \"$work/key.pub\" \"$authorities\"" \
	"$suite" "$work/root"
[ ! -s "$work/sources.list" ] || set -- "$@" "$work/sources.list"
mmdebstrap --quiet "$@" >&2 || fail "mmdebstrap could not make the root file system; its own words are above"

say "disk of $disk_gib GiB"
disk=$work/disk.raw
truncate -s "${disk_gib}G" "$disk"
echo '2048,,L,*' | sfdisk --quiet --no-reread --no-tell-kernel "$disk" >&2
$as mke2fs -q -F -t ext4 -L root -m 1 -d "$work/root" -E offset=1048576,lazy_itable_init=1 "$disk" "$((disk_gib * 1024 - 1))M" >&2 ||
	fail "mke2fs could not fill the disk"
# What grub-install would do, without a device: the loader's first 440 bytes, and its core behind the partition table.
grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' -c "$here/box/grub.cfg" -o "$work/core.img" biosdisk part_msdos ext2 linux normal echo
[ "$(stat -c %s "$work/core.img")" -lt $((2047 * 512)) ] || fail "grub's core does not fit before the partition"
dd if=/usr/lib/grub/i386-pc/boot.img of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none

say "compressing"
qemu-img convert -c -f raw -O qcow2 "$disk" "$work/box.img"
printf '{"provider":"libvirt","format":"qcow2","virtual_size":%d}\n' "$disk_gib" >"$work/metadata.json"
cp "$here/box/Vagrantfile" "$work/"
chmod 600 "$work/key"
tar -C "$work" -cf "$box.new" metadata.json Vagrantfile key box.img
mv "$box.new" "$box"
say "$(($(stat -c %s "$box") / 1000000)) MB, built in $(($(date +%s) - began)) s"
echo "$box"
