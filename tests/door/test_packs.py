# SPDX-License-Identifier: GPL-2.0-or-later
"""The installer's loop of packs, through the door, into a real target: as root."""
import os
import pathlib
import shutil
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "root"))
sys.path.insert(0, str(HERE))
import host  # noqa: E402
from test_door import Installer  # noqa: E402


class Packs(host.HostTest):
    def engine(self):
        """Without --root: that is the installer's to say."""
        words = self.arguments()
        at = words.index("--root")
        return words[:at] + words[at + 2:]

    def installer(self, handed=(), **script):
        """@handed: packs that were loaded as drivers before."""
        spool = os.path.join(self.dir, "spool")
        os.makedirs(spool, 0o700)
        for name in handed:
            shutil.copytree(host.pack(name), os.path.join(spool, name))
        installer = Installer({"root": self.root, **script}, self.engine(),
                              handed=[os.path.join(spool, name) for name in handed])
        self.addCleanup(installer.close)
        installer.see("Stand-In Welcome")
        installer.press("Enter")
        return installer

    def test_what_was_kept_goes_in(self):
        """It is there, ticked, and asked about no more."""
        installer = self.installer()
        shutil.copytree(host.pack("driver-1"), os.path.join(self.dir, "spool", "driver-1"))
        installer.through()
        installer.see("[*]", "driver")
        installer.press("F12")
        installer.see("Install These Packs?")
        installer.press("F12")
        installer.see("Packs Installed")
        installer.press("F12")
        self.assertIsNone(installer.done()["failed"])
        self.assert_has(("driver", "1.0"))
        self.assert_settled()

    def test_handed_on(self):
        """Of every format, with the base installation and without a question; then others
        may follow."""
        installer = self.installer(["driver-1", "legacy", "large"])
        installer.through()
        installer.see("Any supplemental packs?")
        self.assert_has(("Test pack", "1.0"), ("driver", "1.0"), ("large", "1.0"))
        installer.press("Esc")
        result = installer.done()
        self.assertIsNone(result["failed"])
        self.assertEqual(result["together"], [])
        self.assertEqual(len(result["opened"]), 3)

    def test_handed_on_and_refused(self):
        """It ends no installation: it is shown with its reason, once, loop or no loop."""
        for script in ({}, {"loop": False}):
            with self.subTest(script):
                shutil.rmtree(os.path.join(self.dir, "spool"), ignore_errors=True)
                before = self.tree()
                installer = self.installer(["wrong-product"], **script)
                installer.through()
                installer.see("wrong-product 1.0", "is for product version 9.9.9")
                installer.press("Esc")
                self.assertIsNone(installer.done()["failed"])
                self.assertEqual(self.tree(), before)

    def test_none_is_a_good_answer(self):
        before = self.tree()
        installer = self.installer()
        installer.through()
        installer.see("Supplemental Packs")
        installer.press("Esc")
        self.assertIsNone(installer.done()["failed"])
        self.assertEqual(self.tree(), before)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit(77)
    unittest.main()
