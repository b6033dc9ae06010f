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

    def installer(self):
        installer = Installer({"root": self.root}, self.engine())
        self.addCleanup(installer.close)
        installer.see("Stand-In Welcome")
        installer.press("Enter")
        installer.through()
        return installer

    def test_what_was_kept_goes_in(self):
        """As if F9 had loaded it: it is there, ticked, and asked about no more."""
        os.makedirs(os.path.join(self.dir, "spool"), 0o700)
        shutil.copytree(host.pack("driver-1"), os.path.join(self.dir, "spool", "driver-1"))
        installer = self.installer()
        installer.see("[*]", "driver")
        installer.press("F12")
        installer.see("Install These Packs?")
        installer.press("F12")
        installer.see("Packs Installed")
        installer.press("F12")
        self.assertIsNone(installer.done()["failed"])
        self.assert_has(("driver", "1.0"))
        self.assert_settled()

    def test_none_is_a_good_answer(self):
        before = self.tree()
        installer = self.installer()
        installer.see("Supplemental Packs")
        installer.press("Esc")
        self.assertIsNone(installer.done()["failed"])
        self.assertEqual(self.tree(), before)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit(77)
    unittest.main()
