# SPDX-License-Identifier: GPL-2.0-or-later
"""The root of a host that is to be upgraded goes away while it is read: its disk fails at
some call and all after it, or somebody removes it. Whatever was read by then, nothing
passes for a host that loses nothing."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

import cuts

POINTS = int(os.environ.get("POINTS", "24"))  # of each kind; evenly spread
REPOS = "etc/xensource/installed-repos/acme:tools"


class OldRoot(cuts.Host):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.install("driver-1", "library")["exit"], 0)
        os.makedirs(os.path.join(self.root, REPOS))
        for name, text in (("XS-REPOSITORY", '<repository originator="acme" name="tools" product="XenServer" '
                            'version="1.2"><description>Acme tools</description></repository>'),
                           ("XS-PACKAGES", "<packages></packages>")):
            with open(os.path.join(self.root, REPOS, name), "w") as out:
                out.write(text)
        self.words = ["--json", "check-upgrade"]
        self.template = self.keep("as-it-was")
        self.trace = os.path.join(self.dir, "trace")

    def n_calls(self):
        done = self.raw_cut(self.words, "--kind", "read", "--trace", self.trace)
        report = json.loads(done.stdout)
        self.assertEqual((report["exit"], len(report["upgrade"]["packs"])), (19, 3), report["findings"])
        self.whole = report
        with open(self.trace) as lines:
            return sum(1 for _ in lines)

    def points(self):
        n = self.n_calls()
        step = max(1, n // POINTS)
        return range(1, n + 1, step)

    def judge(self, done, point):
        report = json.loads(done.stdout)
        self.assertEqual(report["exit"], done.returncode)
        codes = self.codes(report)
        self.assertNotIn("internal-error", codes)
        if report["exit"] == 10:
            self.assertIn("not-there", codes)
        else:
            self.assertEqual(report.get("upgrade"), self.whole["upgrade"], (point, report["findings"]))
        return report["exit"]

    def test_the_disk_fails(self):
        ends = {self.judge(self.raw_cut(self.words, "--kind", "read", "--fail", "EIO", str(point), "--on"),
                           point) for point in self.points()}
        self.assertIn(10, ends)

    def remove_at(self, point):
        """All stands still at that call; the tree is removed, and then it goes on."""
        ours, theirs = socket.socketpair()
        with ours, tempfile.TemporaryFile("w+") as said:
            command = [cuts.CUT, "--under", self.root, "--kind", "read", "--ask", str(theirs.fileno()),
                       "--", *self.arguments(*self.words)]
            with theirs:
                process = subprocess.Popen(command, env=self.env, cwd=self.dir, stdin=subprocess.DEVNULL,
                                           stdout=said, stderr=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
            for number, _ in enumerate(ours.makefile("r"), 1):
                if number == point:
                    shutil.rmtree(self.root)
                ours.send(b".")
            code = process.wait()
            said.seek(0)
            return subprocess.CompletedProcess(command, code, said.read())

    def test_somebody_removes_it(self):
        for point in self.points():
            self.judge(self.remove_at(point), point)
            self.take(self.template)


if __name__ == "__main__":
    sys.exit(unittest.main())
