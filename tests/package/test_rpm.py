# SPDX-License-Identifier: GPL-2.0-or-later
"""The RPM, built by rpmbuild, installed into an empty root, and that root's copy at work.
As root: rpm and chroot want it."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
MAKE = TOP / "packaging" / "make-rpm"
SITE = "/usr/lib/python3.9/site-packages"
DOOR = [f"{SITE}/suppack.pth", f"{SITE}/suppack_installer.py"]
FLAGS = ["/etc/xensource/features", "/etc/xensource/features/driver-disks",
         "/etc/xensource/features/supplemental-packs"]


def run(*command, **how):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **how)
    if done.returncode:
        raise AssertionError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class RpmTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="suppack-rpm.")
        cls.dir = pathlib.Path(cls.folder.name)
        run("cmake", "-S", TOP, "--preset", "release")
        cls.rpm = cls.make("whole")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def make(cls, name, *options):
        """What is needed for building has Debian's names here: --nodeps."""
        run(MAKE, "--built", TOP / "build/release", cls.dir / name, "--nodeps", "--define",
            f"installer_python_dir {SITE}", *options)
        rpm, = (cls.dir / name).glob("*.x86_64.rpm")
        return rpm

    def files(self, rpm):
        return run("rpm", "-qlp", rpm).splitlines()

    def test_what_is_in_it(self):
        files = self.files(self.rpm)
        for name in ("/usr/sbin/suppack", "/usr/lib64/suppack/suppack.so",
                     "/usr/lib64/suppack/fetch.so",
                     "/usr/share/man/man1/suppack.1", *DOOR, *FLAGS):
            self.assertIn(name, [file.removesuffix(".gz") for file in files])
        self.assertFalse([file for file in files if file.endswith((".h", ".a"))])
        owners = set(run("rpm", "-qp", "--qf", "[%{FILEUSERNAME}:%{FILEGROUPNAME}\n]", self.rpm).split())
        self.assertEqual(owners, {"root:root"})
        self.assertEqual(run("rpm", "-qp", "--qf", "%{LICENSE}", self.rpm), "GPL-2.0-or-later")

    def test_without_parts(self):
        files = self.files(self.make("bare", "--without", "door", "--without", "features"))
        self.assertIn("/usr/sbin/suppack", files)
        self.assertFalse(set(files) & {*DOOR, *FLAGS})
        self.assertFalse([file for file in files if "python" in file])

    def test_installed_and_at_work(self):
        root = self.dir / "root"
        root.mkdir()
        run("rpm", "--root", root, "--dbpath", "/var/lib/rpm", "-i", "--nodeps", self.rpm)
        self.assertEqual(run("rpm", "--root", root, "--dbpath", "/var/lib/rpm", "-V", "--nodeps",
                             "suppack"), "")
        print(run(TOP / "packaging/footprint", root))
        # What the image has already.
        for library in run(HERE.parent / "vm/libraries-of", root / "usr/sbin/suppack").split():
            run("install", "-D", "-m", "755", library, f"{root}{library}")
        for name in ("lib", "lib64"):
            (root / name).symlink_to(f"usr/{name}")
        for name in ("dev", "tmp", "run"):
            (root / name).mkdir()
        run(HERE.parent / "fixtures/make-machine", "--kernel", "4.19.0+1", root / "machine")
        self.assertIn("suppack 0.1.0", run("chroot", root, "/usr/sbin/suppack", "--version"))
        said = run("chroot", root, "/usr/sbin/suppack", "--sysroot", "/machine", "probe")
        self.assertIn("0000:04:00.0", said.split("\n\n")[0])

    def test_source_again(self):
        """The same tree gives the same source archive, of which it can be built elsewhere."""
        digests = set()
        for name in ("whole", "bare-again"):
            if name != "whole":
                self.make(name)
            source, = (self.dir / name).glob("*.src.rpm")
            out = self.dir / f"{name}.src"
            out.mkdir()
            run("sh", "-c", f"rpm2cpio {source} | cpio -id --quiet", cwd=out)
            digests.add(run("sha256sum", "-b", *out.glob("*.tar.gz")).split()[0])
        self.assertEqual(len(digests), 1)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit(77)
    unittest.main()
