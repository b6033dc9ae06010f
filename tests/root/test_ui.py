# SPDX-License-Identifier: GPL-2.0-or-later
"""`suppack ui packs`, from the first screen to the last, on a terminal, with the real engine
and a real host. What is seen is compared with golden/; --update writes it."""
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

import host
import terminal

tempfile.tempdir = "/tmp"  # paths are on the screens, and windows as wide as they
GOLDEN = pathlib.Path(__file__).parent / "golden"
UPDATE = "--update" in sys.argv


class Packs(host.HostTest):
    maxDiff = None

    def medium(self, *names):
        """Several packs on one medium."""
        path = os.path.join(self.dir, "medium")
        os.makedirs(path, exist_ok=True)
        for name in names:
            shutil.copytree(host.pack(name), os.path.join(path, name))
        return path

    def start(self, *arguments):
        player = terminal.Terminal(self.arguments("ui", "packs", *arguments))
        self.addCleanup(player.close)
        return player

    def see(self, player, name, *texts):
        player.see(*texts)
        text = re.sub(r"/tmp/suppack-cli\.\w{8}", "/tmp/suppack-cli.XXXXXXXX", player.text()) + "\n"
        text = re.sub(r"\d(?=\d* KiB)", "#", text)  # RPMs differ by a few bytes from build to build
        path = GOLDEN / f"{name}.txt"
        if UPDATE:
            GOLDEN.mkdir(exist_ok=True)
            path.write_text(text)
        self.assertEqual(text, path.read_text(), f"golden/{name}.txt")

    def type_location(self, player, path):
        player.see("Supplemental Packs", "Where are they?")
        player.press("End", "F12")
        player.see("Type where the packs are")
        player.press(path, "F12")

    def trust(self, player, *titles):
        for title in titles:
            player.see("Not Trusted", title)
            player.press("Tab", "Enter")

    def test_all_the_way(self):
        medium = self.medium("eula", "library", "user", "wrong-product")
        player = self.start()
        self.see(player, "ui-source", "Supplemental Packs", "Where are they?")
        self.type_location(player, medium)
        self.see(player, "ui-packs", "Supplemental Packs Found")
        player.press("F12")
        self.trust(player, "eula", "library", "user")
        self.see(player, "ui-confirm", "Install These Packs?")
        player.press("F12")
        self.see(player, "ui-licence", "Licence Agreement")
        player.press("F12")
        self.see(player, "ui-installed", "Packs Installed")
        player.press("F12")
        self.assertEqual(player.end(), 0)
        self.assert_has(("eula", "1.0"), ("library", "1.0"), ("user", "1.0"))

    def test_back_loses_nothing(self):
        """From the packs back to where they are: what was typed is still there."""
        medium = self.medium("library")
        player = self.start()
        self.type_location(player, medium)
        player.see("Supplemental Packs Found")
        player.press("Esc")
        player.see("Where are they?")
        player.press("F12")
        player.see("Type where the packs are", medium)
        player.press("F12")
        player.see("Supplemental Packs Found")
        player.press("Esc")
        player.see("Where are they?")
        player.press("Esc")
        self.assertEqual(player.end(), 18)
        self.assert_has()

    def test_licence_declined(self):
        medium = self.medium("eula")
        player = self.start()
        self.type_location(player, medium)
        player.see("Supplemental Packs Found")
        player.press("F12")
        self.trust(player, "eula")
        player.see("Install These Packs?")
        player.press("F12")
        player.see("Licence Agreement")
        player.press("Esc")
        player.see("Packs Not All Installed")
        player.press("F12")
        self.assertEqual(player.end(), 18)
        self.assert_has()

    def test_nothing_found(self):
        player = self.start()
        player.see("Where are they?")
        player.press("F12")
        player.see("Pack Not Installed", "could not be reached")
        player.press("Esc")
        player.see("Where are they?")
        player.press("Esc")
        player.end()
        self.assert_has()


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--update"])
