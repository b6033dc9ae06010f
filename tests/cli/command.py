# SPDX-License-Identifier: GPL-2.0-or-later
"""The suppack command as a person or a script runs it, on a recorded machine."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SUPPACK = os.environ["SUPPACK"]
PACKS = os.environ.get("PACKS", "")   # tests/factory/make-variants
MEDIA = os.environ.get("MEDIA", "")   # tests/factory/make-media
KEYS = os.environ.get("KEYS", "")     # tests/factory/make-keys
TIMEOUT = 120


def expected():
    """Rows of (variant, exit code) as the factory says them."""
    with open(os.path.join(PACKS, "expected")) as rows:
        return [(name, int(code)) for name, code in (row.split() for row in rows)]


class CommandTest(unittest.TestCase):
    """A test with a directory of its own, a recorded machine in it, and nothing of the
    outside in the environment."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="suppack-cli.")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.machine = os.path.join(self.dir, "machine")
        self.scratch = os.path.join(self.dir, "tmp")
        self.log = os.path.join(self.dir, "log")
        os.mkdir(self.scratch)
        subprocess.run([sys.executable, os.path.join(SOURCE, "tests/fixtures/make-machine"),
                        self.machine], check=True)
        self.env = {"PATH": "/usr/sbin:/usr/bin", "LC_ALL": "C.UTF-8", "HOME": self.dir,
                    "TMPDIR": self.scratch}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def arguments(self, *arguments):
        return [SUPPACK, "--sysroot", self.machine, "--log", self.log,
                "--spool", os.path.join(self.dir, "spool"),
                "--keys", os.path.join(KEYS, "trusted"), *arguments]

    def raw(self, *command):
        """Runs exactly this; nothing may be said by a sanitizer."""
        done = subprocess.run(command, env=self.env, cwd=self.dir, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=TIMEOUT)
        self.assertNotIn("Sanitizer", done.stderr)
        self.assertNotIn("runtime error", done.stderr)
        return done

    def run_it(self, *arguments):
        return self.raw(*self.arguments(*arguments))

    def json(self, *arguments):
        done = self.run_it("--json", *arguments)
        self.assertEqual(done.stderr, "")
        report = json.loads(done.stdout)
        self.assertEqual(report["exit"], done.returncode)
        return report

    def codes(self, report):
        return [finding["code"] for finding in report["findings"]]

    def assert_clean(self):
        """Nothing is left behind, here or in the usual places."""
        self.assertEqual(os.listdir(self.scratch), [])
        spool = os.path.join(self.dir, "spool")
        self.assertFalse(os.path.exists(spool) and os.listdir(spool))


def pack(name):
    return os.path.join(PACKS, name)


main = unittest.main
