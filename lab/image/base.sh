#!/bin/sh
# The root file system that all guests of one Debian release share: kernel, headers, systemd, SSH; no ZFS yet.
# usage: base.sh TARGET SUITE MIRROR BACKPORTS(yes|no)
set -eu
target=$1 suite=$2 mirror=$3 backports=$4

set -- "deb $mirror $suite main contrib non-free-firmware"
if [ "$backports" = yes ]; then
  set -- "$@" "deb $mirror $suite-backports main contrib non-free-firmware"
fi
packages=systemd,systemd-sysv,dbus,udev,kmod,iproute2,procps,openssh-server,openssh-client,dmsetup
packages=$packages,initramfs-tools,linux-image-cloud-amd64,linux-headers-cloud-amd64,dkms,zstd,libstdc++6,libatomic1

# Documentation, manuals and translations are never read in a guest.
mmdebstrap --mode=root --variant=minbase --format=directory --quiet \
  --aptopt='APT::Install-Recommends "false"' \
  --aptopt='Acquire::Languages "none"' \
  --aptopt='Acquire::Retries "3"' \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' \
  --include="$packages" \
  "$suite" "$target" "$@"
