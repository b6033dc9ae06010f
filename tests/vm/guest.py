# SPDX-License-Identifier: GPL-2.0-or-later
"""A virtual host under QEMU, and the hands of the operator at its serial console."""
import json
import os
import re
import select
import socket
import subprocess
import time

from screen import Screen

END = re.compile(rb"@@end (\d+)@@\r?\n")
KEYS = {
    "Enter": "\r", "Tab": "\t", "Esc": "\x1b", "Space": " ", "Backspace": "\x7f",
    "Up": "\x1b[A", "Down": "\x1b[B", "Right": "\x1b[C", "Left": "\x1b[D",
    "PageUp": "\x1b[5~", "PageDown": "\x1b[6~", "Ctrl-C": "\x03", "Ctrl-L": "\x0c",
    "F1": "\x1bOP", "F2": "\x1bOQ", "F3": "\x1bOR", "F4": "\x1bOS", "F5": "\x1b[15~",
    "F6": "\x1b[17~", "F7": "\x1b[18~", "F8": "\x1b[19~", "F9": "\x1b[20~",
    "F10": "\x1b[21~", "F11": "\x1b[23~", "F12": "\x1b[24~",
}


def kernel_options(prepared, arguments):
    """QEMU starts the kernel itself, which is faster than any firmware."""
    return ["-kernel", os.path.join(prepared, "vmlinuz"), "-initrd", os.path.join(prepared, "initrd"),
            "-append", f"console=ttyS0 quiet net.ifnames=0 panic=-1 mitigations=off {arguments}"]


def qemu_command(starts, devices):
    """A machine with its first serial line on our stdin and stdout."""
    return [
        "qemu-system-x86_64", "-accel", "tcg", "-machine", "q35", "-cpu", "max",
        "-m", "1024", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-serial", "stdio", "-device", "virtio-rng-pci",
        *starts, *devices]


class GuestError(Exception):
    pass


class Guest:
    """Boots when made; every method waits at most its timeout, in seconds."""

    def __init__(self, starts, devices, log, socket_path):
        self.screen = Screen()
        self.log = open(log, "wb")
        self.unread = b""
        self.monitor_socket = None
        self.socket_path = socket_path
        command = qemu_command(starts, devices)
        command += ["-qmp", f"unix:{socket_path},server=on,wait=off"]
        self.qemu = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=self.log, bufsize=0)

    def close(self):
        self.qemu.kill()
        self.qemu.wait()
        self.log.close()
        if self.monitor_socket:
            self.monitor_socket.close()
        if os.path.exists(self.socket_path):
            os.unlink(self.socket_path)

    def pump(self, deadline):
        """Takes what the guest has said by now, or waits for more until the deadline."""
        left = deadline - time.monotonic()
        ready, _, _ = select.select([self.qemu.stdout], [], [], max(0, left))
        if not ready:
            return False
        data = os.read(self.qemu.stdout.fileno(), 65536)
        if not data:
            raise GuestError("the virtual host went off")
        self.log.write(data)
        self.log.flush()
        self.screen.feed(data)
        self.unread += data
        return True

    def send(self, text):
        self.qemu.stdin.write(text.encode())

    def wait_ready(self, timeout=300):
        deadline = time.monotonic() + timeout
        while b"@@ready@@\r\n" not in self.unread:
            if not self.pump(deadline):
                raise GuestError("the virtual host did not boot")
        self.unread = b""

    def start(self, command):
        """Runs a command in the foreground of the console and returns at once."""
        self.unread = b""
        self.screen.reset()
        # One line: Ctrl-C takes away what waits on the terminal to be read.
        self.send(f'{command}; echo "@@end $?@@"\n')

    def finish(self, timeout=300):
        """Waits for the command to end; returns its exit code and what it wrote."""
        deadline = time.monotonic() + timeout
        while True:
            found = END.search(self.unread)
            if found:
                output = self.unread[:found.start()]
                self.unread = self.unread[found.end():]
                return int(found.group(1)), output.decode("utf-8", "replace").replace("\r\n", "\n")
            if not self.pump(deadline):
                raise GuestError(f"the command did not end within {timeout} s")

    def run(self, command, timeout=300):
        self.start(f"( {command} ) </dev/null 2>&1")
        return self.finish(timeout)

    def press(self, *keys):
        """Named keys, or any text to be typed; a moment apart, as a person does."""
        for key in keys:
            self.send(KEYS.get(key, key))
            self.pump(time.monotonic() + 0.2)

    def see(self, wanted, timeout=120):
        """Waits until the text is on the screen, wrapped as it may be."""
        pattern = re.compile(r"\s+".join(re.escape(word) for word in wanted.split()))
        deadline = time.monotonic() + timeout
        while not pattern.search(self.screen.text().replace("│", " ")):
            if END.search(self.unread):
                raise GuestError(f"the command ended before the screen showed '{wanted}'")
            if not self.pump(deadline):
                raise GuestError(f"the screen did not show '{wanted}' within {timeout} s")

    def monitor(self, command):
        """One command of QEMU's human monitor, such as 'device_del stick'."""
        said = self.ask("human-monitor-command", {"command-line": command}).strip()
        if said:
            raise GuestError(f"QEMU answers '{said}' to '{command}'")

    def bytes_read(self, drive):
        """So many the guest has read of it since it was started."""
        return next(one["stats"]["rd_bytes"] for one in self.ask("query-blockstats")
                    if one["device"] == drive)

    def is_open(self, drive):
        return next(one.get("tray_open", False) for one in self.ask("query-block")
                    if one["device"] == drive)

    def ask(self, command, arguments=None):
        """Of QEMU's own protocol."""
        if not self.monitor_socket:
            self.monitor_socket = socket.socket(socket.AF_UNIX)
            self.monitor_socket.connect(self.socket_path)
            self.answers = self.monitor_socket.makefile("r")
            self.answers.readline()
            self.ask("qmp_capabilities")
        request = {"execute": command, "arguments": arguments or {}}
        self.monitor_socket.sendall(json.dumps(request).encode())
        while True:
            answer = json.loads(self.answers.readline())
            if "error" in answer:
                raise GuestError(f"QEMU refuses '{command}': {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"] or ""
