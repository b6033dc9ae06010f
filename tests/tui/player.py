# SPDX-License-Identifier: GPL-2.0-or-later
"""A terminal with the screens in it, and an operator's hands and eyes.

Nothing here sleeps to let something happen: it waits until the screen says what is
expected, and fails with the screen's text if that takes too long."""
import fcntl
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "vm"))
from screen import Screen  # noqa: E402

PATIENCE = float(os.environ.get("TUI_PATIENCE", "30"))
KEYS = {
    "Enter": "\r", "Tab": "\t", "Space": " ", "Esc": "\x1b", "F12": "\x1b[24~", "Up": "\x1bOA",
    "Down": "\x1bOB", "PageDown": "\x1b[6~", "End": "\x1b[4~", "Ctrl-C": "\x03", "Backspace": "\x7f",
    "Ctrl-Z": "\x1a",
}


class Player:
    """`script` is a list of ("send", object), ("expect", object), ("await", name),
    ("flood", object), ("die",) and ("hang",); the hellos are added."""

    def __init__(self, program, script, term="vt102", locale="C.UTF-8", size=(24, 80),
                 in_window=False, greet=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="suppack-tui."))
        self.screen = Screen(*size)
        self.report = self.folder / "report"
        lines = [self.line(*step) for step in (self.greeting() if greet else []) + script]
        (self.folder / "script").write_text("\n".join(lines) + "\n")
        argv = [program, *(["--in-window"] if in_window else []), str(self.folder / "script")]
        keep = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "LSAN_OPTIONS")
                if name in os.environ}
        self.start(argv, size, {**keep, "TERM": term, "LC_ALL": locale,
                                "PLAY_REPORT": str(self.report)})

    @staticmethod
    def greeting():
        return [("expect", {"hello": {"protocol": 1, "suppack": "0.1.0"}}),
                ("send", {"hello": {"protocol": 1, "suppack": "0.1.0"}})]

    def line(self, word, value=None):
        if word in ("send", "expect", "flood"):
            return f"{word} {json.dumps(value, ensure_ascii=False)}"
        return word if value is None else f"{word} {self.folder / value}"

    def start(self, argv, size, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
            os.execve(argv[0], argv, environment)
        self.settings = termios.tcgetattr(self.fd)
        self.status = None
        self.ended = False

    # ---- eyes ----------------------------------------------------------------------

    def pump(self, seconds):
        """Takes in what the terminal gets, for at most so long. False at its end."""
        ready, _, _ = select.select([self.fd], [], [], max(0, seconds))
        if not ready:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.ended = not data
        self.screen.feed(data)
        return bool(data)

    def text(self):
        return self.screen.text()

    def until(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0 or not self.pump(left):
                if condition():
                    return
                raise AssertionError(f"{what}: not within {PATIENCE:g} s\n{self.describe()}")

    def see(self, *texts):
        """All of them, each in one row or broken over several: a path's length moves the breaks."""
        for text in texts:
            self.until(lambda: text in self.text() or text in self.screen.prose(),
                       f"waiting for '{text}'")
        self.settle()

    def see_not(self, text):
        self.until(lambda: text not in self.text(), f"waiting for '{text}' to go")
        self.settle()

    def settle(self):
        """The rest of a drawing: newt writes it in one go, so a pause is its end."""
        while True:
            ready, _, _ = select.select([self.fd], [], [], 0.05)
            if not ready or not self.pump(0):
                return

    def describe(self):
        report = self.report.read_text() if self.report.exists() else ""
        return f"{report}{'-' * self.screen.columns}\n{self.text()}\n{'-' * self.screen.columns}"

    # ---- hands -----------------------------------------------------------------------

    def press(self, *keys):
        for key in keys:
            os.write(self.fd, KEYS.get(key, key).encode())

    def resize(self, rows, columns):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def kill(self, number):
        os.kill(self.pid, number)

    def touch(self, name):
        (self.folder / name).write_text("")

    # ---- and the end -------------------------------------------------------------------

    def finish(self, code):
        """The screens are gone, with that exit code, and the terminal is as before."""
        self.until(lambda: f"play: exit {code}" in self.text(), f"waiting for exit {code}")
        self.finish_unseen()
        if not self.screen.cursor_visible:
            raise AssertionError("the cursor is hidden")

    def hang_up(self):
        """The terminal is gone, as when a serial line or a window is closed."""
        os.close(self.fd)
        self.fd = os.open(os.devnull, os.O_RDWR)
        self.ended = True

    def finish_unseen(self):
        """The same, where the terminal cannot show the exit code."""
        self.until(lambda: self.ended, "waiting for the end")
        self.reap()
        if self.status or self.report.exists():
            raise AssertionError(f"status {self.status}\n{self.describe()}")

    def reap(self):
        deadline = time.monotonic() + PATIENCE
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
            elif time.monotonic() > deadline:
                raise AssertionError(f"still running after {PATIENCE:g} s\n{self.describe()}")
            else:
                time.sleep(0.005)

    def close(self):
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        os.close(self.fd)
        shutil.rmtree(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
