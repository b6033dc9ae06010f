# SPDX-License-Identifier: GPL-2.0-or-later
"""suppack in the host installer of XenServer and XCP-ng: takes over the installer's touch
points for driver disks, packs and the upgrade reminder, without a line of it being edited.

Imported by suppack.pth when the interpreter starts, or by one line in the installer. Until
one of the installer's modules is imported nothing happens. A touch point that is not as
expected stays the installer's own, and so does every one when suppack cannot be called;
the installer's log says which and why. Valid for Python 2.7 and 3."""
import ctypes
import functools
import inspect
import json
import os
import subprocess
import sys

LIBRARY = os.environ.get("SUPPACK_LIBRARY", "/usr/lib64/suppack/suppack.so")
ENGINE = os.environ.get("SUPPACK_ENGINE", "/usr/sbin/suppack").split()

DONE, DECLINED = 0, 18


def log(text):
    """To the installer's log; never to the screen."""
    try:
        from xcp import logger
        logger.log("suppack: " + text)
    except Exception:  # no log is no reason to end an installation
        pass


class Unavailable(Exception):
    """suppack could not be called; the installer's own way is still there."""


# ---- calling it ---------------------------------------------------------------------------

def call(request):
    """The answer of the library (docs/library.md)."""
    try:
        library, libc = ctypes.CDLL(LIBRARY), ctypes.CDLL(None)
        function = library.suppack_call
    except (OSError, AttributeError) as error:
        raise Unavailable(str(error))
    function.restype = ctypes.c_void_p
    function.argtypes = [ctypes.c_char_p]
    libc.free.restype = None
    libc.free.argtypes = [ctypes.c_void_p]
    address = function(json.dumps(request).encode("utf-8"))
    if not address:
        raise Unavailable("out of memory")
    try:
        reply = json.loads(ctypes.string_at(address).decode("utf-8"))
    finally:
        libc.free(address)
    if "error" in reply:
        raise Unavailable(reply["error"])
    return reply


def screens(flow, options=(), locations=()):
    """A flow on the installer's screen: its exit code and its report."""
    reply = call({"call": "screens", "flow": flow, "engine": ENGINE + list(options),
                  "locations": list(locations)})
    log("'%s' ended with %d" % (flow, reply["exit"]))
    return reply["exit"], reply.get("report") or {}


