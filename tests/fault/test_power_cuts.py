# SPDX-License-Identifier: GPL-2.0-or-later
"""The power goes at every system call that writes: before the first one, before the second
one, and so on to the last. One run stands still at each, and what is on the disk then is
kept; from each of these states the next run must find, or make, either no trace of what was
begun, or all of it. (Of what sqlite does by itself a part will do; EVERY=1 has all.)"""
import os
import shutil
import unittest

import cuts
import host
from cuts import DRIVER_1, DRIVER_2

DATABASE = "/var/lib/rpm/"
ONE_IN = 16  # of the database's own writes that follow one another


class PowerCuts(cuts.Everywhere):
    def try_at(self, there, point):
        _, state = point
        there.replace(state)
        there.assert_readable()
        self.assert_finished(there)

    def states(self, there):
        """What is on the disk at each call, once."""
        before, same, found = None, 0, []
        for number, (_, call, path) in enumerate(there.calls(self.arguments), 1):
            same = same + 1 if (call, path) == before else 0
            before = call, path
            if path.endswith(cuts.SHARED_MEMORY) or not self.is_worth(path, same):
                continue
            if self.is_new(there, None):
                found.append((number, there.snapshot("at-%d" % number)))
        return found

    def is_worth(self, path, same):
        return cuts.EVERY or not path.startswith(DATABASE) or same % ONE_IN == 0

    def cut(self, template, arguments, before, after):
        there = self.begin(template, arguments, before, after)
        states = self.states(there)
        self.finish_uncut(there)
        self.everywhere(states)

    def test_install(self):
        self.cut(host.pack("target"), self.install("driver-1"), (), DRIVER_1)

    def test_update(self):
        self.cut(self.with_driver(), self.install("driver-2"), DRIVER_1, DRIVER_2)

    def test_remove(self):
        self.cut(self.with_driver(), ["--json", "remove", "driver"], DRIVER_1, ())

    def test_legacy(self):
        """Files of old packs are placed by us, not by rpm."""
        self.cut(host.pack("target"), self.install("files-1"), (), cuts.FILES_1)

    def test_legacy_update(self):
        there = self.host()
        there.assertEqual(there.install("files-1")["exit"], 0)
        self.cut(there.keep("with-files"), self.install("files-2"), cuts.FILES_1, cuts.FILES_2)

    def test_legacy_remove(self):
        there = self.host()
        there.assertEqual(there.install("files-1")["exit"], 0)
        self.cut(there.keep("with-files"), ["--json", "remove", "files"], cuts.FILES_1, ())

    def test_finish(self):
        """The power comes back, and goes again while the next run finishes."""
        there = self.host()
        there.take(host.pack("target"))
        half = self.amid(there)
        self.expected_ends = {DRIVER_1}
        self.cut(half, ["--json", "remove", "nobody"], (), DRIVER_1)

    def test_undone(self):
        """What cannot be finished, since its copy is gone, is taken back."""
        there = self.begin(host.pack("target"), self.install("driver-1"), (), DRIVER_1)
        there.replace(self.amid(there))
        there.assertIn("driver-1.0-1.x86_64", there.packages())
        shutil.rmtree(os.path.join(there.root, "var/lib/suppack/packs"))
        report = there.json("remove", "nobody")
        there.assertEqual(report["exit"], 11)
        there.assertIn("was undone", " ".join(one["text"] for one in report["findings"]))
        there.assert_has()
        # Directories that rpm makes for files are nobody's, and stay.
        files = [{path: what for path, what in contents.items() if not what[0].startswith("0o4")}
                 for contents in (self.outcomes[0][1], there.contents())]
        there.assertEqual(*files)


if __name__ == "__main__":
    unittest.main()
