# SPDX-License-Identifier: GPL-2.0-or-later
"""suppack in the host installer of XenServer and XCP-ng: takes over the installer's touch
points for driver disks, packs and the upgrade reminder, without a line of it being edited.

Imported by suppack.pth when the interpreter starts, or by one line in the installer. Until
one of the installer's modules is imported nothing happens. A touch point that is not as
expected stays the installer's own, and so does every one when suppack cannot be called;
the installer's log says which and why. Valid for Python 2.7 and 3."""
import atexit
import ctypes
import functools
import inspect
import json
import os
import subprocess
import sys
import tempfile

LIBRARY = os.environ.get("SUPPACK_LIBRARY", "/usr/lib64/suppack/suppack.so")
ENGINE = os.environ.get("SUPPACK_ENGINE", "/usr/sbin/suppack").split()

DONE, DECLINED, WOULD_LOSE = 0, 18, 19
# What a step of the installer answers.
FORWARD, BACK, SKIP = 1, -1, -100
OWN = object()  # the touch point's own way is taken


def log(text):
    """To the installer's log; never to the screen."""
    try:
        from xcp import logger
        logger.log("suppack: " + text)
    except Exception:  # no log is no reason to end an installation
        pass


class Unavailable(Exception):
    """suppack could not be called; the installer's own way is still there."""


