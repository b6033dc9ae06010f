# SPDX-License-Identifier: GPL-2.0-or-later
"""Packs into a host and off it again: after each step the exit code, what is found worth
saying, and what is there then."""
import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import unittest
from xml.etree import ElementTree

import host
import command  # noqa: E402 (host says where it is)
from host import pack

DRIVER_1, DRIVER_2 = ("driver", "1.0"), ("driver", "2.0")


def linked_to(program):
    """Paths of shared libraries, and of the loader."""
    said = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    return re.findall(r"(/\S+) \(0x", said)


class Install(host.HostTest):
    def steps(self, *rows):
        """Each row: what is done, its exit code, codes that must be among the findings,
        packs that are there then."""
        for done, code, findings, there in rows:
            with self.subTest(done=done):
                verb, *words = done.split()
                options = [word for word in words if word.startswith("+")]
                names = [word for word in words if not word.startswith("+")]
                if verb == "install":
                    report = self.install(*names, accept=["unsigned"] + [o[1:] for o in options])
                else:
                    report = self.remove(*names)
                self.assertEqual(report["exit"], code, report["findings"])
                for finding in findings:
                    self.assertIn(finding, self.codes(report))
                self.assert_has(*there)

    def test_in_and_out(self):
        before = self.packages()
        self.steps(("install driver-1", 0, [], [DRIVER_1]),
                   ("install driver-1", 0, ["already-installed"], [DRIVER_1]),
                   ("remove driver", 0, [], []))
        self.assertEqual(self.packages(), before)

    def test_upgrade_and_downgrade(self):
        self.steps(("install driver-1", 0, [], [DRIVER_1]),
                   ("install driver-2", 0, [], [DRIVER_2]),
                   ("install driver-1", 14, ["older-than-installed"], [DRIVER_2]),
                   ("install driver-1 +older", 0, ["older-than-installed"], [DRIVER_1]),
                   ("remove driver", 0, [], []))

    def test_update_fails(self):
        """RPM cannot bring back what it has replaced: the new one goes on record as what it
        is, and to install it again makes it whole."""
        self.install("driver-1")
        report = self.install("driver-3-fails")
        self.assertEqual(report["exit"], 20, report["findings"])
        for code in ("scriptlet-failed", "left-behind"):
            self.assertIn(code, self.codes(report))
        driver_3 = ("driver", "3.0")
        self.assert_has(driver_3)
        self.assertNotIn("driver-extra-3.0-1.noarch", self.packages())
        self.assertIn("driver-extra", self.records()[driver_3]["left_out"])
        listed, = self.json("list")["packs"]
        self.assertIn("driver-extra", listed["incomplete"])
        self.assertIn(b"updates/test.ko", self.initrd())
        open(os.path.join(self.root, "var/lib/luck"), "w").close()
        self.steps(("install driver-3-fails", 0, [], [driver_3]))
        self.assertIsNone(self.json("list")["packs"][0]["incomplete"])
        self.assertIn("driver-extra-3.0-1.noarch", self.packages())
        self.steps(("remove driver", 0, [], []))
        self.assertNotIn("driver-extra-3.0-1.noarch", self.packages())

    def test_update_fails_half_way(self):
        """Each of two versions has a part of its own then, and both are on record as that."""
        self.install("parts-1")
        report = self.install("parts-2-fails")
        self.assertEqual(report["exit"], 20, report["findings"])
        there = [name for name in self.packages() if name.startswith("parts-")]
        self.assertIn("parts-b-1.0-1.noarch", there)
        self.assertNotIn("parts-b-2.0-1.noarch", there)
        self.assert_has(*self.records())
        self.assertEqual({version: record["left_out"] for (_, version), record in self.records().items()},
                         {"1.0": ["parts-a", "update-parts"], "2.0": ["parts-b"]})
        self.remove(*(record["pack"]["id"] for record in self.records().values()))
        self.assertEqual([name for name in self.packages() if name.startswith(("parts-", "update-"))],
                         [])

    def test_two_packs_of_one_uuid(self):
        a, b = ("twin-a", "1.0"), ("twin-b", "1.0")
        self.steps(("install twin-a twin-b", 0, [], [a, b]),
                   ("remove aaaaaaaa-1111-2222-3333-444455556666", 0, [], [b]))
        self.steps(("remove twin-b", 0, [], []))

    def test_needed_by_another(self):
        library, user = ("library", "1.0"), ("user", "1.0")
        self.steps(("install library user", 0, [], [library, user]))
        report = self.remove("library")
        self.assertEqual(report["exit"], 14)
        self.assertIn("'library' stays, because 'user' 1.0 needs it",
                      [finding["text"] for finding in report["findings"]])
        self.steps(("remove user", 0, [], [library]), ("remove library", 0, [], []))

    def test_a_database_whose_maker_was_killed(self):
        """It has not all of its tables, which a reader cannot add."""
        where = os.path.join(self.root, "var/lib/rpm")
        for name in os.listdir(where):
            os.unlink(os.path.join(where, name))
        database = sqlite3.connect(os.path.join(where, "rpmdb.sqlite"))
        database.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT,"
                         "blob BLOB NOT NULL)")
        database.close()
        self.assertNotEqual(self.rpm("-qa")[0], 0)
        report = self.install("library")
        self.assertEqual(report["exit"], 14, report["findings"])
        self.assertIn("requirement-missing", self.codes(report))
        self.assertEqual(self.rpm("-qa"), (0, ""))

    def test_order_is_found(self):
        self.steps(("install user library", 0, [], [("library", "1.0"), ("user", "1.0")]),
                   ("remove user library", 0, [], []))

    def test_shared_package_stays(self):
        one, two = ("sharer-1", "1.0"), ("sharer-2", "1.0")
        self.steps(("install sharer-1 sharer-2", 0, [], [one, two]),
                   ("remove sharer-1", 0, [], [two]))
        self.assertIn("shared-files-1.0-1.noarch", self.packages())
        self.steps(("remove sharer-2", 0, [], []))
        self.assertNotIn("shared-files-1.0-1.noarch", self.packages())

    def test_base_package_is_never_removed(self):
        self.steps(("install updates-base", 0, [], [("updates-base", "1.0")]),
                   ("remove updates-base", 0, [], []))
        self.assertIn("base-part-2.0-1.noarch", self.packages())

    def test_licence(self):
        self.steps(("install eula", 18, ["licence-declined"], []),
                   ("install eula +licence", 0, [], [("eula", "1.0")]))

    def test_contents(self):
        report = self.install("contents")
        self.assertEqual(report["exit"], 0, report["findings"])
        for code in ("brings-setuid", "brings-kernel", "enables-service"):
            self.assertIn(code, self.codes(report))
        self.assert_has(("contents", "1.0"))
        self.assertIn("replaces-base-file", self.codes(self.install("clash")))
        self.assertIn("replaces-base-file", self.codes(self.install("updates-base")))

    def test_status_report(self):
        report = self.json("inspect", pack("contents"))
        self.assertEqual(report["packs"][0]["report"],
                         [{"category": "contents", "kind": "files",
                           "what": "/var/log/contents.log", "detail": ""}])
        report = self.install("bad-report")
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertIn("bad-report-metadata", self.codes(report))

    def test_our_own_part_of_the_report(self):
        place = os.path.join(self.root, "etc/xensource/bugtool")
        self.install("library")
        self.assertEqual(ElementTree.parse(place + "/suppack.xml").getroot().tag, "capability")
        collect = ElementTree.parse(place + "/suppack/packs.xml").getroot()
        self.assertEqual(collect.tag, "collect")
        pattern = re.compile(collect.find("directory").get("pattern"))
        records = os.path.join(self.root, host.RECORDS)
        found = [name for name in os.listdir(records)
                 if pattern.match("/%s/%s/record.json" % (host.RECORDS, name))]
        self.assertEqual(len(found), 1)
        self.assertIn("suppack-installer.log", self.listed("var/log"))
        self.remove("library")
        self.assertFalse(os.path.exists(place))

    def test_not_on_record(self):
        self.steps(("remove nobody", 11, ["not-on-record"], []))

    def test_one_fails_and_the_others_go_in(self):
        self.steps(("install library fails-pre twin-a", 20, [],
                    [("library", "1.0"), ("twin-a", "1.0")]))

    def test_refused_and_untouched(self):
        """Whatever cannot go in leaves no trace at all."""
        before = self.tree()
        for name, code, finding in (
                ("fails-pretrans", 20, "scriptlet-failed"),
                ("fails-pre", 20, "scriptlet-failed"),
                ("fails-post", 20, "scriptlet-failed"),
                ("fails-posttrans", 20, "scriptlet-failed"),
                ("clash", None, None),
                ("lacking", 14, "requirement-missing"),
                ("wrong-product", 14, "requirement-missing"),
                ("wrong-kernel", 14, "requirement-missing"),
                ("user", 14, "requirement-missing"),
                ("legacy-late", 14, "requirement-missing"),
                ("legacy-user", 14, "requirement-missing"),
                ("below-link", 13, "unsafe-path"),
                ("circle-1 circle-2", 14, "conflict"),
                ("circle-1", 14, "requirement-missing")):
            with self.subTest(pack=name):
                report = self.install(*name.split())
                if code:
                    self.assertEqual(report["exit"], code, report["findings"])
                    self.assertIn(finding, self.codes(report))
                self.assertNotEqual(report["exit"], 0)
                self.assertNotEqual(report["exit"], 1)
                self.assert_has()
                self.assert_untouched(before)

    def test_not_trusted(self):
        before = self.tree()
        report = self.install("driver-1", accept=())
        self.assertEqual(report["exit"], 12)
        self.assert_untouched(before)

    def test_all_requirements_at_once(self):
        report = self.install("lacking")
        texts = " ".join(finding["text"] for finding in report["findings"])
        self.assertIn("no-such-thing", texts)
        self.assertIn("other-thing", texts)

    def test_legacy(self):
        self.steps(("install legacy", 0, [], [("Test pack", "1.0")]),
                   ("install legacy-user", 0, [], None or
                    [("Test pack", "1.0")]))

    # ---- the running host --------------------------------------------------------------

    def become(self):
        """The host gets suppack, what that is linked to, and a machine that runs the driver."""
        for path in (command.SUPPACK, *linked_to(command.SUPPACK)):
            self.bring(path, path)
        for path in ("rpmrc", "macros", "platform/x86_64-linux/macros"):
            self.bring("/usr/lib/rpm/" + path, "/usr/lib/rpm/" + path)
        shutil.copytree(self.machine, self.root + "/machine", symlinks=True)
        shutil.copytree(pack("driver-1"), self.root + "/pack")
        os.mkdir(self.root + "/keys")
        with open(self.root + "/machine/proc/modules", "a") as modules:
            modules.write("test 16384 0 - Live 0x0000000000000000\n")

    def bring(self, path, to):
        os.makedirs(os.path.dirname(self.root + to), exist_ok=True)
        shutil.copy(os.path.realpath(path), self.root + to)

    def here(self, *arguments):
        """With the host's root for our own."""
        script = ('mount --bind "$0" "$0" && mount --rbind /proc "$0/proc" && '
                  'mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"')
        done = self.raw("unshare", "--mount", "sh", "-c", script, self.root, command.SUPPACK, "--json",
                        "--sysroot", "/machine", "--keys", "/keys", "--root", "/", *arguments)
        return json.loads(done.stdout)

    def test_running_host(self):
        """A driver that runs in its old version until the host is started again is named."""
        self.become()
        report = self.here("--accept", "unsigned", "install", "/pack")
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(["test"], [one["about"] for one in report["findings"]
                                    if one["code"] == "needs-restart"])
        self.assertEqual([one["label"] for one in self.here("list")["packs"]], ["driver"])
        report = self.here("remove", "driver")
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertIn("needs-restart", self.codes(report))
        self.assertEqual(self.records(), {})

    def test_host_that_does_not_run(self):
        self.become()
        self.assertNotIn("needs-restart", self.codes(self.install("driver-1")))

    # ---- initrd ------------------------------------------------------------------------

    def initrd(self):
        with gzip.open(os.path.join(self.root, "boot/initrd-4.19.0+1.img")) as image:
            return image.read()

    def dracut_runs(self):
        with open(os.path.join(self.root, "var/log/dracut.log")) as log:
            return log.read().count("dracut -f")

    def test_initrd_is_made_once(self):
        self.install("driver-1", "library", "user")
        self.assertEqual(self.dracut_runs(), 1)
        with open(os.path.join(self.root, "lib/modules/4.19.0+1/updates/test.ko"), "rb") as module:
            self.assertIn(module.read(), self.initrd())
        self.assertIn(b"lib/firmware/test.fw", self.initrd())
        self.remove("driver")
        self.assertEqual(self.dracut_runs(), 2)
        self.assertNotIn(b"updates/test.ko", self.initrd())

    def test_initrd_is_looked_into(self):
        with open(os.path.join(self.root, "etc/dracut.conf.d/omit.conf"), "w") as conf:
            conf.write("omit_modules='-name base.ko'\n")
        report = self.install("driver-1")
        self.assertEqual(report["exit"], 0)
        self.assertIn("initrd-lacks-module", self.codes(report))

    def test_initrd_lacks_firmware(self):
        """Where the kernel looks first; what the host does not have either is not its fault."""
        for omitted, lacks in (("*.none", []), ("acme.fw", ["lib/firmware/updates/acme.fw"])):
            with self.subTest(omitted=omitted):
                with open(os.path.join(self.root, "etc/dracut.conf.d/omit.conf"), "w") as conf:
                    conf.write(f"omit_modules='! -name {omitted}'\n")
                report = self.install("driver-firmware")
                self.assertEqual(report["exit"], 0, report["findings"])
                self.assertEqual([at["about"] for at in report["findings"]
                                  if at["code"] == "initrd-lacks-module"], lacks)
                self.remove("driver-firmware")

    def test_initrd_fails(self):
        broken = os.path.join(self.root, "var/lib/break-dracut")
        open(broken, "w").close()
        report = self.install("driver-1")
        self.assertEqual(report["exit"], 1)
        self.assertIn("initrd-failed", self.codes(report))
        os.unlink(broken)
        self.assertEqual(self.install("driver-1")["exit"], 0)
        self.assertIn(b"updates/test.ko", self.initrd())
        self.assert_has(DRIVER_1)

    # ---- space -------------------------------------------------------------------------

    def test_full_disk(self):
        small = os.path.join(self.dir, "small")
        os.mkdir(small)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "small", small], check=True)
        self.addCleanup(subprocess.run, ["umount", small])
        subprocess.run(["cp", "-a", self.root + "/.", small], check=True)
        self.root = small
        before = self.tree()
        report = self.install("large", "library")
        self.assertEqual(report["exit"], 14, report["findings"])
        self.assertIn("no-space", self.codes(report))
        self.assert_has(("library", "1.0"))
        self.remove("library")
        self.assert_untouched(before, but=(host.RECORDS, host.STAMPS, "var/update"))


if __name__ == "__main__":
    unittest.main()
