# SPDX-License-Identifier: GPL-2.0-or-later
"""Packs for the installer's image, and an answerfile that names them."""
import bz2
import gzip
import lzma
import os
import re
import stat
import xml.etree.ElementTree as ElementTree

from medium import Refused, iso, run

# Where the installer's image has them.
PACKS, ANSWERFILE = "suppack", "etc/suppack-answerfile.xml"


def tree_of(directory, into="", why="", mode=None):
    """{path: (mode, content)} of the files and links below @directory."""
    found = {}
    for base, directories, names in os.walk(directory):
        for name in names + [at for at in directories if os.path.islink(os.path.join(base, at))]:
            path = os.path.join(base, name)
            info = os.lstat(path)
            inner = os.path.normpath(os.path.join(into, os.path.relpath(path, directory)))
            if stat.S_ISLNK(info.st_mode):
                found[inner] = stat.S_IFLNK | 0o777, os.readlink(path).encode()
            elif stat.S_ISREG(info.st_mode):
                with open(path, "rb") as data:
                    found[inner] = (stat.S_IFREG | (mode or (0o755 if info.st_mode & 0o100 else 0o644)),
                                    data.read())
            else:
                raise Refused("'%s'%s is neither a file nor a link" % (path, why))
    return found


def clean(name):
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def open_all(paths, work):
    """The packs, each with a name of its own: its label, and its file's name if two share it."""
    found = [Pack(path, work) for path in paths]
    labels = [pack.name for pack in found]
    for pack in found:
        if labels.count(pack.name) > 1:
            pack.name += "-" + pack.file_name
    names = [pack.name for pack in found]
    for name in names:
        if names.count(name) > 1:
            raise Refused("two packs are called '%s'" % name)
    return found


class Pack:
    def __init__(self, path, work):
        self.directory = path
        if not os.path.isdir(path):
            self.directory = os.path.join(work, "pack." + re.sub(r"\W", "_", path))
            iso.extract(path, "/", self.directory)
        if not any(self.has(name) for name in ("update.xml", "XS-REPOSITORY", "repodata/repomd.xml")):
            raise Refused("there is no pack in '%s'" % path)
        self.file_name = clean(re.sub(r"\.iso$", "", os.path.basename(os.path.normpath(path)), flags=re.I))
        self.name = clean(self.label() or self.file_name)

    def label(self):
        """Its name for itself, which a directory is called by."""
        for name, attribute in (("update.xml", "name-label"), ("XS-REPOSITORY", "name")):
            if self.has(name):
                try:
                    return ElementTree.fromstring(self.read(name)).get(attribute)
                except ElementTree.ParseError:
                    return None  # of old packs: plain text
        return None

    def has(self, name):
        return os.path.exists(os.path.join(self.directory, name))

    def read(self, name):
        with open(os.path.join(self.directory, name), "rb") as data:
            return data.read()

    def groups(self):
        """The texts of its group files, however they are packed."""
        try:
            root = ElementTree.fromstring(self.read("repodata/repomd.xml"))
        except (ElementTree.ParseError, OSError) as error:
            raise Refused("the repodata of pack '%s' cannot be read: %s" % (self.name, error))
        for place in root.iter("{http://linux.duke.edu/metadata/repo}data"):
            if place.get("type", "").startswith("group"):
                href = place.find("{http://linux.duke.edu/metadata/repo}location").get("href")
                data, open_it = self.read(href), {
                    ".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress,
                    ".zst": lambda data: run("zstd", "-dcq", input=data)}
                yield open_it.get(os.path.splitext(href)[1], bytes)(data)

    def is_driver_disk(self):
        if self.has("XS-PACKAGES"):
            return b'type="driver' in self.read("XS-PACKAGES")
        return any(re.search(rb"<id>\s*drivers\s*</id>", text) for text in self.groups())

    def element(self):
        kind = "driver-source" if self.is_driver_disk() else "source"
        return '<%s type="url">file:///%s/%s</%s>' % (kind, PACKS, self.name, kind)

    def tree(self):
        return tree_of(self.directory, "%s/%s" % (PACKS, self.name),
                       " of pack '%s'" % self.name, 0o644)


def answerfile(path, packs):
    """The answerfile with a source for each pack; what was in it stays byte for byte."""
    with open(path, encoding="utf-8") as data:
        text = data.read()
    try:
        root = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        raise Refused("the answerfile '%s' is not XML: %s" % (path, error))
    if root.tag not in ("installation", "upgrade"):
        raise Refused("the answerfile '%s' installs nothing: it is a <%s>" % (path, root.tag))
    end = text.rfind("</%s" % root.tag)
    if end < 0:
        raise Refused("the answerfile '%s' is empty" % path)
    return text[:end] + "".join("  %s\n" % pack.element() for pack in packs) + text[end:]
