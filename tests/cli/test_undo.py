# SPDX-License-Identifier: GPL-2.0-or-later
"""Loading for real, in a root of its own laid over this system's (overlayfs), on a kernel
that takes no module: everything up to there is done, and then undone.  Needs root."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from command import KEYS, SOURCE, SUPPACK

SKIPPED = 77
FACTORY = os.path.join(SOURCE, "tests/factory")
UUID = "5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001"
# What may differ afterwards: the log, and what librpm and sqlite make of an empty database.
MAY_CHANGE = ("var/log/suppack.log", "var/lib/rpm", "root/.rpmdb", "run/suppack",
              "lib/modules", "usr/lib/modules")


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


def in_own_namespace():
    """Once more, where mounts are nobody else's."""
    if os.environ.get("SUPPACK_TEST_NAMESPACE"):
        return
    if os.geteuid() != 0:
        print("needs root")
        sys.exit(SKIPPED)
    os.environ["SUPPACK_TEST_NAMESPACE"] = "1"
    os.execvp("unshare", ["unshare", "--mount", sys.executable, "-B", *sys.argv])


class Undo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.release = os.uname().release
        cls.top = tempfile.mkdtemp(prefix="suppack-undo.")
        run("mount", "-t", "tmpfs", "tmpfs", cls.top)
        cls.machine = os.path.join(cls.top, "machine")
        run(sys.executable, os.path.join(SOURCE, "tests/fixtures/make-machine"), "--plain",
            "--kernel", cls.release, cls.machine)
        module = os.path.join(cls.top, "e1000e.ko")
        run(f"{FACTORY}/make-module", "--out", module, "--kernel", cls.release, "--version",
            "3.8.7", "--alias", "pci:v00008086d000010D3sv*sd*bc*sc*i*")
        cls.pack = os.path.join(cls.top, "pack")
        run(f"{FACTORY}/make-pack", "--out", cls.pack, "--label", "test-e1000e", "--uuid", UUID,
            "--version", "1.0", "--kernel", cls.release, "--module", module, "--keys", KEYS,
            "--sign", "good", stdout=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        run("umount", "-R", cls.top)
        os.rmdir(cls.top)

    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=self.top)
        self.upper, self.root = os.path.join(self.dir, "upper"), os.path.join(self.dir, "root")
        for name in ("upper", "work", "root"):
            os.mkdir(os.path.join(self.dir, name))
        self.mount("-t", "overlay", "overlay", "-o",
                   f"lowerdir=/,upperdir={self.upper},workdir={self.dir}/work", self.root)
        for name in ("proc", "dev", "run", "tmp"):
            self.mount("-t", "tmpfs" if name in ("run", "tmp") else name if name == "proc"
                       else "devtmpfs", name, os.path.join(self.root, name))
        self.mount("--bind", os.path.join(self.machine, "sys"), os.path.join(self.root, "sys"))
        self.inside = os.path.join(self.root, "tmp")
        shutil.copytree(self.pack, os.path.join(self.inside, "pack"))
        shutil.copytree(os.path.join(KEYS, "trusted"), os.path.join(self.inside, "keys"))
        shutil.copy(SUPPACK, os.path.join(self.inside, "suppack"))
        modules = os.path.join(self.root, "lib/modules", self.release)
        shutil.rmtree(modules, ignore_errors=True)
        shutil.copytree(os.path.join(self.machine, "lib/modules", self.release), modules)
        for name in ("dracut", "udevadm"):  # as the installer's image has it, or does without
            self.program(name, 0)
        self.before = self.changed()

    def program(self, name, status):
        path = os.path.join(self.root, "usr/bin", name)
        with open(path, "w") as script:
            script.write(f"#!/bin/sh\nexit {status}\n")
        os.chmod(path, 0o755)

    def mount(self, *arguments):
        run("mount", *arguments)
        self.addCleanup(run, "umount", "-R", arguments[-1])

    def changed(self):
        """Files that the root has and this system has not, or that differ."""
        return {os.path.relpath(os.path.join(top, name), self.upper)
                for top, _, names in os.walk(self.upper) for name in names}

    def start(self, *options):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                       "ASAN_OPTIONS": "detect_leaks=0"}
        return subprocess.Popen(
            ["chroot", self.root, "/tmp/suppack", "--keys", "/tmp/keys",
             *options, "load", "/tmp/pack"], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def assert_as_before(self):
        new = {path for path in self.changed() - self.before
               if not path.startswith(MAY_CHANGE)}
        self.assertEqual(new, set())
        modules = os.path.join(self.root, "lib/modules", self.release)
        left = [name for _, _, names in os.walk(modules) for name in names
                if name.endswith((".ko", ".ko.xz"))]
        self.assertEqual(left, [])
        packs = os.path.join(self.root, "run/suppack/packs")
        self.assertFalse(os.path.isdir(packs) and os.listdir(packs))
        listed = run("chroot", self.root, "rpm", "-qa", capture_output=True, text=True).stdout
        self.assertNotIn("e1000e", listed)
        self.assertEqual([name for name in os.listdir(self.inside)
                          if name not in ("keys", "pack", "suppack")], [])

    def test_a_kernel_that_takes_no_module(self):
        process = self.start()
        stdout, stderr = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 16, stdout + stderr)
        self.assertIn("Installing", stdout)
        self.assertIn("[load-", stderr)
        self.assertNotIn("left-behind", stdout + stderr)
        self.assert_as_before()

    def test_a_scriptlet_that_fails(self):
        self.program("udevadm", 1)
        process = self.start()
        stdout, stderr = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 20, stdout + stderr)
        self.assertIn("[scriptlet-failed]", stderr)
        self.assert_as_before()

    def test_interrupted_at_every_step(self):
        """Once for each word the flow says on its way."""
        for step in ("Looking for", "Copying", "Verifying the", "Installing", "Loading the"):
            with self.subTest(step=step):
                process = self.start()
                for line in process.stdout:
                    if line.startswith(f"-- {step}"):
                        break
                time.sleep(0.05)
                process.send_signal(signal.SIGTERM)
                stdout, stderr = process.communicate(timeout=300)
                self.assertIn(process.returncode, (18, 16), stdout + stderr)
                if step != "Loading the":
                    self.assertEqual(process.returncode, 18, stdout + stderr)
                self.assertNotIn("left-behind", stdout + stderr)
                self.assert_as_before()


if __name__ == "__main__":
    in_own_namespace()
    unittest.main()
