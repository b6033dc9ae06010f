# SPDX-License-Identifier: GPL-2.0-or-later
"""suppack.so in a process that is not ours: LIBRARY SUPPACK PACKS KEYS in the environment."""
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tui"))
sys.path.insert(0, str(HERE.parent / "vm"))
from player import Player  # noqa: E402
from screen import Screen  # noqa: E402

LIBRARY, SUPPACK = os.environ["LIBRARY"], os.environ["SUPPACK"]
GOOD = os.path.join(os.environ["PACKS"], "good.iso")
# snack is a Debian package: only the system's own Python has it.
PYTHON = "/usr/bin/python3"
CALLS = ["version", "screens"]


class Host(Player):
    """caller.py in a terminal."""

    def __init__(self, requests, *options):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="suppack-door."))
        self.screen = Screen(24, 80)
        self.result = self.folder / "result"
        self.report = self.folder / "report"
        environment = {name: os.environ[name] for name in ("PATH", "TZ")
                       if name in os.environ}
        # Python itself leaks at its end.
        environment |= {"TERM": "vt102", "LC_ALL": "C.UTF-8",
                        "ASAN_OPTIONS": "detect_leaks=0:quarantine_size_mb=0:thread_local_quarantine_size_kb=0",
                        "LD_PRELOAD": os.environ.get("PRELOAD", "")}
        self.start([PYTHON, str(HERE / "caller.py"), LIBRARY, str(self.result), *options,
                    *map(json.dumps, requests)], (24, 80), environment)

    def done(self):
        """Its answers, once the installer has gone on."""
        self.see("host: done")
        self.finish_unseen()
        return json.loads(self.result.read_text())


class LibraryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="suppack-door.")
        cls.machine = os.path.join(cls.folder.name, "machine")
        subprocess.run([HERE.parent / "fixtures" / "make-machine", "--kernel", "4.19.0+1",
                        cls.machine], check=True, stdout=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def screens(self, **more):
        return {"call": "screens", "flow": "drivers", "locations": [GOOD],
                "engine": [SUPPACK, "--sysroot", self.machine, "--keys",
                           os.path.join(os.environ["KEYS"], "trusted"), "--log",
                           os.path.join(self.folder.name, "log"), "--spool",
                           os.path.join(self.folder.name, "kept")], **more}

    def host(self, *requests, options=()):
        host = Host(requests, *options)
        self.addCleanup(host.close)
        return host

    def as_found(self, host):
        """The installer's screen is, and the installer goes on."""
        host.see("Goes on.", "The installer's help line", "Under")
        self.assertEqual(host.text().splitlines()[0].rstrip(), "The installer")
        host.press("Enter")
        result = host.done()
        self.assertEqual(result["changed"], {})
        return result

    # ---- on the installer's screen -------------------------------------------------

    def test_a_whole_flow(self):
        host = self.host(self.screens())
        host.see("Drivers Found", "82574L")
        host.press("F12")
        host.see("Load These Drivers?")
        host.press("F12")
        reply, = self.as_found(host)["replies"]
        self.assertEqual(reply["exit"], 0)
        self.assertIn("recorded-machine", [at["code"] for at in reply["report"]["findings"]])

    def test_again_and_again(self):
        host = self.host(self.screens(), self.screens())
        for _ in range(2):
            host.see("Drivers Found")
            host.press("Esc")
            host.see_not("Drivers Found")
        self.assertEqual([reply["exit"] for reply in self.as_found(host)["replies"]], [18, 18])

    def test_an_engine_that_is_killed(self):
        host = self.host(self.screens())
        host.see("Drivers Found")
        os.kill(self.engine_of(host), signal.SIGKILL)
        host.see("suppack Has Stopped")
        host.press("Enter")
        reply, = self.as_found(host)["replies"]
        self.assertEqual(reply, {"exit": 1, "report": None})

    def test_a_parser_that_crashes(self):
        """The worker dies of it; the engine says so, and the operator goes back."""
        request = self.screens()
        request["engine"][:0] = ["/usr/bin/env", "ASAN_OPTIONS=detect_leaks=0", "LD_PRELOAD=" + ":".join(
            filter(None, (os.environ.get("PRELOAD"), os.environ["CRASH"])))]
        host = self.host(request)
        host.see("Drivers Not Loaded", "the process crashed (signal 11)")
        host.press("Tab", "Enter")
        reply, = self.as_found(host)["replies"]
        self.assertEqual(reply["exit"], 13)
        self.assertIn("worker-died", [at["code"] for at in reply["report"]["findings"]])

    def test_an_engine_that_hangs(self):
        """It is not waited for longer than the operator likes."""
        host = self.host(self.screens())
        host.see("Drivers Found")
        engine = self.engine_of(host)
        self.addCleanup(os.kill, engine, signal.SIGKILL)
        os.kill(engine, signal.SIGSTOP)
        host.press("F12")
        host.see("Please Wait")
        host.press("Esc")
        host.see("Do Not Wait")
        host.press("Esc")
        reply, = self.as_found(host)["replies"]
        self.assertEqual(reply, {"exit": 18, "report": None})

    @staticmethod
    def engine_of(host):
        with open(f"/proc/{host.pid}/task/{host.pid}/children") as children:
            engine, = children.read().split()
        return int(engine)

    def test_an_installer_that_dies(self):
        """The engine hears it and ends, too."""
        host = self.host(self.screens())
        host.see("Drivers Found")
        # Held open, a process can be told from another that gets its number.
        watched = os.pidfd_open(self.engine_of(host))
        self.addCleanup(os.close, watched)
        host.kill(signal.SIGKILL)
        self.assertTrue(select.select([watched], [], [], 30)[0])

    # ---- refused in words -------------------------------------------------------------

    def test_refusals(self):
        gone = self.screens()
        gone["engine"][0] = "/nonexistent/suppack"
        no_engine = "'engine' must be a list that begins with the path of suppack"
        rows = (
            (gone, "running '/nonexistent/suppack': No such file or directory"),
            ({"call": "dance"}, "'dance' is no call of this version of suppack"),
            ({}, "'' is no call of this version of suppack"),
            ([], "a request is a JSON object"),
            ({"call": "screens", "engine": [SUPPACK]}, "'flow' is missing"),
            ({"call": "screens", "engine": SUPPACK, "flow": "drivers"}, no_engine),
            ({"call": "screens", "engine": ["suppack"], "flow": "drivers"}, no_engine),
            ({"call": "screens", "flow": "drivers"}, no_engine),
            (self.screens(locations=["x"] * 100),
             "'engine' and 'locations' have more than 64 parts"))
        replies = self.as_found(self.host(*(request for request, _ in rows)))["replies"]
        self.assertEqual(replies, [{"error": sentence} for _, sentence in rows])

    # ---- without a screen ------------------------------------------------------------------

    def test_alone(self):
        host = self.host(self.screens(own_screen=True, unknown=1), options=["--alone"])
        host.see("Drivers Found")
        host.press("Esc")
        result = host.done()
        self.assertEqual(result["replies"][0]["exit"], 18)
        self.assertEqual(result["changed"], {})

    def test_version(self):
        result = self.host({"call": "version"}, options=["--alone"]).done()
        self.assertEqual(result["replies"],
                         [{"suppack": "0.1.0", "protocol": 1, "calls": CALLS}])

    def test_a_thousand_calls(self):
        """What a call leaves would be seen a thousand times over."""
        gone = self.screens()
        gone["engine"][0] = "/nonexistent/suppack"
        for request, times in (({"call": "version"}, 1000), (gone, 1000)):
            with self.subTest(request["call"]):
                result = self.host(request, options=["--alone", "--times", str(times)]).done()
                self.assertEqual(result["changed"], {})
                half, whole = result["kib"]
                self.assertLess(whole - half, 32)


if __name__ == "__main__":
    unittest.main()
