# SPDX-License-Identifier: GPL-2.0-or-later
"""The host's disk is full from some call on, or cannot be read or written at one: at
every one of them.  What is said must be true: done means all of it, anything else means
that the host is as before, or that whatever is not is named; and as soon as the disk is
well, the next run makes it one or the other."""
import json
import os
import unittest

import cuts
import host
from cuts import DRIVER_1

OURS = ("var/lib/suppack", "etc/xensource/.suppack-staged", "etc/dracut.conf.d/suppack-later.conf",
        "etc/dracut.conf.d/.suppack-later.conf.new", "etc/xensource/bugtool", "boot/initrd")
# What scripts made is no file of a package; and librpm's own copy of a script.
SCRIPTS = ("var/lib/rpm-state", "var/tmp/rpm-tmp.")


class Faults(cuts.Everywhere):
    ignored = SCRIPTS

    def try_at(self, there, point):
        done = there.raw_cut(self.arguments, "--kind", self.kind, *self.fault(point))
        if done.returncode == cuts.NEVER:
            return
        report = json.loads(done.stdout)
        self.assertEqual(report["exit"], done.returncode)
        self.assertNotEqual([], report["findings"])
        self.judge(there, report)
        if "initrd-lacks-module" in done.stdout:
            return  # a broken disk may look like that; it is said
        if self.is_new(there, done.returncode):
            self.assert_finished(there)

    def judge(self, there, report):
        codes = {finding["code"] for finding in report["findings"]}
        self.assertNotIn("internal-error", codes)
        packs = tuple(sorted(there.records()))
        wanted = dict(self.outcomes)[packs]
        differ = [path for path, what in there.contents().items() if wanted.get(path) != what]
        differ += [path for path in wanted if path not in there.contents()]
        # Our own tidying up may fail: the next run does it.
        differ = [path for path in differ
                  if not path.startswith(OURS) and not path.endswith("/.staged")]
        if report["exit"] == 0:
            self.assertEqual(packs, self.outcomes[-1][0])
            self.assertEqual(differ, [])
        texts = " ".join(finding["text"] for finding in report["findings"])
        if "run-unfinished" in codes:
            return
        left = "left-behind" in codes
        unnamed = [path for path in differ
                   if "/" + path not in texts
                   and not (left and self.is_of_named(there, path, texts))]
        self.assertEqual(unnamed, [], report["findings"])

    def is_of_named(self, there, path, texts):
        """Does it belong to a package that is named?  A directory may be of its files."""
        for nevra in there.packages():
            if "'%s'" % nevra in texts:
                files = there.rpm("-ql", nevra)[1].split()
                if any((file + "/").startswith("/" + path + "/") for file in files):
                    return True
        return False

    def is_ours(self, process):
        """What a shell makes of a script that it cannot read is not for us to judge."""
        return self.kind != "read" or process == "suppack"

    def choose(self, path, run):
        """The like of one call that follows it fails the like: the first and the last."""
        numbers = [row[0] for row in run]
        return numbers if cuts.EVERY else sorted({numbers[0], numbers[-1]})

    def test_full(self):
        self.kind = "space"
        self.fault = lambda point: ("--fail", "ENOSPC", str(point), "--on")
        self.everywhere(host.pack("target"), self.install("driver-1"), (), DRIVER_1)

    def test_write(self):
        self.fault = lambda point: ("--fail", "EIO", str(point))
        self.everywhere(host.pack("target"), self.install("driver-1"), (), DRIVER_1)

    def test_read(self):
        self.kind = "read"
        self.fault = lambda point: ("--fail", "EIO", str(point))
        self.everywhere(host.pack("target"), self.install("driver-1"), (), DRIVER_1)


if __name__ == "__main__":
    unittest.main()
