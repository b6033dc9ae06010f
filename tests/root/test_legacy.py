# SPDX-License-Identifier: GPL-2.0-or-later
"""Packs of the releases before 7.1: files that are no RPMs, into a host and off it again."""
import os
import unittest

import host

MODULE = "lib/modules/4.19.0+1/extra/lone.ko"


class Legacy(host.HostTest):
    def read(self, path):
        with open(os.path.join(self.root, path), "rb") as file:
            return file.read()

    def there(self, path):
        return os.path.lexists(os.path.join(self.root, path))

    def test_in_and_out(self):
        before = self.tree()
        report = self.install("files-1")
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assert_has(("files", "1.0"))
        self.assertEqual(self.read("opt/acme/both"), b"one\n")
        self.assertEqual(self.read("opt/acme/hard"), b"one\n")
        self.assertEqual(os.readlink(os.path.join(self.root, "opt/acme/link")), "both")
        self.assertEqual(os.stat(os.path.join(self.root, "opt/acme/sub")).st_mode & 0o777, 0o751)
        self.assertEqual(self.read("lib/firmware/test.fw"), b"firmware\n")
        record = self.records()["files", "1.0"]
        self.assertEqual(record["installed_modules"], [MODULE])
        self.assertIn("opt/acme/sub/only-1", record["placed"])
        self.assertIn(MODULE, record["placed"])
        self.assertEqual(self.remove("files")["exit"], 0)
        self.assert_has()
        self.assert_untouched(before, but=(host.RECORDS, "boot/initrd-4.19.0+1.img"))

    def test_update(self):
        self.install("files-1")
        report = self.install("files-2")
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assert_has(("files", "2.0"))
        self.assertEqual(self.read("opt/acme/both"), b"two\n")
        self.assertTrue(self.there("opt/acme/only-2"))
        for gone in ("opt/acme/sub/only-1", "opt/acme/hard", "lib/firmware/test.fw", MODULE,
                     "opt/acme/.suppack-old.both"):
            self.assertFalse(self.there(gone), gone)
        self.assertEqual(self.install("files-1")["exit"], 14)
        self.assert_has(("files", "2.0"))

    def test_update_fails(self):
        self.install("files-1")
        before = self.tree()
        report = self.install("files-update-fails-3")
        self.assertEqual(report["exit"], 20, report["findings"])
        self.assert_untouched(before, but=("boot/initrd-4.19.0+1.img",))
        self.assert_has(("files", "1.0"))

    def test_text(self):
        report = self.install("files-text")
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(self.read("srv/acme/both"), b"two\n")
        self.assert_has(("files-text", "1.0"))

    def test_several_on_one_medium(self):
        report = self.install("files-several")
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assert_has(("files-several", "1.0"), ("files-b", "1.0"))

    def test_versions_of_others(self):
        for test in ("eq", "ne", "ge", "gt", "le", "lt"):
            with self.subTest(test=test):
                report = self.install("needs-not-" + test)
                self.assertEqual(report["exit"], 14, report["findings"])
                self.assertIn("requirement-missing", self.codes(report))
        self.assert_has()
        for test in ("eq", "ne", "ge", "gt", "le", "lt"):
            with self.subTest(met=test):
                self.assertEqual(self.install("needs-" + test)["exit"], 0)
                self.assert_has(("needs-" + test, "1.0"))
                self.assertEqual(self.remove("needs-" + test)["exit"], 0)

    def test_other_requirements(self):
        before = self.tree()
        for name, code, finding, words in (
                ("memory", 14, "requirement-missing", "9000 MiB of memory"),
                ("brand", 14, "requirement-missing", "for product 'Other'"),
                ("kernel", 15, "wrong-kernel", "2.6.18-1xen, and this host has 4.19.0+1"),
                ("arch", 15, "wrong-architecture", "is for i686, and this host is x86_64")):
            with self.subTest(requirement=name):
                report = self.install("needs-" + name)
                self.assertEqual(report["exit"], code, report["findings"])
                self.assertIn(finding, self.codes(report))
                self.assertIn(words, " ".join(one["text"] for one in report["findings"]))
        report = self.install("conflicts")
        self.assertEqual(report["exit"], 14, report["findings"])
        self.assert_untouched(before)

    def test_all_requirements_at_once(self):
        report = self.install("needs-several")
        texts = " ".join(finding["text"] for finding in report["findings"])
        for words in ("'Other'", "xs:main >= 9.0.0", "acme:nothing != 1", "2.6.18-1xen"):
            self.assertIn(words, texts)

    def test_refused_and_untouched(self):
        before = self.tree()
        for name, code, finding in (
                ("files-fail", 20, "scriptlet-failed"),
                ("files-climbs", 13, "unsafe-path"),
                ("files-md5", 13, "damaged-package"),
                ("files-size", 13, "damaged-package"),
                ("files-clash", 14, "conflict"),
                ("files-link", 13, "unsafe-path"),
                ("files-up", 13, "unsafe-path"),
                ("files-device", 13, "brings-device-node"),
                ("files-no-tar", 13, "damaged-package")):
            with self.subTest(pack=name):
                report = self.install(name)
                self.assertEqual(report["exit"], code, report["findings"])
                self.assertIn(finding, self.codes(report))
                self.assert_has()
                self.assert_untouched(before, but=("boot/initrd-4.19.0+1.img",))


if __name__ == "__main__":
    unittest.main()