def command(*words):
    """A verb without screens: its exit code and its report."""
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/"}
    try:
        with open(os.devnull) as nothing:
            process = subprocess.Popen(ENGINE + ["--json"] + list(words), stdin=nothing,
                                       env=clean, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
    except OSError as error:
        raise Unavailable("running '%s': %s" % (ENGINE[0], error.strerror))
    output, _ = process.communicate()
    try:
        return process.returncode, json.loads(output.decode("utf-8"))
    except ValueError:
        raise Unavailable("%s ended with %d and said nothing" % (ENGINE[0], process.returncode))


# ---- what the installer tells ----------------------------------------------------------------

class Installation(object):
    """What is known of the installation under way."""

    def __init__(self):
        self.answers = {}  # the live ones, of the phase that runs
        self.kept = []     # packs loaded as drivers, to be handed on to the target

    def root(self):
        return (self.answers.get("mounts") or {}).get("root")

    def hand_on(self, answers):
        """Several packs can be loaded at one press of F9, which hands on one itself."""
        there = answers.setdefault("extra-repos", [])
        for pair in self.kept:
            if pair not in there:
                there.append(pair)
        self.kept = []


installation = Installation()


# ---- the touch points ---------------------------------------------------------------------------

def load_driver(original, ui, answers):
    """F9: a pair for the target, or a pair of None."""
    code, report = screens("drivers")
    kept = [("filesystem", place) for place in report.get("kept", [])]
    if code != DONE or not kept:
        return None, None
    answers.setdefault("driver-repos", []).extend(
        pack["label"] for pack in report.get("packs", []))
    installation.kept.extend(kept[1:])
    return kept[0]


def more_media(original, answers):
    """After the base installation: all the asking and installing is done here."""
    root = installation.root()
    if not root:
        raise Unavailable("where the target is was not said")
    screens("packs", ["--root", root])
    return {"more-media": False}


def run_sequence(original, sequence, seq_name, answers, ui, cleanup):
    """Where the live answers can be seen."""
    if isinstance(answers, dict):
        installation.answers = answers
        installation.hand_on(answers)
    return original(sequence, seq_name, answers, ui, cleanup)


class DriverSource(object):
    """A driver source of an answerfile, loaded when the installer says so."""

    def __init__(self, location):
        self.location = location

    def name(self):
        return self.location

    identifier = name

    def __repr__(self):
        return "<suppack driver source>"

    def check(self, progress=lambda step: ()):
        return []

    def installPackages(self, progress_callback, mounts):
        code, report = command("load", self.location)
        progress_callback(100)
        if code != DONE:
            raise RuntimeError("driver source %s: %s" % (
                self.location, "; ".join(at["text"] for at in report.get("findings", []))
                or "suppack ended with %d" % code))


def location_of(media, address):
    """The installer's pair in suppack's words; None if it is something else."""
    if media == "local":
        return "local"
    if media == "nfs":
        return "nfs://" + str(address).replace(":", "", 1)
    if media in ("url", "filesystem"):
        # The installer's URL prints itself without its password.
        return getattr(address, "getURL", lambda: str(address))()
    return None


def driver_repositories(original, media, address, drivers=False):
    """The answerfile's driver sources: what yields nothing is an error there."""
    location = location_of(media, address) if drivers else None
    if not location:
        return original(media, address, drivers)
    return [DriverSource(location)]


# ---- taking them over -------------------------------------------------------------------------------

# module, function in it, its parameters, ours; "falls back": it may be called anew after
# ours failed.
TOUCH_POINTS = (
    ("driver", "doInteractiveLoadDriver", ["ui", "answers"], load_driver),
    ("tui.installer", "more_media_sequence", ["answers"], more_media),
    ("backend", "executeSequence", ["sequence", "seq_name", "answers", "ui", "cleanup"],
     run_sequence),
    ("repository", "repositoriesFromDefinition", ["media", "address", "drivers"],
     driver_repositories),
)


def parameters(function):
    specification = getattr(inspect, "getfullargspec", None) or inspect.getargspec
    return list(specification(function)[0])


def wrapped(ours, original, name):
    @functools.wraps(original)
    def touched(*args, **kwargs):
        try:
            return ours(original, *args, **kwargs)
        except Unavailable as error:
            log("%s stays the installer's own: %s" % (name, error))
            return original(*args, **kwargs)
    return touched


def take_over(module):
    """Puts ours in the place of the module's functions, where they are as expected."""
    for module_name, name, expected, ours in TOUCH_POINTS:
        if module.__name__ != module_name:
            continue
        full_name = "%s.%s" % (module_name, name)
        original = getattr(module, name, None)
        try:
            found = parameters(original)
        except TypeError:
            log("%s stays the installer's own: it is not there" % full_name)
            continue
        if found != expected:
            log("%s stays the installer's own: its parameters are %s" % (full_name, found))
            continue
        setattr(module, name, wrapped(ours, original, full_name))
        log("%s is taken over" % full_name)


class Hook(object):
    """Sees modules come in; those of the installer that are touched are looked at once
    they are there."""

    def __init__(self):
        self.busy = set()

    def wants(self, name):
        return name in [row[0] for row in TOUCH_POINTS] and name not in self.busy

    # Python 2

    def find_module(self, name, path=None):
        return self if self.wants(name) else None

    def load_module(self, name):
        self.busy.add(name)
        try:
            __import__(name)
        finally:
            self.busy.discard(name)
        take_over(sys.modules[name])
        return sys.modules[name]

    # Python 3

    def find_spec(self, name, path=None, target=None):
        if not self.wants(name):
            return None
        from importlib.util import find_spec
        self.busy.add(name)
        try:
            spec = find_spec(name)
        finally:
            self.busy.discard(name)
        if spec and spec.loader:
            spec.loader = Loader(spec.loader)
        return spec


class Loader(object):
    """A module's own loader, and a look at it afterwards."""

    def __init__(self, own):
        self.own = own

    def __getattr__(self, name):
        return getattr(self.own, name)

    def create_module(self, spec):
        return self.own.create_module(spec)

    def exec_module(self, module):
        self.own.exec_module(module)
        take_over(module)


def install():
    """Looks at what is imported from now on, and at what is there already."""
    sys.meta_path.insert(0, Hook())
    for name in set(row[0] for row in TOUCH_POINTS):
        if name in sys.modules:
            take_over(sys.modules[name])


install()