class Stop(RuntimeError):
    """Ends the installation, with a sentence for whoever reads its log or screen."""


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
    """A verb without screens: its exit code, its report, and the line it says when it fails."""
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/"}
    try:
        with open(os.devnull) as nothing:
            process = subprocess.Popen(ENGINE + ["--json"] + list(words), stdin=nothing,
                                       env=clean, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
    except OSError as error:
        raise Unavailable("running '%s': %s" % (ENGINE[0], error.strerror))
    output, said = process.communicate()
    try:
        return (process.returncode, json.loads(output.decode("utf-8")),
                said.decode("utf-8", "replace").strip())
    except ValueError:
        raise Unavailable("%s ended with %d and said nothing" % (ENGINE[0], process.returncode))


# ---- what the installer tells ----------------------------------------------------------------

class Installation(object):
    """What is known of the installation under way."""

    def __init__(self):
        self.answers = {}      # the live ones, of the phase that runs
        self.kept = []         # packs loaded as drivers, to be handed on to the target
        self.handed = {}       # their directories, with what the packs are called
        self.left = []         # those of them that did not go in
        self.answerfile = None # the path of ours of it
        self.loaded = False    # its driver sources are
        self.looked = False    # the old host was looked at

    def root(self):
        return (self.answers.get("mounts") or {}).get("root")

    def hand_on(self):
        """Several packs can be loaded at one press of F9, which hands on one itself. What an
        answerfile's driver sources brought is installed from the verified copies, by
        suppack: the installer is not to fetch it again. Both lists are the installer's own."""
        there = self.answers.setdefault("extra-repos", [])
        if self.loaded:
            del there[:]
        there.extend(pair for pair in self.kept if pair not in there)
        self.kept = []


installation = Installation()


def reason(code, report, said):
    """The sources that were required and failed, and what there was to say of them."""
    failed = ["'%s' (%s)" % (row["location"], row["outcome"])
              for row in report.get("sources", []) if row["required"] and row["exit"]]
    texts = [at["text"] for at in report.get("findings", [])]
    if "sources" in report:
        places = [row["location"] for row in report["sources"] if row["required"]]
        texts = [text for text in texts if any(place in text for place in places)]
    parts = ", ".join(failed), "; ".join(texts[:3]) or said
    return ": ".join(part for part in parts if part) or "suppack ended with %d" % code


def by_answerfile(stage, options=()):
    """A stage of the answerfile without screens. What is required and fails ends the
    installation with its reason."""
    code, report, said = command(*(["answerfile", "--stage", stage] + list(options)
                                   + [installation.answerfile]))
    log("answerfile, stage '%s': ended with %d" % (stage, code))
    if code != DONE:
        raise Stop("suppack, stage '%s' of the answerfile: %s" % (stage, reason(code, report, said)))


# ---- the touch points ---------------------------------------------------------------------------
# Each answers what the installer's own function would, or OWN.

def load_driver(ui, answers):
    """F9: a pair for the target, or a pair of None."""
    code, report = screens("drivers")
    kept = [("filesystem", place) for place in report.get("kept", [])]
    if code != DONE or not kept:
        return None, None
    labels = [pack["label"] for pack in report.get("packs", [])]
    # As its own list of what is loaded has them.
    answers.setdefault("driver-repos", []).extend(label + "@yum" for label in labels)
    for _, place in kept:
        installation.handed[place] = ", ".join(labels)
    installation.kept.extend(kept[1:])
    return kept[0]


def more_media(answers):
    """After the base installation: all the asking and installing is done here."""
    root = installation.root()
    if not root:
        raise Unavailable("where the target is was not said")
    installation.left = []
    screens("packs", ["--root", root])
    return {"more-media": False}


class HandedOn(object):
    """A pack that F9 loaded, as the repository that the base installation takes it for: it
    goes in by suppack, from the verified copy, and is on record. One that does not go in ends
    no installation: the question of packs has it, with the reason."""

    def __init__(self, place):
        self.place = place

    def name(self):
        return installation.handed[self.place]

    def identifier(self):
        return "suppack:" + self.place

    def __repr__(self):
        return self.identifier()

    def accessor(self):
        return self

    def canEject(self):
        return False

    # Versions differ in what they hand over besides.

    def installPackages(self, progress_callback, mounts, *_):
        code, report, said = command("--root", mounts["root"], "install", self.place)
        log("'%s' handed on: ended with %d" % (self.name(), code))
        if code != DONE:
            log("'%s' did not go in: %s" % (self.name(), reason(code, report, said)))
            installation.left.append(self.place)
        progress_callback(100)

    def record_install(self, mounts, installed_repos):
        return installed_repos

    def getBranding(self, *given):
        return given[-1]


def handed_on(place):
    """Of the class that the base installation installs one by one, where there is one: other
    repositories go into a single transaction with the product's own."""
    kind = getattr(sys.modules["repository"], "UpdateYumRepository", object)
    return type("HandedOnRepository", (HandedOn, kind), {})(place)


class OldHost(object):
    """The host that will be overwritten, mounted while it is looked at."""

    def __init__(self, answers):
        self.host = answers["installation-to-overwrite"]

    def __enter__(self):
        self.host.mount_state()
        return self.host.join_state_path("")

    def __exit__(self, *_):
        self.host.unmount_state()


def remind(answers):
    """Before an upgrade: what it would lose. Nothing to say: no screen."""
    with OldHost(answers) as root:
        code, report = screens("upgrade", ["--root", root])
    if code in (DECLINED, WOULD_LOSE):
        return BACK
    if code != DONE:
        raise Unavailable("it ended with %d" % code)
    told = report.get("upgrade") or {}
    return FORWARD if told.get("packs") or told.get("devices") else SKIP


def look_at_old_host(answers):
    """The same for an answerfile, while nothing is overwritten yet."""
    installation.looked = True
    if answers.get("install-type") == "reinstall" and answers.get("installation-to-overwrite"):
        with OldHost(answers) as root:
            by_answerfile("upgrade", ["--root", root])


def run_sequence(sequence, seq_name, answers, ui, cleanup):
    """Where the live answers can be seen; the last phase is the one that cleans up."""
    if isinstance(answers, dict):
        installation.answers = answers
        installation.hand_on()
        if installation.answerfile and not installation.looked:
            look_at_old_host(answers)
        if installation.answerfile and cleanup and installation.root():
            by_answerfile("packs", ["--root", installation.root()])
        if cleanup and installation.left and installation.root():
            more_media(answers)  # nobody has asked
    return OWN


def forget(path):
    try:
        os.unlink(path)
    except OSError:
        pass


def read_answerfile(self):
    """A copy of the answerfile, for the attributes that the installer does not hand on; passwords
    may be in it."""
    handle, path = tempfile.mkstemp(prefix="suppack-answerfile.")
    atexit.register(forget, path)
    text = u'<?xml version="1.0" encoding="utf-8"?>\n' + self.top_node.toxml()
    with os.fdopen(handle, "wb") as out:
        out.write(text.encode("utf-8"))
    installation.answerfile = path
    return OWN


class DriverSource(object):
    """A driver source, loaded when the installer says so."""

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
        code, report, said = command("load", self.location)
        progress_callback(100)
        if code != DONE:
            raise Stop("driver source %s: %s" % (self.location, reason(code, report, said)))


class AnswerfileSources(DriverSource):
    """All driver sources of the answerfile, each with its own attributes."""

    def installPackages(self, progress_callback, mounts):
        by_answerfile("drivers")
        installation.loaded = True
        progress_callback(100)


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


def driver_repositories(media, address, drivers=False):
    """The answerfile's driver sources: what yields nothing is an error there. The first one
    stands for all of them. And what F9 handed on, when the base installation opens it."""
    if media == "filesystem" and not drivers and address in installation.handed:
        return [handed_on(address)]
    location = location_of(media, address) if drivers else None
    if not location:
        return OWN
    if not os.access(ENGINE[0], os.X_OK):
        raise Unavailable("there is no '%s'" % ENGINE[0])
    if not installation.answerfile:
        return [DriverSource(location)]
    return [] if installation.loaded else [AnswerfileSources("answerfile")]


# ---- taking them over -------------------------------------------------------------------------------

# Module, function or method in it, its parameters, ours.
TOUCH_POINTS = (
    ("driver", "doInteractiveLoadDriver", ["ui", "answers"], load_driver),
    ("tui.installer", "more_media_sequence", ["answers"], more_media),
    ("tui.installer.screens", "remind_driver_repos", ["answers"], remind),
    ("backend", "executeSequence", ["sequence", "seq_name", "answers", "ui", "cleanup"],
     run_sequence),
    ("answerfile", "Answerfile.processAnswerfileSetup", ["self"], read_answerfile),
    ("repository", "repositoriesFromDefinition", ["media", "address", "drivers"],
     driver_repositories),
)


def parameters(function):
    specification = getattr(inspect, "getfullargspec", None) or inspect.getargspec
    return list(specification(function)[0])


def wrapped(ours, original, name):
    """Ours in the original's place. Whatever fails in it, the installer goes on in its own way;
    only what must stop an installation stops it."""
    @functools.wraps(original)
    def touched(*args, **kwargs):
        try:
            answer = ours(*args, **kwargs)
        except Stop:
            raise
        except Exception as error:
            log("%s stays the installer's own: %s" % (name, error))
            answer = OWN
        return original(*args, **kwargs) if answer is OWN else answer
    return touched


def take_over(module):
    """Puts ours in the place of the module's functions, where they are as expected."""
    for module_name, path, expected, ours in TOUCH_POINTS:
        if module.__name__ != module_name:
            continue
        full_name = "%s.%s" % (module_name, path)
        holder, _, name = path.rpartition(".")
        owner = getattr(module, holder, None) if holder else module
        original = getattr(owner, name, None)
        try:
            found = parameters(original)
        except TypeError:
            log("%s stays the installer's own: it is not there" % full_name)
            continue
        if found != expected:
            log("%s stays the installer's own: its parameters are %s" % (full_name, found))
            continue
        setattr(owner, name, wrapped(ours, original, full_name))
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
