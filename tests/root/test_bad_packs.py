# SPDX-License-Identifier: GPL-2.0-or-later
"""Packs that are wrong or mean harm: each has its exit code and its sentence, and leaves
the host as it was, to the byte."""
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import unittest

import host

FACTORY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "factory")
ESCAPES, LONG = "\N{CONTROL SEQUENCE INTRODUCER}2J\N{RIGHT-TO-LEFT OVERRIDE}", "x" * 10000
LEAD, INTRO = 96, 16
SHA1, SHA256, MD5 = 269, 273, 1004  # tags of an RPM's signature header


def forge(path, old, new):
    """Puts another text of that length into an RPM's header, and the digests right again."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    entries, size = struct.unpack(">II", data[LEAD + 8:LEAD + INTRO])
    store = LEAD + INTRO + 16 * entries
    header = (store + size + 7) // 8 * 8
    more, length = struct.unpack(">II", data[header + 8:header + INTRO])
    end = header + INTRO + 16 * more + length
    assert old in data[header:end] and len(old) == len(new)
    data[header:end] = data[header:end].replace(old, new)
    digests = {SHA1: hashlib.sha1(data[header:end]).hexdigest().encode(),
               SHA256: hashlib.sha256(data[header:end]).hexdigest().encode(),
               MD5: hashlib.md5(data[header:]).digest()}
    for at in range(LEAD + INTRO, store, 16):
        tag, _, offset, _ = struct.unpack(">IIII", data[at:at + 16])
        if tag in digests:
            data[store + offset:store + offset + len(digests[tag])] = digests[tag]
    with open(path, "wb") as file:
        file.write(data)


class BadPacks(host.HostTest):
    def edited(self, name, path, pattern, text):
        """A copy of that pack, with a text in one of its files."""
        copy = os.path.join(self.dir, "edited")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(host.pack(name), copy)
        with open(os.path.join(copy, path)) as file:
            before = file.read()
        after = re.sub(pattern, lambda _: text, before, count=1)
        self.assertNotEqual(before, after)
        with open(os.path.join(copy, path), "w") as file:
            file.write(after)
        return copy

    def rpm_pack(self, *options, forged=None):
        """A legacy pack of one RPM, made by make-plain-rpm with these options."""
        made = os.path.join(self.dir, "made")
        shutil.rmtree(made, ignore_errors=True)
        subprocess.run([os.path.join(FACTORY, "make-plain-rpm"), "--out", made, "--name", "bad",
                        "--version", "1.0", *options], check=True, capture_output=True)
        rpm = os.path.join(made, "bad-1.0-1.noarch.rpm")
        if forged:
            forge(rpm, *forged)
        subprocess.run([sys.executable, os.path.join(FACTORY, "make-legacy-pack"), "--out", made + "/pack",
                        "--originator", "acme", "--name", "bad", "--version", "1.0", "--product", "XCP-ng",
                        "--package", "rpm:" + rpm], check=True, capture_output=True)
        return made + "/pack"

    def assert_refused(self, packs, code, finding, *words):
        before, database = self.tree(), self.packages()
        report = self.install(*packs)
        self.assertEqual(report["exit"], code, report["findings"])
        self.assertIn(finding, self.codes(report))
        text = " ".join(one["text"] for one in report["findings"])
        for word in words:
            self.assertIn(word, text)
        self.assertNotRegex(text, "[\x00-\x1f\x7f-\x9f\N{RIGHT-TO-LEFT OVERRIDE}]")
        self.assertLess(max(len(one["text"]) for one in report["findings"]), 2000)
        self.assertEqual(self.packages(), database)
        self.assert_untouched(before, but=("boot/initrd-4.19.0+1.img",))
        self.assert_has()

    def test_words_of_a_modern_pack(self):
        for attribute in ("uuid", "name-label", " version"):
            for text in ("../../etc/cron.d/x", "a/b", ESCAPES, LONG):
                with self.subTest(attribute=attribute, text=text[:20]):
                    pack = self.edited("library", "update.xml", '%s="[^"]*"' % attribute,
                                       '%s="%s"' % (attribute, text))
                    self.assert_refused([pack], 13, "damaged-metadata")

    def test_words_of_a_legacy_pack(self):
        for attribute in ("originator", "name", "version"):
            for text in ("../../etc/cron.d/x", ESCAPES, LONG):
                with self.subTest(attribute=attribute, text=text[:20]):
                    pack = self.edited("legacy", "XS-REPOSITORY", ' %s="[^"]*"' % attribute,
                                       ' %s="%s"' % (attribute, text))
                    self.assert_refused([pack], 13, "damaged-metadata")

    def test_file_names_of_a_legacy_pack(self):
        for text, finding in (("../legacy/old.rpm", "unsafe-path"), ("/etc/shadow", "unsafe-path"),
                              (ESCAPES + ".rpm", "missing-package"), (LONG, "unsafe-path"), (".", "unsafe-path")):
            with self.subTest(text=text[:20]):
                pack = self.edited("legacy", "XS-PACKAGES", ">[^<>]*rpm<", ">%s<" % text)
                self.assert_refused([pack], 13, finding)

    def test_digests_of_a_legacy_pack(self):
        for pattern, text in ((' md5="[^"]*"', ' md5="%s"' % ("0" * 32)), (' size="[^"]*"', ' size="7"')):
            with self.subTest(text=text):
                pack = self.edited("legacy", "XS-PACKAGES", pattern, text)
                self.assert_refused([pack], 13, "damaged-package", "old-files")

    def test_paths_of_packages(self):
        """What rpmbuild would not make: headers whose digests are right, and paths wrong."""
        option = ("--text", "/opt/aa/bb/file=1")
        for old, new, finding in ((b"/opt/aa/bb/", b"/opt/../../", "damaged-package"),
                                  (b"file\0", b"../x\0", "damaged-package"),
                                  (b"/opt/aa/bb/", b"/opt/a//bb/", "unsafe-path"),
                                  (b"/opt/aa/bb/", b"opt//aa/bb/", "unsafe-path"),
                                  (b"/opt/aa/bb/", b"/opt/a\x1b[2J/", "unsafe-path")):
            with self.subTest(new=new):
                self.assert_refused([self.rpm_pack(*option, forged=(old, new))], 13, finding)
        # A path that is none of the archive's: librpm finds out when it unpacks.
        self.assert_refused([self.rpm_pack(*option, forged=(b"file\0", b"a/bc\0"))], 20,
                            "transaction-failed")
        self.assertEqual(self.install(self.rpm_pack(*option))["exit"], 0)

    def test_device_nodes(self):
        regular = b"\x81\xa4"
        for mode in (b"\x21\xa4", b"\x61\xa4", b"\x11\xa4"):  # character, block, pipe
            with self.subTest(mode=mode):
                pack = self.rpm_pack("--text", "/opt/file=1", forged=(regular, mode))
                self.assert_refused([pack], 13, "brings-device-node", "opt/file")

    def test_two_versions_of_one_pack(self):
        """The newer one is there in the end, whichever comes first."""
        for packs, code in ((("driver-1", "driver-2"), 0), (("driver-2", "driver-1"), 14)):
            with self.subTest(packs=packs):
                report = self.install(*packs)
                self.assertEqual(report["exit"], code, report["findings"])
                self.assert_has(("driver", "2.0"))
                self.remove("driver")


if __name__ == "__main__":
    unittest.main()
