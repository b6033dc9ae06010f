# SPDX-License-Identifier: GPL-2.0-or-later
"""`suppack ui` on a terminal of its own: the player of the screens' tests, with the real
engine behind them."""
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tui"))
from player import Player  # noqa: E402
from screen import Screen  # noqa: E402


class Remembering(Screen):
    """Also what was on it before."""
    heard = b""

    def feed(self, data):
        self.heard += data
        super().feed(data)


class Terminal(Player):
    def __init__(self, argv, scratch, size=(24, 80)):
        """@scratch  where temporary files go"""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="suppack-ui."))
        self.screen = Remembering(*size)
        self.report = self.folder / "report"
        keep = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "LSAN_OPTIONS")
                if name in os.environ}
        self.start(argv, size, {**keep, "TERM": "vt102", "LC_ALL": "C.UTF-8", "TZ": "UTC",
                                "TMPDIR": scratch})

    def end(self):
        """Waits until the process has ended; its exit code."""
        self.until(lambda: self.ended, "waiting for the end")
        self.reap()
        return os.waitstatus_to_exitcode(self.status)

    def end_clean(self, test, code):
        """It has ended with @code, and what was fetched is gone."""
        test.assertEqual(self.end(), code)
        test.assertEqual(os.listdir(test.scratch), [])
