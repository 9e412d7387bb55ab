#!/bin/sh
# Puts OpenZFS into a root file system, builds its module, then takes the compiler, headers and sources out again.
# Its mounts are its own: it runs under `unshare --mount`.
# usage: unshare --mount zfs.sh ROOT APT-RELEASE
set -eu
root=$1 release=$2

# dkms strips the module anyway: no debugging information is made for it (KCFLAGS), and none out of that (BTF, which is made
# wherever vmlinux lies beside the headers, also for each of the hundreds of programs that configure compiles).
rm -f "$root"/lib/modules/*/build/vmlinux
inside() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive KCFLAGS=-g0 \
    chroot "$root" "$@"
}
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --bind /dev "$root/dev"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
# No service starts in the chroot.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"

inside apt-get -qq update
inside apt-get -qq -y -t "$release" install zfs-dkms zfsutils-linux zfs-zed

kernel=$(ls "$root/lib/modules")
# Debian 13 keeps modules compressed: zfs.ko.xz.
ls "$root/lib/modules/$kernel/updates/dkms/zfs.ko"* > /dev/null || { echo "the ZFS module was not built for $kernel" >&2; exit 1; }
# Removing zfs-dkms removes the module with it, so the module is kept aside meanwhile. The event daemon, zfs-zed, asks for a
# package with the module: an empty one stands for it.
mv "$root/lib/modules/$kernel/updates/dkms" "$root/root/dkms-kept"
mkdir -p "$root/root/stand-in/DEBIAN"
cat > "$root/root/stand-in/DEBIAN/control" << 'END'
Package: tiercel-lab-zfs-modules
Version: 1
Architecture: all
Maintainer: the lab <lab@tiercel.invalid>
Provides: zfs-modules
Description: the ZFS module of this guest, built when its image was
END
inside dpkg-deb --build --root-owner-group /root/stand-in /root/stand-in.deb
inside dpkg --install /root/stand-in.deb
rm -r "$root/root/stand-in" "$root/root/stand-in.deb"
inside apt-get -qq -y purge zfs-dkms dkms linux-headers-cloud-amd64 'linux-kbuild-*' 'linux-headers-*'
inside apt-get -qq -y autoremove --purge
inside dpkg-query -W -f '${db:Status-Status}' zfs-zed | grep -qx installed
mkdir -p "$root/lib/modules/$kernel/updates"
mv "$root/root/dkms-kept" "$root/lib/modules/$kernel/updates/dkms"
inside depmod "$kernel"
inside dpkg-query -W -f '${Package} ${Version}\n' zfsutils-linux "linux-image-$kernel" > "$root/etc/tiercel-lab-versions"

inside zgenhostid -f

# A small initrd: the emulator offers only these.
printf '%s\n' virtio_pci virtio_blk virtio_scsi sd_mod ext4 > "$root/etc/initramfs-tools/modules"
sed -i 's/^MODULES=.*/MODULES=list/' "$root/etc/initramfs-tools/initramfs.conf"
inside update-initramfs -u -k all

rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/resolv.conf"
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/src/* "$root"/var/log/*.log
