# SPDX-License-Identifier: GPL-2.0-or-later
"""The installer with a target, an old host or an answerfile, through the door: as root."""
import os
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "root"))
sys.path.insert(0, str(HERE))
import host  # noqa: E402
from test_door import Installer  # noqa: E402

NIC = "0000:04:00.0"  # what driver-1 drives; without a driver
HEAD = '<?xml version="1.0"?>\n<installation%s>\n  <source type="local"/>\n'


class TargetTest(host.HostTest):
    def engine(self):
        """Without --root: that is the installer's to say."""
        words = self.arguments()
        at = words.index("--root")
        return words[:at] + words[at + 2:]

    def installer(self, script, **how):
        installer = Installer(script, self.engine(), **how)
        self.addCleanup(installer.close)
        return installer

    def old_host(self, *packs):
        """A host besides the target, with packs on record."""
        target, self.root = self.root, os.path.join(self.dir, "old")
        subprocess.run(["cp", "-a", host.pack("target"), self.root], check=True)
        if packs:
            self.assertEqual(self.install(*packs)["exit"], 0)
        old, self.root = self.root, target
        return old


class UpgradeReminder(TargetTest):
    def at_the_reminder(self, **how):
        installer = self.installer({"root": self.root, "old-root": self.old_host("driver-1")}, **how)
        installer.see("Stand-In Welcome")
        installer.press("Enter")
        installer.see("Stand-In Before")
        installer.press("Enter")
        return installer

    def end(self, installer):
        installer.see("Stand-In After")
        installer.press("Enter")
        installer.see("Supplemental Packs")
        installer.press("Esc")
        result = installer.done()
        self.assertIsNone(result["failed"])
        self.assertEqual(result["mounted"], [])
        return installer.lines()

    def test_back_and_forth(self):
        installer = self.at_the_reminder()
        installer.see("Packs of the Host to Be Upgraded", "LOST", NIC)
        installer.press("Esc")
        installer.see("Stand-In Before")
        installer.press("Enter")
        installer.see("Packs of the Host to Be Upgraded")
        installer.press("F12")  # Back is the safe one
        installer.see("Stand-In Before")
        installer.press("Enter")
        installer.see("Packs of the Host to Be Upgraded")
        installer.press("Tab", "Enter")
        installer.see("Lose These Drivers?")
        installer.press("Tab", "Enter")
        self.end(installer)

    def test_nothing_to_say(self):
        """No screen, forward and back."""
        installer = self.installer({"root": self.root, "old-root": self.old_host()})
        installer.see("Stand-In Welcome")
        installer.press("Enter")
        installer.see("Stand-In Before")
        installer.press("Enter")
        installer.see("Stand-In After")
        installer.press("Tab", "Enter")
        installer.see("Stand-In Before")
        installer.press("Enter")
        self.assertIn("suppack: 'upgrade' ended with 0", self.end(installer))

    def test_not_as_expected(self):
        """Other parameters, another name, an old host that cannot be looked at: its own."""
        screens, name = "tui/installer/screens.py", "tui.installer.screens.remind_driver_repos"
        for edits, why in (
                ([(screens, "remind_driver_repos(answers)", "remind_driver_repos(answers, again=0)")],
                 "its parameters are ['answers', 'again']"),
                ([(screens, "def remind_driver_repos", "def remind_of_drivers"),
                  ("tui/installer/__init__.py", "remind_driver_repos", "remind_of_drivers")],
                 "it is not there"),
                ([("product.py", "def mount_state", "def mount")],
                 "'OldHost' object has no attribute 'mount_state'")):
            with self.subTest(why):
                subprocess.run(["rm", "-rf", os.path.join(self.dir, "old")], check=True)
                installer = self.at_the_reminder(edit=edits)
                installer.see("Own Upgrade Screen")
                installer.press("Enter")
                self.assertIn(f"suppack: {name} stays the installer's own: {why}", self.end(installer))


class Unattended(TargetTest):
    def unattended(self, sources, mode="", old=None, body="  <primary-disk>sda</primary-disk>\n"):
        answers = os.path.join(self.dir, "answers.xml")
        with open(answers, "w") as out:
            out.write(HEAD % mode + sources + body + "</installation>\n")
        return self.installer({"root": self.root, "answerfile": answers, "old-root": old})

    @staticmethod
    def source(pack, attributes=""):
        return f'  <driver-source type="url" {attributes}>file://{host.pack(pack)}</driver-source>\n'

    def phases(self, installer):
        return [line for line in installer.lines() if line.startswith("installer: phase")]

    def test_into_the_target(self):
        """Loaded before disks are looked at, installed from the verified copies, on record;
        the installer itself opens none of it."""
        installer = self.unattended(self.source("driver-1", 'accept="unsigned"'))
        result = installer.done()
        self.assertEqual((result["failed"], result["opened"], result["extra-repos"]), (None, [], []))
        self.assert_has(("driver", "1.0"))
        lines = installer.lines()
        stages = [lines.index(line) for line in (
            "suppack: answerfile, stage 'drivers': ended with 0", "installer: phase 'Preparing'",
            "installer: phase 'Installing'", "suppack: answerfile, stage 'packs': ended with 0",
            "installer: phase 'Completing'")]
        self.assertEqual(stages, sorted(stages))

    def test_stopped(self):
        """With the reason, before anything is installed."""
        for sources, sentence in (
                (self.source("driver-1"), "is not trusted"),
                (self.source("driver-1", 'timeout="soon"'), "'timeout'"),
                (self.source("nowhere"), "nowhere"),
                (self.source("driver-1", 'accept="unsigned" expect-device="0000:99:00.0"'), "0000:99:00.0"),
                (self.source("driver-1", 'accept="unsigned"') + self.source("nowhere"), "nowhere")):
            with self.subTest(sentence):
                before = self.tree()
                installer = self.unattended(sources)
                self.assertIn(sentence, installer.failed())
                self.assertEqual(self.phases(installer), [])
                self.assertEqual(self.tree(), before)

    def test_not_required(self):
        installer = self.unattended(self.source("nowhere", 'required="no"'))
        self.assertIsNone(installer.done()["failed"])

    def test_a_source_that_is_required(self):
        """Of packs: known at the stage that installs them."""
        installer = self.unattended('  <source type="url" required="yes">file:///nowhere</source>\n')
        self.assertIn("/nowhere", installer.failed())
        self.assertEqual(self.phases(installer)[-1], "installer: phase 'Installing'")

    def test_upgrade(self):
        """What would be lost stops it while the old host is whole, unless that is wanted."""
        old = self.old_host("driver-1")
        installer = self.unattended("", ' mode="upgrade"', old)
        self.assertIn("stage 'upgrade' of the answerfile", installer.failed())
        self.assertEqual(self.phases(installer), [])
        installer = self.unattended("", ' mode="upgrade" pack-loss="go-on"', old)
        self.assertIsNone(installer.done()["failed"])


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit(77)
    unittest.main()
