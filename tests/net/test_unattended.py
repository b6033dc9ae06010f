# SPDX-License-Identifier: GPL-2.0-or-later
"""Nobody at the keyboard, packs on a real server: load, install and both stages of an
answerfile, from the first request to the exit code, the report and the one line that is
said; and what the server was asked for."""
import collections
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "../root"), os.path.join(HERE, "../cli")]
import host
from command import PACKS, main
from nginx import Nginx

DRIVER, LIBRARY, USER = ("driver", "1.0"), ("library", "1.0"), ("user", "1.0")
SHOWN = "joe:geheim@"


def source(url, attributes="", element="driver-source", kind="url"):
    return "<%s type='%s' %s>%s</%s>" % (element, kind, attributes, url, element)


class Unattended(host.HostTest):
    def setUp(self):
        super().setUp()
        self.env["no_proxy"] = "*"

    def answerfile(self, *sources, top="installation"):
        path = os.path.join(self.dir, "answer.xml")
        with open(path, "w") as file:
            file.write("<%s>\n%s\n%s\n</%s>" % (top, source("file:///nowhere", "", "source"),
                                            "\n".join(sources), top.split()[0]))
        return path

    def stage(self, name, *sources, options=(), top="installation"):
        """Its report, and what it said: nothing, or one line."""
        done = self.run_it("--json", "--retries", "0", *options, "answerfile", "--stage", name,
                           self.answerfile(*sources, top=top))
        report = json.loads(done.stdout)
        self.assertEqual(report["exit"], done.returncode)
        report["sources"] = report["sources"][name == "packs":]  # but the installer's own
        self.assertEqual(done.stderr.count("\n"), 1 if done.returncode else 0, done.stderr)
        if done.returncode:
            self.assertIn("(exit code %d)" % done.returncode, done.stderr)
        return report, done.stderr

    def assert_each_once(self, server, packages):
        """No file was asked for twice, and these many packages came."""
        asked = collections.Counter(path for path, _ in server.requests())
        self.assertEqual({path: n for path, n in asked.items() if n > 1}, {})
        came = [path for path, code in server.requests() if code == 200]
        self.assertEqual(sum(path.endswith(".rpm") for path in came), packages, came)


class Drivers(Unattended):
    """The machine is a recorded one: all is done up to the moment of loading."""

    def test_done(self):
        server = Nginx(self, PACKS)
        report, _ = self.stage("drivers", source(server.url("install-source"), "", "source"),
                               source(server.url("good"), "expect-device='0000:00:03.0'"))
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(report["matches"][0]["verdict"], "load")
        (row,) = report["sources"]
        self.assertEqual((row["location"], row["outcome"]), (server.url("good"), "done"))
        self.assertIn({"ask": "confirm", "answer": "next"},
                      [{"ask": told["ask"], "answer": told["answer"]} for told in row["decisions"]])
        self.assert_each_once(server, 3)
        self.assert_clean()

    def test_the_contract(self):
        server = Nginx(self, PACKS, "location /500/ { return 500; } location /dead/ { return 403; }")
        for name, code, word in (
                ("500", 10, "500"), ("dead", 10, "403"), ("nowhere", 11, "no pack"),
                ("empty", 11, "no pack"), ("unsigned", 12, "not signed"),
                ("stranger", 12, "key"), ("bad-signature", 12, "signature"),
                ("flipped-rpm", 13, ".rpm"), ("missing-rpm", 13, "not there"),
                ("other-hardware", 15, ""), ("other-kernel", 15, "kernel"),
                ("not-a-driver-disk", 15, "")):
            with self.subTest(name=name):
                report, said = self.stage("drivers", source(server.url(name)))
                self.assertEqual(report["exit"], code, report["findings"])
                self.assertIn(word, said)
                self.assertTrue(said.startswith("suppack: "), said)
                (row,) = report["sources"]
                self.assertEqual((row["location"], row["exit"]), (server.url(name), code))
                self.assertFalse(code == 12 and self.packages_of(server, name))
                self.assert_clean()

    def packages_of(self, server, name):
        return [path for path, _ in server.requests()
                if path.startswith("/%s/" % name) and path.endswith(".rpm")]

    def test_a_device_that_is_not_bound(self):
        server = Nginx(self, PACKS)
        report, said = self.stage("drivers", source(server.url("good"),
                                                    "expect-device='0000:fe:00.0'"))
        self.assertEqual(report["exit"], 17, report["findings"])
        self.assertIn("0000:fe:00.0", said)

    def test_load(self):
        server = Nginx(self, PACKS)
        for name, code in (("good", 0), ("unsigned", 12), ("nowhere", 11), ("other-kernel", 15)):
            with self.subTest(name=name):
                self.assertEqual(self.json("load", server.url(name))["exit"], code)
                self.assertEqual(len(self.packages_of(server, name)), 3 if code == 0 else 0)
                self.assert_clean()


