# SPDX-License-Identifier: GPL-2.0-or-later
"""`cmake --install` into an empty root: what lands where, and that copy at work."""
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "door"))
from test_door import Installer  # noqa: E402

PYTHON_DIR = "usr/lib64/suppack/python"


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="suppack-install.")
        cls.root = pathlib.Path(cls.folder.name, "root")
        subprocess.run(["cmake", "--install", os.environ["BUILD"], "--prefix", "/usr", "--strip"],
                       env={**os.environ, "DESTDIR": str(cls.root)}, check=True,
                       stdout=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_what_lands_where(self):
        found = {str(path.relative_to(self.root)): stat.S_IMODE(path.stat().st_mode)
                 for path in self.root.rglob("*") if path.is_file()}
        documents = [*(f"usr/share/doc/suppack/{path.relative_to(TOP / 'docs')}"
                       for path in (TOP / "docs").rglob("*.md")), "usr/share/doc/suppack/README.md",
                     "usr/share/man/man1/suppack.1", "usr/share/licenses/suppack/COPYING"]
        self.assertEqual(found, {
            "usr/sbin/suppack": 0o755, "usr/lib64/suppack/suppack.so": 0o644,
            "usr/lib64/suppack/fetch.so": 0o644,
            f"{PYTHON_DIR}/suppack_installer.py": 0o644, f"{PYTHON_DIR}/suppack.pth": 0o644,
            **{name: 0o644 for name in documents}})
        self.assertEqual(list((self.root / "etc").rglob("*")),
                         [self.root / "etc/pki", self.root / "etc/pki/rpm-gpg"])

    def test_stripped(self):
        for name in ("usr/sbin/suppack", "usr/lib64/suppack/suppack.so",
                     "usr/lib64/suppack/fetch.so"):
            said = subprocess.run(["file", "-b", self.root / name], check=True,
                                  capture_output=True, text=True).stdout
            self.assertIn(", stripped", said)

    def test_the_door_looks_beside_itself(self):
        """What it names by itself is what was installed, wherever the prefix is."""
        other = pathlib.Path(self.folder.name, "other")
        subprocess.run(["cmake", "--install", os.environ["BUILD"], "--prefix", "/opt/suppack"],
                       env={**os.environ, "DESTDIR": str(other)}, check=True,
                       stdout=subprocess.DEVNULL)
        for root, prefix in ((self.root, "usr"), (other, "opt/suppack")):
            with self.subTest(prefix):
                door = root / prefix / "lib64/suppack/python"
                named = subprocess.run(
                    ["/usr/bin/python3", "-B", "-c",
                     "import suppack_installer as at; print(at.LIBRARY, *at.ENGINE)"],
                    cwd=door, env={}, check=True, capture_output=True, text=True).stdout.split()
                self.assertEqual(named, [f"/{prefix}/lib64/suppack/suppack.so",
                                         f"/{prefix}/sbin/suppack"])
                for path in named:
                    self.assertTrue((root / path[1:]).is_file())

    def test_servers_are_spoken_with_by_a_module(self):
        """It is found beside the program, wherever that lies, and is not needed by who
        fetches nothing."""
        root = pathlib.Path(self.folder.name, "moved")
        shutil.copytree(self.root, root)
        engine = root / "usr/sbin/suppack"
        linked = subprocess.run(["ldd", engine], check=True, capture_output=True, text=True).stdout
        self.assertNotIn("libcurl", linked)

        def inspect(location):
            return subprocess.run([engine, "--sysroot", self.folder.name, "inspect", location],
                                  env={"http_proxy": "", "no_proxy": "*", "LD_LIBRARY_PATH": "/nonexistent"},
                                  capture_output=True, text=True, check=False)
        asked = inspect("http://127.0.0.1:1/pack")
        self.assertEqual(asked.returncode, 10)
        self.assertIn("Couldn't connect to server", asked.stdout + asked.stderr)
        (root / "usr/lib64/suppack/fetch.so").unlink()
        asked = inspect("http://127.0.0.1:1/pack")
        self.assertEqual(asked.returncode, 10)
        self.assertIn("servers cannot be spoken with here", asked.stdout + asked.stderr)
        self.assertEqual(inspect(str(root / "usr")).returncode, 11)

    def test_at_work(self):
        """F9 in the installer, with nothing but the installed copies."""
        machine = os.path.join(self.folder.name, "machine")
        subprocess.run([HERE.parent / "fixtures" / "make-machine", "--kernel", "4.19.0+1", machine],
                       check=True, stdout=subprocess.DEVNULL)
        installer = Installer(
            {"root": "/nonexistent"}, door=self.root / PYTHON_DIR,
            library=str(self.root / "usr/lib64/suppack/suppack.so"),
            engine=[str(self.root / "usr/sbin/suppack"), "--sysroot", machine, "--keys",
                    str(self.root / "etc/pki/rpm-gpg"), "--log", self.folder.name + "/log"])
        self.addCleanup(installer.close)
        installer.see("Stand-In Welcome")
        installer.press("F9")
        installer.see("Load Driver", "82574L")
        installer.press("Esc")
        installer.see("Stand-In Welcome")
        installer.press("Enter")
        installer.through()
        installer.see("Packs Not Installed")
        installer.press("F12")
        self.assertIsNone(installer.done()["failed"])


if __name__ == "__main__":
    unittest.main()
