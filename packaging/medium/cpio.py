# SPDX-License-Identifier: GPL-2.0-or-later
"""The installer's image: a cpio archive, packed or not, behind which another one may stand. The
kernel unpacks one after the other, so what is there is never touched: ours is put behind
it, packed in the same way."""
import bz2
import gzip
import hashlib
import lzma
import os
import stat
import zlib

from medium import Refused, run

MAGIC = (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"), \
    (b"070701", "none")
DECOMPRESSORS = {"gzip": lambda: zlib.decompressobj(31), "bzip2": bz2.BZ2Decompressor,
                 "xz": lzma.LZMADecompressor}
HEADER = 110


def packing(data):
    for magic, name in MAGIC:
        if data.startswith(magic):
            return name
    raise Refused("the installer's image is no cpio archive, packed by gzip, bzip2, xz or zstd or not")


def pack(data, how):
    """The same bytes for the same bytes, and nothing that a kernel does not unpack."""
    if how == "gzip":
        return gzip.compress(data, 9, mtime=0)
    if how == "bzip2":
        return bz2.compress(data, 9)
    if how == "xz":
        return lzma.compress(data, check=lzma.CHECK_CRC32, preset=6)
    if how == "zstd":
        return run("zstd", "-q", "-9", "--single-thread", "-c", input=data)
    return data


def unpack_one(data, how):
    """One packed archive and what stands behind it."""
    if how == "zstd":
        return run("zstd", "-q", "-d", "-c", input=data), b""
    decompressor = DECOMPRESSORS[how]()
    try:
        out = decompressor.decompress(data)
    except (zlib.error, OSError, lzma.LZMAError) as error:
        raise Refused("the installer's image is damaged: %s" % error)
    if not decompressor.eof:
        raise Refused("the installer's image is cut off")
    return out, decompressor.unused_data


# ---- reading ------------------------------------------------------------------------------

def padded(number):
    return (number + 3) & ~3


def entries_of(data):
    """(name, mode, content) of one archive, and where it ends."""
    at, found = 0, []
    while True:
        if data[at:at + 6] != b"070701":
            raise Refused("the installer's image is damaged: no cpio header at byte %d" % at)
        mode, size, name_size = (int(data[at + 6 + 8 * field:at + 14 + 8 * field], 16)
                                 for field in (1, 6, 11))
        name = data[at + HEADER:at + HEADER + name_size - 1].decode("utf-8", "surrogateescape")
        start = padded(at + HEADER + name_size)
        if start + size > len(data):
            raise Refused("the installer's image is cut off")
        at = padded(start + size)
        if name == "TRAILER!!!":
            return found, at
        found.append((os.path.normpath(name), mode, data[start:start + size]))


def digest(content):
    return hashlib.sha256(content).digest()


def read(data):
    """Every path of the image with its mode, of links the target, and its content's digest."""
    found = {}
    while data.lstrip(b"\0"):
        data = data.lstrip(b"\0")
        how = packing(data)
        if how != "none":
            archive, data = unpack_one(data, how)
            found.update(read(archive))
            continue
        entries, end = entries_of(data)
        for name, mode, content in entries:
            found[name] = (mode, content.decode() if stat.S_ISLNK(mode) else None,
                           digest(content))
        data = data[end:]
    return found


# ---- writing --------------------------------------------------------------------------------

def resolved(image, path):
    """The path in the image that @path names there: /usr/sbin may be a link to bin."""
    parts, done = path.split("/"), ""
    for turn, part in enumerate(parts):
        done = os.path.join(done, part)
        target = image[done][1] if done in image else None
        if target is not None and turn < len(parts) - 1:
            done = os.path.normpath(os.path.join(os.path.dirname(done), target)).lstrip("/")
            if done.startswith(".."):
                raise Refused("'%s' in the installer's image leads out of it" % path)
            done = resolved(image, done + "/x")[:-2]
    return done


def not_there_yet(image, tree):
    """What of @tree the image does not have just so."""
    found = {}
    for path, (mode, content) in tree.items():
        there = image.get(resolved(image, path))
        if not there or there[0] != mode or there[2] != digest(content):
            found[path] = mode, content
    return found


def header(number, mode, links, epoch, size, name):
    fields = (number, mode, 0, 0, links, epoch, size, 0, 0, 0, 0, len(name) + 1, 0)
    text = b"070701" + b"".join(b"%08X" % field for field in fields) + name + b"\0"
    return text + b"\0" * (padded(len(text)) - len(text))


def archive(image, tree, epoch):
    """An archive of @tree, {path: (mode, content)}, sorted, all of it root's and of one time.
    Directories that the image has are left out, so that their modes stay."""
    wanted = {}
    for path, (mode, content) in tree.items():
        path = resolved(image, path)
        wanted[path] = mode, content
        while "/" in path:
            path = os.path.dirname(path)
            if path not in image:
                wanted.setdefault(path, (stat.S_IFDIR | 0o755, b""))
    out = []
    for number, (path, (mode, content)) in enumerate(sorted(wanted.items()), 1):
        name = path.encode("utf-8", "surrogateescape")
        out += [header(number, mode, 2 if stat.S_ISDIR(mode) else 1, epoch, len(content), name),
                content, b"\0" * (padded(len(content)) - len(content))]
    out.append(header(0, 0, 1, 0, 0, b"TRAILER!!!"))
    whole = b"".join(out)
    return whole + b"\0" * (-len(whole) % 512)


def with_archive(image_bytes, added):
    """The image with @added behind it; the kernel wants archives that are not packed to
    begin at a multiple of four."""
    how = packing(image_bytes.lstrip(b"\0"))
    gap = b"\0" * (-len(image_bytes) % 4) if how == "none" else b""
    return image_bytes + gap + pack(added, how), how
