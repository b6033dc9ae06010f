# SPDX-License-Identifier: GPL-2.0-or-later
"""A Python process with a snack screen of its own, as the installer is one, that calls
suppack.so:  caller.py LIBRARY RESULT [--alone] [--times N] REQUEST...

What came back, and what of the process is not as before, goes to the file RESULT."""
import argparse
import ctypes
import json
import locale
import os
import signal

parser = argparse.ArgumentParser()
parser.add_argument("library")
parser.add_argument("result")
parser.add_argument("--alone", action="store_true", help="no screen is there")
parser.add_argument("--times", type=int, default=1)
parser.add_argument("request", nargs="+")
arguments = parser.parse_args()


def state():
    umask = os.umask(0)
    os.umask(umask)
    return {
        "signals": {str(n): str(signal.getsignal(n)) for n in signal.valid_signals()},
        "blocked": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
        "locale": locale.setlocale(locale.LC_ALL),
        "umask": umask,
        "directory": os.getcwd(),
        "environment": dict(os.environ),
        "descriptors": sorted(os.listdir("/proc/self/fd")),
    }


def used_kib():
    """What this process holds: to the byte where ASan counts it, else by its own pages."""
    try:
        counted = libc.__sanitizer_get_current_allocated_bytes
    except AttributeError:
        return resident_kib()
    counted.restype = ctypes.c_size_t
    return counted() / 1024


def resident_kib():
    with open("/proc/self/smaps_rollup") as rollup:
        return sum(int(line.split()[1]) for line in rollup
                   if line.startswith(("Private_Dirty:", "Private_Clean:")))


libc = ctypes.CDLL(None)
libc.free.argtypes = [ctypes.c_void_p]
library = ctypes.CDLL(arguments.library)
library.suppack_call.restype = ctypes.c_void_p
library.suppack_call.argtypes = [ctypes.c_char_p]


def call(request):
    reply = library.suppack_call(request.encode())
    text = ctypes.string_at(reply).decode()
    libc.free(reply)
    return json.loads(text)


screen = None
if not arguments.alone:
    import snack
    screen = snack.SnackScreen()
    screen.drawRootText(0, 0, "The installer")
    screen.pushHelpLine("The installer's help line")
    snack._snack.openwindow(2, 19, 30, 2, "Under")
    screen.refresh()

before = state()
replies = [call(request) for request in arguments.request]
changed = {name: [before[name], value] for name, value in state().items()
           if value != before[name]}
used = []
for turn in range(1, arguments.times):
    for request in arguments.request:
        call(request)
    if turn in (arguments.times // 2, arguments.times - 1):
        used.append(used_kib())

if screen:
    snack.ButtonChoiceWindow(screen, "The Installer", "Goes on.", ["Ok"])
    screen.finish()
with open(arguments.result, "w") as out:
    json.dump({"replies": replies, "changed": changed, "kib": used}, out)
print("host: done")
