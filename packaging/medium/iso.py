# SPDX-License-Identifier: GPL-2.0-or-later
"""ISO images by xorriso, and the FAT image for UEFI in them by mtools."""
import os
import re

from medium import Refused, run

SECTOR = 2048
PVD_MODIFIED = 16 * SECTOR + 830
# Where the product's media have them.
BIOS_LOADER, EFI_IMAGE = "boot/isolinux/isolinux.bin", "boot/efiboot.img"
HYBRID = "/usr/lib/ISOLINUX/isohdpfx.bin"


def xorriso(*words):
    return run("xorriso", "-abort_on", "FAILURE", *words).decode("utf-8", "replace")


def epoch_of(path):
    """When the image was made, in seconds: what is added to it bears that time."""
    with open(path, "rb") as image:
        image.seek(PVD_MODIFIED)
        text = image.read(14).decode("ascii", "replace")
    if not re.match(r"\d{14}$", text):
        raise Refused("'%s' is no ISO 9660 image" % path)
    return int(run("date", "-u", "-d", "%s-%s-%s %s:%s:%s" % (
        text[:4], text[4:6], text[6:8], text[8:10], text[10:12], text[12:14]), "+%s"))


def from_tree(tree, label, out):
    """An unpacked medium has lost its boot records: they are made anew, from its files."""
    words = []
    if os.path.exists(os.path.join(tree, BIOS_LOADER)):
        words += ["-c", "boot/isolinux/boot.cat", "-b", BIOS_LOADER, "-no-emul-boot",
                  "-boot-load-size", "4", "-boot-info-table"]
        if os.path.exists(HYBRID):
            words += ["-isohybrid-mbr", HYBRID]
    if os.path.exists(os.path.join(tree, EFI_IMAGE)):
        words += ["-eltorito-alt-boot", "-e", EFI_IMAGE, "-no-emul-boot"]
        if "-isohybrid-mbr" in words:
            words += ["-isohybrid-gpt-basdat"]
    if not words:
        raise Refused("'%s' has neither %s nor %s, so nothing would boot" % (
            tree, BIOS_LOADER, EFI_IMAGE))
    run("xorriso", "-as", "mkisofs", "-o", out, "-r", "-J", "-joliet-long", "-V", label, *words, tree)


def files(iso):
    """Where the bytes of every file are: {path: [(first byte, length)]}."""
    found = {}
    for line in xorriso("-indev", iso, "-find", "/", "-type", "f", "-exec", "report_lba", "--").split("\n"):
        row = re.match(r"File data lba:\s*\d+ ,\s*(\d+) ,\s*(\d+) ,\s*(\d+) , '(.*)'$", line)
        if row:
            start, blocks, size = (int(number) for number in row.groups()[:3])
            found.setdefault(row.group(4), []).append(
                (start * SECTOR, min(blocks * SECTOR, size)))
    return found


def extract(iso, path, out):
    xorriso("-osirrox", "on", "-indev", iso, "-extract", path, out)
    run("chmod", "-R", "u+w", out)


def boot_records(iso):
    """What a BIOS and UEFI start from, in words that do not name places on the disc."""
    said = xorriso("-indev", iso, "-report_el_torito", "plain", "-report_system_area", "plain")
    kinds = dict(re.findall(r"El Torito boot img :\s+(\d+)\s+(\S+)", said))
    paths = dict(re.findall(r"El Torito img path :\s+(\d+)\s+(\S+)", said))
    records = ["%s: %s" % (kinds[number], paths.get(number, "?")) for number in sorted(kinds)]
    area = re.search(r"System area summary:\s*(.*)", said)
    return records + (["system area: " + area.group(1)] if area else [])


def efi_image(iso):
    for record in boot_records(iso):
        if record.startswith("UEFI: "):
            return record[6:]
    return None


def write(iso, changed, out):
    """@iso with the files of @changed, {path in it: local path}, and the same boot records."""
    maps = [word for path, local in sorted(changed.items()) for word in ("-map", local, path)]
    xorriso("-indev", iso, "-outdev", out, "-boot_image", "any", "replay",
            "-overwrite", "on", *maps, "-commit")


def same_bytes(one, one_parts, other, other_parts):
    if sum(size for _, size in one_parts) != sum(size for _, size in other_parts):
        return False
    return all(a == b for a, b in zip(pieces(one, one_parts), pieces(other, other_parts)))


def pieces(path, parts, piece=1 << 20):
    with open(path, "rb") as image:
        for start, size in parts:
            image.seek(start)
            while size:
                data = image.read(min(piece, size))
                if not data:
                    return
                size -= len(data)
                yield data


# ---- the FAT image ---------------------------------------------------------------------------

def fat_files(image, name):
    said = run("mdir", "-b", "-/", "-i", image, "::").decode("utf-8", "replace")
    return [line.strip() for line in said.split("\n") if line.strip().lower().endswith("/" + name)]


def fat_read(image, path):
    return run("mtype", "-i", image, path).decode("utf-8")


def fat_write(image, path, text):
    run("mcopy", "-o", "-i", image, "-", path, input=text.encode())
