# SPDX-License-Identifier: GPL-2.0-or-later
"""What a virtual host is equipped with: cards, and media made from the packs of prepare."""
import os
import re
import struct
import subprocess

MIB = 1 << 20

# Cards the scenarios name, as QEMU devices. A disk controller comes with a disk of 8 MiB.
CARDS = {
    "e1000e": ["e1000e,netdev=lan"],
    "vmxnet3": ["vmxnet3,netdev=lan"],
    "megasas": ["megasas,id=raid", "scsi-hd,bus=raid.0,drive=disk"],
    # The Linux driver takes a SAS disk without a name for no disk.
    "mptsas1068": ["mptsas1068,id=raid3",
                   "scsi-hd,bus=raid3.0,drive=disk3,wwn=0x5000c50015ea7267"],
    "pvscsi": ["pvscsi,id=raid2", "scsi-hd,bus=raid2.0,drive=disk2"],
    "virtio-net": ["virtio-net-pci,netdev=lan2"],
}


def device_options(devices):
    return [word for device in devices for word in ("-device", device)]


def card(name, work, reaches_us=False):
    """@reaches_us: over it our own loopback is reached, as 10.0.2.2."""
    options = device_options(CARDS[name])
    needs = re.search(r"(drive|netdev)=(\w+)", " ".join(options))
    if needs.group(1) == "drive":
        path = os.path.join(work, needs.group(2) + ".img")
        with open(path, "wb") as disk:
            disk.write(b"suppack test disk\n")
            disk.truncate(8 * MIB)
        return ["-drive", f"if=none,id={needs.group(2)},format=raw,file={path}", *options]
    restrict = "off" if reaches_us else "on"
    return ["-netdev", f"user,id={needs.group(2)},restrict={restrict}", *options]


def cdrom(image):
    """A drive, empty without an image.  The monitor changes media by the drive's id."""
    medium = f",readonly=on,format=raw,file={image}" if image else ""
    return ["-drive", "if=none,id=cdrom,media=cdrom" + medium,
            *device_options(["ide-cd,drive=cdrom,bus=ide.0"])]


def firmware(name):
    """What starts a machine that has no kernel given: it boots from the CD."""
    return {"bios": ["-boot", "d"],
            "uefi": ["-drive", "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE.fd"]}[name]


def disk(image):
    return ["-drive", f"if=none,id=second,readonly=on,format=raw,file={image}",
            *device_options(["virtio-blk-pci,drive=second"])]


def labelled(label, files, work):
    """A small disk as a person prepares it: the pack's files on an ext4 of that label."""
    path = os.path.join(work, "labelled.img")
    call("mke2fs", "-q", "-t", "ext4", "-L", label, "-d", files, path, "16M")
    return ["-drive", f"if=none,id=labelled,readonly=on,format=raw,file={path}",
            *device_options(["virtio-blk-pci,drive=labelled"])]


def all_packs(packs, work):
    """The disk of a server, with an ext4 of the label "packs"."""
    path = os.path.join(work, "packs.img")
    call("mke2fs", "-q", "-t", "ext4", "-L", "packs", "-d", packs, path, "96M")
    return ["-drive", f"if=none,id=packs,readonly=on,format=raw,file={path}",
            *device_options(["virtio-blk-pci,drive=packs"])]


def target(image):
    """What is written to it is forgotten with the machine."""
    return ["-drive", f"if=none,id=target,snapshot=on,format=raw,file={image}",
            *device_options(["virtio-blk-pci,drive=target"])]


def usb_controller():
    return device_options(["qemu-xhci,id=usb"])


def stick(image, work):
    """A USB stick with one vfat partition that holds the ISO image as a file."""
    path = vfat_stick(image, work)
    return [*usb_controller(), "-drive", f"if=none,id=stick,format=raw,file={path}",
            *device_options(["usb-storage,id=stick,bus=usb.0,drive=stick"])]


def vfat_stick(image, work):
    path = os.path.join(work, "stick.img")
    size = os.path.getsize(image) // MIB + 8
    with open(path, "wb") as stick_file:
        stick_file.truncate(size * MIB)
        stick_file.seek(446)
        stick_file.write(struct.pack("<B3sB3sII", 0, b"\0\0\0", 0x0C, b"\0\0\0",
                                     2048, (size - 1) * 2048))
        stick_file.seek(510)
        stick_file.write(b"\x55\xaa")
    call("mkfs.vfat", "--offset", "2048", "-n", "DRIVERS", path, str((size - 1) * 1024))
    call("mcopy", "-i", f"{path}@@1M", image, "::")
    return path


def second_initrd(image, path):
    """As a network boot has it: the pack's image in the directory that is looked into."""
    place = path + ".files"
    os.makedirs(os.path.join(place, "suppack"))
    os.link(image, os.path.join(place, "suppack", "pack.iso"))
    call("sh", "-c", f"cd {place} && find suppack | cpio --quiet -o -H newc >{path}")


def call(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"'{command[0]}' failed: {done.stdout}")