class Packs(Unattended):
    def test_install(self):
        server = Nginx(self, host.INSTALL)
        report = self.json("--accept", "unsigned", "install", server.url("driver-1"),
                           server.url("user"), server.url("library"))
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assert_has(DRIVER, LIBRARY, USER)
        self.assert_each_once(server, 7)
        self.assert_clean()

    def test_all_sources_and_one_initrd(self):
        server = Nginx(self, host.INSTALL)
        report, _ = self.stage(
            "packs", source(server.url("library"), "accept='unsigned'", "source"),
            source(server.url("driver-1"), "accept='unsigned'"),
            source(server.url("driver-2"), "accept='unsigned'"),
            source(server.url("user"), "accept='unsigned'"))
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assert_has(("driver", "2.0"), LIBRARY, USER)
        with open(os.path.join(self.root, "var/log/dracut.log")) as log:
            self.assertEqual(log.read().count("\n"), 1)
        self.assert_each_once(server, 10)
        self.assert_clean()

    def test_nobody_there(self):
        for url in ("http://127.0.0.1:9/x", "ftp://127.0.0.1:9/x.iso", "nfs://127.0.0.1:/nowhere"):
            with self.subTest(url=url):
                self.assertEqual(self.json("--retries", "0", "install", url)["exit"], 10)
                self.assertEqual(self.json("--retries", "0", "check-upgrade", url)["exit"], 10)
                for stage, top in (("drivers", "installation"), ("packs", "installation"),
                                   ("upgrade", "installation mode='upgrade'")):
                    report, said = self.stage(stage, source(url), top=top)
                    self.assertEqual(report["exit"], 10, report["findings"])
                    self.assertIn("127.0.0.1", said)

    def sources_in_order(self, *names, optional=()):
        """The exit code of each; nothing was fetched twice, and one initrd made."""
        server = Nginx(self, host.INSTALL)
        report, _ = self.stage("packs", *(
            source(server.url(name), "accept='unsigned' required='%s'"
                   % ("no" if name in optional else "yes"), "source") for name in names))
        self.assert_clean()
        self.assertEqual([row["location"] for row in report["sources"]],
                         [server.url(name) for name in names])
        asked = collections.Counter(path for path, _ in server.requests())
        self.assertEqual({path: n for path, n in asked.items() if n > 1}, {})
        return report["exit"], [row["exit"] for row in report["sources"]]

    def test_what_needs_a_later_source_waits_for_it(self):
        self.assertEqual(self.sources_in_order("user", "library"), (0, [0, 0]))
        self.assert_has(LIBRARY, USER)

    def test_what_needs_an_earlier_source_has_it(self):
        self.assertEqual(self.sources_in_order("library", "user"), (0, [0, 0]))
        self.assert_has(LIBRARY, USER)

    def test_what_fails_and_is_not_required_takes_nobody_with_it(self):
        self.assertEqual(self.sources_in_order("lacking", "user", "library", "fails-pre",
                                               optional=("lacking", "fails-pre")),
                         (0, [14, 0, 0, 20]))
        self.assert_has(LIBRARY, USER)

    def test_what_no_source_has_is_missing(self):
        self.assertEqual(self.sources_in_order("user", "driver-1"), (14, [14, 0]))
        self.assert_has(DRIVER)

    def test_nothing_is_fetched_for_what_nobody_accepted(self):
        server = Nginx(self, host.INSTALL)
        self.assertEqual(self.json("install", server.url("library"))["exit"], 12)
        report, _ = self.stage("packs", source(server.url("library")))
        self.assertEqual((report["exit"], report["packs"][0]["withheld"]), (12, True))
        self.assertEqual([path for path, _ in server.requests() if path.endswith(".rpm")], [])

    def test_one_that_fails_keeps_nobody_from_going_in(self):
        server = Nginx(self, host.INSTALL)
        for name, code in (("nowhere", 11), ("library", 12), ("lacking", 14), ("fails-pre", 20)):
            with self.subTest(name=name):
                accept = "accept='unsigned'" if code != 12 else ""
                report, said = self.stage("packs", source(server.url(name), accept),
                                          source(server.url("driver-1"), "accept='unsigned'"))
                self.assertEqual(report["exit"], code, report["findings"])
                self.assertEqual([row["exit"] for row in report["sources"]], [code, 0])
                self.assert_has(DRIVER)
        self.assert_clean()

    def test_what_was_kept_is_not_fetched_again(self):
        """As the stage that loads drivers leaves it."""
        server = Nginx(self, host.INSTALL)
        spool = os.path.join(self.dir, "spool")
        kept = os.path.join(spool, "kept")
        os.mkdir(spool, 0o700)
        shutil.copytree(host.pack("driver-1"), kept)
        url = server.url("driver-1", SHOWN)
        for everything, requests in ((True, 0), (False, 12)):
            with self.subTest(everything=everything):
                with open(os.path.join(spool, ".sources"), "w") as file:
                    json.dump({server.url("driver-1"): {"kept": [kept], "all": everything}}, file)
                report, _ = self.stage("packs", source(url, "accept='unsigned'"))
                self.assertEqual(report["exit"], 0, report["findings"])
                self.assertEqual(len(server.requests()), requests, server.requests())
                self.assert_has(DRIVER)

    def test_nothing_that_is_kept_knows_a_password(self):
        server = Nginx(self, host.INSTALL)
        url = server.url("driver-1", "joe:geheim")
        report, said = self.stage("packs", source(url, "accept='unsigned'"),
                                  source(server.url("nowhere", "joe:geheim")))
        self.assertEqual([row["exit"] for row in report["sources"]], [0, 11])
        text = json.dumps(report) + said
        for top, _, names in os.walk(self.dir):
            for name in names:
                path = os.path.join(top, name)
                if os.path.isfile(path) and name != "answer.xml" and "nginx" not in top:
                    with open(path, errors="replace") as file:
                        text += file.read()
        self.assertIn(server.url("driver-1"), text)
        self.assertNotIn("geheim", text)

    def test_variants_of_drivers(self):
        """As the host's own tool is told them; without it, or if it says no, that is said."""
        tool = os.path.join(self.root, "usr/sbin/driver-tool")
        told = os.path.join(self.root, "told")
        chosen = ("<selected-multiversion-drivers><driver name='ice'>super micro</driver>"
                  "<driver name='-x; reboot'/></selected-multiversion-drivers>")
        report, _ = self.stage("packs", chosen)
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(self.codes(report).count("variant-not-chosen"), 2)
        self.assertEqual([row["chosen"] for row in report["variants"]], [False, False])
        with open(tool, "w") as script:
            script.write('#!/bin/sh\nfor word; do echo "<$word>" >>/told; done\n[ "$3" = ice ]\n')
        os.chmod(tool, 0o755)
        report, _ = self.stage("packs", chosen)
        self.assertEqual(report["variants"], [
            {"driver": "ice", "variant": "super micro", "chosen": True},
            {"driver": "-x; reboot", "variant": "", "chosen": False}])
        self.assertEqual(self.codes(report).count("variant-not-chosen"), 1)
        with open(told) as lines:
            self.assertEqual(lines.read().split("\n"), [
                "<-s>", "<-n>", "<ice>", "<-v>", "<super micro>", "<-s>", "<-n>",
                "<-x; reboot>", "<-v>", "<>", ""])

    def test_onecd(self):
        """Nobody is asked for another medium."""
        for line, code in (("quiet", 18), ("onecd quiet", 0)):
            with open(os.path.join(self.machine, "proc/cmdline"), "w") as file:
                file.write(line + "\n")
            self.assertEqual(self.json("install")["exit"], code)

    def test_without_a_root(self):
        done = self.raw(host.command.SUPPACK, "answerfile", "--stage", "packs", self.answerfile())
        self.assertEqual(done.returncode, 2)
        self.assertIn("--root", done.stderr)


if __name__ == "__main__":
    main()
