#!/bin/sh
# Makes a root file system into a guest of the lab, and the guest into an image with its kernel beside it.
# usage: finish.sh ROOT HOST-NAME OUTPUT-FOLDER
set -eu
root=$1 name=$2 output=$3

echo "$name" > "$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" > "$root/etc/hosts"
cat > "$root/etc/fstab" << 'END'
/dev/vda / ext4 noatime 0 1
/dev/vdb /opt/lab-seed ext4 ro,nofail,x-systemd.device-timeout=15min 0 0
/dev/vdc /opt/lab-tools ext4 ro,nofail,x-systemd.device-timeout=15min 0 0
END
# A machine that is busy with other work may need minutes where a quiet one needs seconds.
mkdir -p "$root/etc/systemd/system.conf.d"
printf '[Manager]\nDefaultTimeoutStartSec=15min\n' > "$root/etc/systemd/system.conf.d/lab.conf"
mkdir -p "$root/opt/lab-seed" "$root/opt/lab-tools" "$root/opt/tiercel"

cat > "$root/etc/systemd/network/10-lab.network" << 'END'
[Match]
Name=en* eth*
[Network]
DHCP=ipv4
LinkLocalAddressing=no
END

# Keys and addresses of one lab come with its seed disk: the image itself is the same for everyone.
cat > "$root/etc/systemd/system/lab-seed.service" << 'END'
[Unit]
Description=Take over the keys of this lab
RequiresMountsFor=/opt/lab-seed
Before=ssh.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /opt/lab-seed/boot.sh
[Install]
WantedBy=multi-user.target
END

rm -f "$root"/etc/ssh/ssh_host_*
cat > "$root/etc/ssh/sshd_config.d/lab.conf" << 'END'
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AuthorizedKeysFile /etc/ssh/lab-keys/%u
UseDNS no
MaxStartups 50
MaxSessions 100
END
mkdir -p "$root/etc/ssh/lab-keys"

chroot "$root" systemctl --quiet enable systemd-networkd.service lab-seed.service ssh.service
# Nothing in a guest may use the processor by itself, or wait for a network beyond the lab.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer systemd-networkd-wait-online.service getty@tty1.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
: > "$root/etc/machine-id"

mkdir -p "$output"
cp "$root"/boot/vmlinuz-* "$output/vmlinuz"
cp "$root"/boot/initrd.img-* "$output/initrd"
cp "$root/etc/tiercel-lab-versions" "$output/versions"
rm -f "$root"/boot/initrd.img-* "$root"/boot/vmlinuz-* "$root"/boot/System.map-*
mke2fs -q -t ext4 -m 0 -L lab-root -d "$root" "$output/root.img" 3G
