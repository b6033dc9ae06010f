# SPDX-License-Identifier: GPL-2.0-or-later
"""The power goes at every system call that writes: all processes are killed before the
first one, before the second one, and so on to the last.  The next run must find, or make,
either no trace of what was begun, or all of it."""
import os
import unittest

import cuts
import host
from cuts import DRIVER_1, DRIVER_2


class PowerCuts(cuts.Everywhere):
    def try_at(self, there, point):
        done = there.cut(self.arguments, "--kill", str(point))
        self.assertIn(done, (cuts.KILLED, cuts.NEVER))
        there.assert_readable()
        if self.is_new(there, done):
            self.assert_finished(there)

    def test_install(self):
        self.everywhere(host.pack("target"), self.install("driver-1"), (), DRIVER_1)

    def test_update(self):
        self.everywhere(self.with_driver(), self.install("driver-2"), DRIVER_1, DRIVER_2)

    def test_remove(self):
        self.everywhere(self.with_driver(), ["--json", "remove", "driver"], DRIVER_1, ())

    def test_finish(self):
        """The power comes back, and goes again while the next run finishes."""
        there = self.host()
        there.take(host.pack("target"))
        self.assertEqual(there.cut(self.install("driver-1"), "--kill", self.amid(there)),
                         cuts.KILLED)
        half = there.keep("half")
        self.expected_ends = {DRIVER_1}
        self.everywhere(half, ["--json", "remove", "nobody"], (), DRIVER_1)

    def amid(self, there):
        """A point where a package is in the database, and its script was not run."""
        trace = os.path.join(there.dir, "trace")
        there.cut(self.install("driver-1"), "--trace", trace)
        there.take(host.pack("target"))
        with open(trace) as lines:
            calls = [line.rstrip("\n").split("\t") for line in lines]
        return str(1 + next(n for n, (_, _, path) in enumerate(calls) if "rpm-tmp." in path))


if __name__ == "__main__":
    unittest.main()
