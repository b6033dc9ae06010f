# SPDX-License-Identifier: GPL-2.0-or-later
"""Hosts that packs go into: a copy of the factory's target for each test, and what must
be so of it at any time."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
import command  # noqa: E402

if os.path.ismount("/dev/shm"):
    tempfile.tempdir = "/dev/shm"  # nothing here need wait for a disk
INSTALL = os.environ.get("INSTALL_PACKS", "")  # tests/factory/make-install-packs
RECORDS = "etc/xensource/installed-repos"
STAMPS = "var/update/applied"
# What may differ in a host to which nothing was done: what rpm and dracut keep for themselves.
NOT_COMPARED = ("var/lib/rpm/", "var/log/")


def pack(name):
    return os.path.join(INSTALL, name)


class HostTest(command.CommandTest):
    def setUp(self):
        super().setUp()
        self.root = os.path.join(self.dir, "root")
        subprocess.run(["cp", "-a", pack("target"), self.root], check=True)

    # ---- doing -------------------------------------------------------------------------

    def arguments(self, *arguments):
        return super().arguments("--root", self.root, *arguments)

    def install(self, *packs, accept=("unsigned",)):
        options = [word for what in accept for word in ("--accept", what)]
        return self.json(*options, "install", *(pack(name) for name in packs))

    def remove(self, *names):
        return self.json("remove", *names)

    # ---- looking -----------------------------------------------------------------------

    def rpm(self, *arguments):
        done = subprocess.run(["rpm", "--root", self.root, "--dbpath", "/var/lib/rpm", *arguments],
                              capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout

    def packages(self):
        return sorted(self.rpm("-qa", "--qf", "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\n")[1].split())

    def listed(self, path):
        path = os.path.join(self.root, path)
        return sorted(os.listdir(path)) if os.path.isdir(path) else []

    def records(self):
        """Label and version of every pack on record, with its record."""
        found = {}
        for name in self.listed(RECORDS):
            with open(os.path.join(self.root, RECORDS, name, "record.json")) as text:
                record = json.load(text)
            found[record["pack"]["label"], record["pack"]["version"]] = record
        return found

    def tree(self, but=NOT_COMPARED):
        """Every path with what it is: type, mode, content."""
        found = {}
        for base, dirs, files in os.walk(self.root):
            for name in dirs + files:
                path = os.path.join(base, name)
                short = os.path.relpath(path, self.root)
                if short.startswith(but):
                    continue
                info = os.lstat(path)
                what = ""
                if os.path.islink(path):
                    what = os.readlink(path)
                elif os.path.isfile(path):
                    with open(path, "rb") as content:
                        what = hashlib.sha256(content.read()).hexdigest()
                found[short] = (oct(info.st_mode), what)
        return found

    # ---- what must be so ---------------------------------------------------------------

    def assert_settled(self):
        """Nothing is half done, whatever happened before."""
        for path in ("var/lib/suppack", "etc/xensource/.suppack-staged",
                     "etc/dracut.conf.d/suppack-later.conf"):
            self.assertFalse(os.path.lexists(os.path.join(self.root, path)), path)

    def assert_has(self, *packs):
        """Exactly these packs (label, version) are there, and all who can say so agree:
        records, rpm's database, files on disk, stamps, and list."""
        records = self.records()
        self.assertEqual(sorted(records), sorted(packs))
        there = self.packages()
        for record in records.values():
            for package in record["pack"]["packages"]:
                if package["type"] == "rpm" and package["name"] not in record["left_out"]:
                    self.assertIn(package["nevra"], there)
        code, wrong = self.rpm("-Va", "--nodeps")
        self.assertEqual((code, wrong), (0, ""))
        stamps = {record["pack"]["id"] for record in records.values()
                  if record["pack"]["format"] == "update"}
        self.assertEqual(self.listed(STAMPS), sorted(stamps))
        for name in there:
            if name.startswith("update-"):
                self.assertTrue(any(name.startswith("update-%s-" % label) for label, _ in records),
                                name)
        listed = {(entry["label"], entry["version"]) for entry in self.json("list")["packs"]}
        self.assertEqual(listed, set(packs))
        self.assert_settled()

    def assert_untouched(self, before, but=()):
        """Every path is as it was; @but: directories that may have been made."""
        now = self.tree()
        self.assertEqual({path: (before.get(path), now.get(path))
                          for path in before.keys() | now.keys()
                          if before.get(path) != now.get(path) and path not in but}, {})
