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
from cuts import DRIVER_1, DRIVER_2, FILES_1

OURS = ("var/lib/suppack", "etc/xensource/.suppack-staged", "etc/dracut.conf.d/suppack-later.conf",
        "etc/dracut.conf.d/.suppack-later.conf.new", "etc/xensource/bugtool", "boot/initrd")
# What scripts made is no file of a package; and librpm's own copy of a script.
SCRIPTS = ("var/lib/rpm-state", "var/tmp/rpm-tmp.")


class Faults(cuts.Everywhere):
    ignored = SCRIPTS
    expected_code = 0  # of a run that does not fail
    untouched = None  # what a run comes back to, where it does not begin there

    def try_at(self, there, point):
        there.take(self.template)
        done = there.raw_cut(self.arguments, "--kind", self.kind, *self.fault(point))
        if done.returncode == cuts.NEVER:
            return
        report = json.loads(done.stdout)
        self.assertEqual(report["exit"], done.returncode)
        self.assertTrue(report["findings"] or not report["exit"])
        if self.is_half(there, report):
            return
        if self.untouched and report["exit"] and there.contents() == self.begun:
            return
        self.judge(there, report)
        if "initrd-lacks-module" in done.stdout:
            return  # a broken disk may look like that; it is said
        if self.is_new(there, done.returncode):
            self.assert_finished(there)

    def is_half(self, there, report):
        """An update that can be neither finished nor undone stays as far as it went, and is on
        record as that."""
        codes = [finding["code"] for finding in report["findings"]]
        half = [record for record in there.records().values() if record["incomplete"]]
        return report["exit"] != 0 and "left-behind" in codes and half

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

    def calls(self, there, kind):
        """Number, name and path of each that counts."""
        there.take(self.template)
        rows = enumerate(there.calls(self.arguments, "--kind", kind), 1)
        return [(number, call, path) for number, (process, call, path) in rows
                if not path.endswith(cuts.SHARED_MEMORY) and self.is_ours(process.split(":")[1])]

    def points(self, there):
        """Where to fail: a run that does not fail says. The same call on the same file fails
        the same, and what a full disk fails need not be broken too; EVERY=1 has all."""
        calls = self.calls(there, self.kind)
        if cuts.EVERY:
            return [number for number, _, _ in calls]
        seen = {row[1:] for row in self.calls(there, "space")} if self.kind == "write" else set()
        return [row[0] for row in calls if not (row[1:] in seen or seen.add(row[1:]))]

    def fail_at_each(self, template, arguments, before, after):
        there = self.begin(template, arguments, before, after)
        self.begun = there.contents()
        if self.untouched:
            self.outcomes[0] = before, self.untouched
        points = self.points(there)
        there.take(template)
        there.assertEqual(there.raw(*there.arguments(*arguments)).returncode, self.expected_code)
        self.finish_uncut(there)
        if cuts.ONLY:
            points = [point for point in points if cuts.ONLY[0] <= point <= cuts.ONLY[1]]
        self.everywhere(points)

    # ---- what fails -------------------------------------------------------------------

    def full(self, *how):
        self.kind = "space"
        self.fault = lambda point: ("--fail", "ENOSPC", str(point), "--on")
        self.fail_at_each(*how)

    def write(self, *how):
        self.fault = lambda point: ("--fail", "EIO", str(point))
        self.fail_at_each(*how)

    def read(self, *how):
        self.kind = "read"
        self.fault = lambda point: ("--fail", "EIO", str(point))
        self.fail_at_each(*how)

    # ---- and what is done -------------------------------------------------------------

    def driver(self):
        return host.pack("target"), self.install("driver-1"), (), DRIVER_1

    def update(self):
        return self.with_driver(), self.install("driver-2"), DRIVER_1, DRIVER_2

    def removal(self):
        return self.with_driver(), ["--json", "remove", "driver"], DRIVER_1, ()

    def finish(self):
        """Of what another run had begun."""
        there = self.host()
        there.take(host.pack("target"))
        for path in ("lib/firmware", "lib/modules/4.19.0+1/updates"):  # rpm makes them, and leaves them
            os.makedirs(os.path.join(there.root, path))
        self.expected_code, self.untouched = 11, there.contents()
        return self.amid(there), ["--json", "remove", "nobody"], (), DRIVER_1

    def legacy(self):
        return host.pack("target"), self.install("files-1"), (), FILES_1

    def test_full(self):
        self.full(*self.driver())

    def test_write(self):
        self.write(*self.driver())

    def test_read(self):
        self.read(*self.driver())

    def test_update_read(self):
        self.read(*self.update())

    def test_remove_read(self):
        self.read(*self.removal())

    def test_finish_read(self):
        self.read(*self.finish())

    def test_legacy_full(self):
        self.full(*self.legacy())

    def test_legacy_write(self):
        self.write(*self.legacy())

    def test_legacy_read(self):
        self.read(*self.legacy())


if __name__ == "__main__":
    unittest.main()
