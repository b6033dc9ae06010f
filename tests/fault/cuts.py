# SPDX-License-Identifier: GPL-2.0-or-later
"""Hosts that something happens to, at one system call after another, side by side."""
import concurrent.futures
import gzip
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "root"))
import host  # noqa: E402

CUT = os.environ["CUT"]  # tests/fault/cut.c
AT_ONCE = int(os.environ.get("AT_ONCE", "2"))
EVERY = "EVERY" in os.environ
ONLY = [int(word) for word in os.environ.get("ONLY", "").split("-") if word]  # for finding out
DRIVER_1, DRIVER_2 = (("driver", "1.0"),), (("driver", "2.0"),)
FILES_1, FILES_2 = (("files", "1.0"),), (("files", "2.0"),)
NEVER, KILLED, OWN = 255, 254, 253  # cut's exit codes
INITRD = "boot/initrd-4.19.0+1.img"
MODULE = b"lib/modules/4.19.0+1/updates/test.ko"
SHARED_MEMORY = "rpmdb.sqlite-shm"  # made anew by whoever opens the database


def link_or_copy(source, target):
    if source.endswith("/bin/busybox"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


class Host(host.HostTest):
    """One of the hosts that are worked on side by side."""
    maxDiff = None
    ignored = ()  # beginnings of paths

    def runTest(self):
        """unittest wants one."""

    def take(self, template):
        shutil.rmtree(self.root, ignore_errors=True)
        subprocess.run(["cp", "-a", template, self.root], check=True)

    def keep(self, name):
        """A copy of this host as it is now."""
        template = os.path.join(self.dir, name)
        subprocess.run(["cp", "-a", self.root, template], check=True)
        return template

    def snapshot(self, name):
        """The same of one that is at work. What never changes is not copied."""
        template = os.path.join(self.dir, name)
        for _ in range(3):
            try:
                return shutil.copytree(self.root, template, symlinks=True, copy_function=link_or_copy)
            except (shutil.Error, FileNotFoundError):  # a child of its took something away
                shutil.rmtree(template, ignore_errors=True)
        raise AssertionError("it does not stand still")

    def replace(self, template):
        """Is what @template was, which is used up."""
        shutil.rmtree(self.root, ignore_errors=True)
        os.rename(template, self.root)

    def calls(self, arguments, *options):
        """Each call (process, name, path) before it is made; it is made when the next one
        is asked for."""
        ours, theirs = socket.socketpair()
        with ours, tempfile.TemporaryFile() as said:
            command = [CUT, "--under", self.root, "--ask", str(theirs.fileno()), *options, "--",
                       *self.arguments(*arguments)]
            with theirs:
                process = subprocess.Popen(command, env=self.env, cwd=self.dir, stdin=subprocess.DEVNULL,
                                           stdout=said, stderr=said, pass_fds=[theirs.fileno()])
            for line in ours.makefile("r"):
                yield line.rstrip("\n").split("\t")
                ours.send(b".")
            self.assertIn(process.wait(), (0, 11))

    def raw_cut(self, arguments, *options):
        return self.raw(CUT, "--under", self.root, *options, "--", *self.arguments(*arguments))

    def cut(self, arguments, *options):
        return self.raw_cut(arguments, *options).returncode

    def contents(self):
        """All that is the same whenever and however it came about."""
        found = {path: what for path, what in self.tree().items()
                 if path != INITRD and not path.startswith(self.ignored)}
        for path in [path for path in found if path.endswith("/record.json")]:
            with open(os.path.join(self.root, path)) as text:
                record = json.load(text)
            found[path] = {key: value for key, value in record.items() if key != "time"}
        return found

    def state(self):
        """A digest of every byte that a later run could see."""
        digest = hashlib.sha256(repr(sorted(self.tree(()).items())).encode())
        return digest.hexdigest()

    def tree(self, but=host.NOT_COMPARED):
        found = super().tree(but)
        return {path: what for path, what in found.items() if not path.endswith(SHARED_MEMORY)}

    def is_in_initrd(self):
        with gzip.open(os.path.join(self.root, INITRD)) as image:
            return MODULE in image.read()

    def assert_readable(self):
        """Whoever reads records at that very moment reads whole ones."""
        for record in self.records().values():
            self.assertIn("packages", record["pack"])
        self.assertEqual(self.json("list")["exit"], 0)

    def assert_whole(self, *outcomes):
        """It is one of these: packs that are there, and contents."""
        there = sorted(self.records())
        contents = self.contents()
        for packs, wanted in outcomes:
            if sorted(packs) == there:
                differ = {path: (wanted.get(path), contents.get(path))
                          for path in wanted.keys() | contents.keys()
                          if wanted.get(path) != contents.get(path)}
                self.assertEqual(differ, {})
                self.assert_has(*packs)
                self.assertEqual(self.is_in_initrd(), ("lib/modules/4.19.0+1/updates/test.ko" in contents))
                return packs
        self.fail("%s is on record" % there)


class Everywhere(unittest.TestCase):
    """@kind: of the calls that something happens to (cut.c)."""
    kind = "write"
    expected_ends = None
    ignored = ()
    maxDiff = None

    def host(self):
        """This thread's own."""
        if not hasattr(self.local, "host"):
            self.local.host = Host()
            self.local.host.setUp()
            self.local.host.ignored = self.ignored
            self.addCleanup(self.local.host.doCleanups)
        return self.local.host

    def setUp(self):
        self.local = threading.local()
        self.seen, self.ends = {}, {}

    def at(self, point):
        """It happens at that point; what is wrong then, and with whom."""
        try:
            self.try_at(self.host(), point)
        except Exception as error:  # whatever it is, that point is wrong
            return "%s at %s: %.800s" % (self.kind, point, error)
        return None

    def is_new(self, there, code):
        """The same bytes need not be looked at twice."""
        key = there.state(), code
        is_new = key not in self.seen
        self.seen[key] = True
        return is_new

    def assert_finished(self, there):
        """A run that nothing happens to makes it one or the other."""
        self.assertEqual(there.json("remove", "nobody")["exit"], 11)
        packs = there.assert_whole(*self.outcomes)
        self.ends[packs] = self.ends.get(packs, 0) + 1
        return packs

    def begin(self, template, arguments, before, after):
        """@before, @after: the packs on record."""
        self.template, self.arguments = template, arguments
        there = self.host()
        there.take(template)
        self.outcomes = [(before, there.contents()), after]
        return there

    def finish_uncut(self, there):
        """What it comes to when nothing happens to it."""
        self.outcomes[-1] = (self.outcomes[-1], there.contents())
        there.assert_whole(self.outcomes[-1])

    def everywhere(self, points):
        """At all of these."""
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            wrong = [said for said in pool.map(self.at, points) if said]
        print("%s: %d points, %d different states, %s" % (
            " ".join(os.path.basename(word) for word in self.arguments), len(points),
            len(self.seen),
            ", ".join("%d end with %s" % (count, packs) for packs, count in self.ends.items())))
        self.assertFalse(wrong, "\n" + "\n".join(wrong))
        if not ONLY:
            packs = {packs for packs, _ in self.outcomes}
            self.assertEqual(set(self.ends), self.expected_ends or packs)

    def install(self, name):
        return ["--json", "--accept", "unsigned", "install", host.pack(name)]

    def with_driver(self):
        there = self.host()
        there.assertEqual(there.install("driver-1")["exit"], 0)
        return there.keep("with-driver")

    def amid(self, there):
        """A package is in the database, and its script was not run."""
        half = None
        for _, _, path in there.calls(self.install("driver-1")):
            if not half and "rpm-tmp." in path:
                half = there.snapshot("half")
        return half
