#!/bin/sh
# A real V4L2 device on a machine that has none: Debian's kernel with the driver `vivid` in QEMU.
#
#     apt-get install qemu-system-x86 linux-image-amd64 busybox-static cpio kmod
#     sh tools/vivid_guest.sh                 1 to 4 minutes; prints one JSON object
#
# The guest sees this machine's files read-only and runs tools/vivid_guest.py on them. It is emulated: what it
# does counts, how long it takes does not.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$here/.venv/bin/python}
kernel=$(ls /boot/vmlinuz-* | sort -V | tail -1)
version=${kernel#/boot/vmlinuz-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/root/bin" "$work/root/lib/modules" "$work/root/proc" "$work/root/sys" "$work/root/dev" "$work/root/host"
cp "$(command -v busybox)" "$work/root/bin/busybox"
number=100
for module in virtio_pci 9pnet_virtio 9p vivid; do
    modprobe --set-version "$version" --show-depends "$module" | while read -r kind path rest; do
        [ "$kind" = insmod ] || continue
        name=$(basename "$path")
        ls "$work/root/lib/modules" | grep -q -- "-$name\$" && continue
        count=$(ls "$work/root/lib/modules" | wc -l)
        cp "$path" "$work/root/lib/modules/$((number + count))-$name"
    done
done

cat > "$work/root/init" <<END
#!/bin/busybox sh
/bin/busybox mkdir -p /sbin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for file in /lib/modules/*; do
    case \$file in
    *-vivid.ko*) insmod \$file node_types=0x1 num_inputs=1 ;;
    *) insmod \$file ;;
    esac
done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /host
for place in proc sys dev; do mount --bind /\$place /host/\$place; done
mount -t tmpfs tmp /host/tmp
export PYTHONDONTWRITEBYTECODE=1 HOME=/tmp PATH=/usr/local/bin:/usr/bin:/bin
chroot /host "$python" "$here/tools/vivid_guest.py"
echo "guest: exit \$?"
poweroff -f
END
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio --quiet -o -H newc | gzip -1 > "$work/initrd.gz")

qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 2048 -nographic -no-reboot -net none \
    -kernel "$kernel" -initrd "$work/initrd.gz" -append "console=ttyS0 quiet panic=-1 no_timer_check" \
    -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap
