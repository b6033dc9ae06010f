# SPDX-License-Identifier: GPL-2.0-or-later
"""The Python door in a stand-in for the installer (tests/door/installer), key by key."""
import ast
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tui"))
sys.path.insert(0, str(HERE.parent / "vm"))
from player import KEYS, Player  # noqa: E402
from screen import Screen  # noqa: E402

LIBRARY, SUPPACK = os.environ["LIBRARY"], os.environ["SUPPACK"]
DOOR = HERE.parent.parent / "installer-plugin" / "door"
# snack is a Debian package: only the system's own Python has it.
PYTHON = "/usr/bin/python3"
KEYS["F9"] = "\x1b[20~"


class Installer(Player):
    """install.py in a terminal, with the door in its site directory as it is installed."""

    def __init__(self, script, engine, library=LIBRARY, edit=None, door=DOOR, handed=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="suppack-door."))
        self.screen = Screen(24, 80)
        self.report = self.folder / "report"
        self.result, self.log = self.folder / "result", self.folder / "log"
        self.scratch = self.folder / "tmp"
        self.scratch.mkdir()
        shutil.copytree(HERE / "installer", self.folder / "installer")
        for name in ("suppack_installer.py", "suppack.pth"):
            shutil.copy(door / name, self.folder)
        for name, old, new in edit or ():
            path = self.folder / "installer" / name
            text = path.read_text()
            assert old in text
            path.write_text(text.replace(old, new))
        # As a .pth in site-packages does it, for a directory of our own.
        start = ("import site, sys, runpy, json; site.addsitedir(sys.argv.pop(1)); "
                 # As F9 leaves it when a driver works, which takes a kernel (tests/vm/f9.test).
                 "from suppack_installer import installation as i; i.handed = json.loads(sys.argv.pop(1)); "
                 "i.kept = [('filesystem', place) for place in i.handed]; "
                 "sys.path.insert(0, sys.argv[1]); sys.argv[0] = sys.argv.pop(1) + '/install.py'; "
                 "runpy.run_path(sys.argv[0], run_name='__main__')")
        self.start([PYTHON, "-B", "-c", start, str(self.folder),
                    json.dumps({place: pathlib.Path(place).name for place in handed}),
                    str(self.folder / "installer"), json.dumps(script)], (24, 80),
                   {"PATH": os.environ["PATH"], "TERM": "vt102", "LC_ALL": "C.UTF-8",
                    "TMPDIR": str(self.scratch), "STANDIN_LOG": str(self.log), "STANDIN_RESULT": str(self.result),
                    "SUPPACK_LIBRARY": library, "SUPPACK_ENGINE": " ".join(engine),
                    # Python itself leaks at its end.
                    "ASAN_OPTIONS": "detect_leaks=0", "LD_PRELOAD": os.environ.get("PRELOAD", "")})

    def through(self):
        """The steps that are no touch points."""
        for title in ("Stand-In Before", "Stand-In After"):
            self.see(title)
            self.press("Enter")

    def failed(self):
        """The installation ended with that sentence, and left nothing mounted."""
        self.see("Installation Failed")
        self.press("Enter")
        self.see("installer: done")
        self.finish_unseen()
        self.assert_clean()
        result = json.loads(self.result.read_text())
        assert not result["mounted"], result
        return result["failed"]

    def done(self):
        self.see("Stand-In Complete")
        self.press("Enter")
        self.see("installer: done")
        self.finish_unseen()
        self.assert_clean()
        return json.loads(self.result.read_text())

    def assert_clean(self):
        left = os.listdir(self.scratch)
        assert not left, left

    def lines(self):
        return self.log.read_text().splitlines()


class DoorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="suppack-door.")
        cls.machine = os.path.join(cls.folder.name, "machine")
        subprocess.run([HERE.parent / "fixtures" / "make-machine", "--kernel", "4.19.0+1",
                        cls.machine], check=True, stdout=subprocess.DEVNULL)
        cls.engine = [SUPPACK, "--sysroot", cls.machine, "--keys",
                      os.path.join(os.environ["KEYS"], "trusted"), "--log",
                      os.path.join(cls.folder.name, "log"), "--spool",
                      os.path.join(cls.folder.name, "kept")]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def installer(self, script=None, **how):
        how.setdefault("engine", self.engine)
        installer = Installer(script or {"root": "/nonexistent"}, **how)
        self.addCleanup(installer.close)
        return installer

    @staticmethod
    def pack(name):
        return os.path.join(os.environ["PACKS"], name)

    # ---- F9 ------------------------------------------------------------------------------

    def test_f9_and_back(self):
        installer = self.installer()
        installer.see("Stand-In Welcome")
        installer.press("F9")
        installer.see("Load Driver", "82574L")
        installer.press("Esc")
        installer.see("Stand-In Welcome")
        installer.press("Enter")
        installer.through()
        installer.see("Packs Not Installed", "/nonexistent")
        installer.press("F12")
        result = installer.done()
        self.assertEqual(result, {"failed": None, "extra-repos": [], "driver-repos": [], "opened": [],
                                  "together": [], "mounted": []})
        self.assertIn("suppack: 'drivers' ended with 18", installer.lines())

    # ---- its own way -------------------------------------------------------------------------

    def own_way(self, installer):
        installer.see("Stand-In Welcome")
        installer.press("F9")
        installer.see("Own Driver Screen")
        installer.press("Enter")
        installer.see("Stand-In Welcome")
        installer.press("Enter")
        installer.through()
        installer.see("Own Pack Screen")
        installer.press("Enter")
        self.assertIsNone(installer.done()["failed"])

    def test_no_library(self):
        installer = self.installer(library="/nonexistent/suppack.so")
        self.own_way(installer)
        self.assertIn("suppack: driver.doInteractiveLoadDriver stays the installer's own: "
                      "/nonexistent/suppack.so: cannot open shared object file: "
                      "No such file or directory", installer.lines())

    def test_no_engine(self):
        installer = self.installer(engine=["/nonexistent/suppack"])
        self.own_way(installer)
        self.assertIn("suppack: driver.doInteractiveLoadDriver stays the installer's own: "
                      "running '/nonexistent/suppack': No such file or directory",
                      installer.lines())

    def test_other_touch_points(self):
        """One has other parameters and one has another name: both stay; the rest do not."""
        installer = self.installer(edit=(
            ("driver.py", "(ui, answers)", "(ui, answers, more=None)"),
            ("tui/installer/__init__.py", "def more_media_sequence", "def more_sequence"),
            ("backend.py", "more_media_sequence", "more_sequence")))
        self.own_way(installer)
        self.assertIn("suppack: driver.doInteractiveLoadDriver stays the installer's own: "
                      "its parameters are ['ui', 'answers', 'more']", installer.lines())
        self.assertIn("suppack: tui.installer.more_media_sequence stays the installer's own: "
                      "it is not there", installer.lines())
        self.assertIn("suppack: backend.executeSequence is taken over", installer.lines())

    # ---- driver sources of an answerfile ---------------------------------------------------------

    def test_driver_sources(self):
        for name, failed in (
                ("good.iso", None),
                ("other-kernel.iso", "'test-test' is for kernel 4.19.0+2"),
                ("stranger.iso", "is not trusted"),
                ("nowhere.iso", "nowhere.iso'")):
            with self.subTest(name):
                installer = self.installer(
                    {"root": "/nonexistent", "driver-sources": [["filesystem", self.pack(name)]]})
                if not failed:
                    installer.see("Stand-In Welcome")
                    continue
                self.assertIn(failed, installer.failed())

    # ---- the module itself --------------------------------------------------------------------------

    def test_both_pythons(self):
        """typed_ast holds the parser of Python 2.7."""
        text = (DOOR / "suppack_installer.py").read_text()
        ast.parse(text)
        for source, code in ((text, 0), ("print(f'{1}')\n", 1), ("def f(*, a): pass\n", 1)):
            got = subprocess.run([PYTHON, "-c", "import sys; from typed_ast import ast27; "
                                  "ast27.parse(sys.stdin.read())"], input=source, text=True,
                                 stderr=subprocess.DEVNULL).returncode
            self.assertEqual(got, code)


if __name__ == "__main__":
    unittest.main()
