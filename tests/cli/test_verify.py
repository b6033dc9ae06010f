# SPDX-License-Identifier: GPL-2.0-or-later
"""Every package verified on request: by the verb, and from the screen of what was found."""
import base64
import collections
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import schema
from command import KEYS, PACKS, SOURCE, TIMEOUT, CommandTest, expected, main, pack
from test_flow import Screens

sys.path.insert(0, os.path.join(SOURCE, "tests/net"))
from nginx import Nginx  # noqa: E402

RPM = "Packages/test-test-1.0-1.x86_64.rpm"
READ = re.compile(r"(?:read|pread64)\(\d+<([^>]+)>.* = (\d+)$", re.M)


def factory(tool, *words):
    subprocess.run([os.path.join(SOURCE, "tests/factory", tool), *words], check=True,
                   stdout=subprocess.DEVNULL, env={**os.environ, "RPM_PAYLOAD": "w1.gzdio"})


def size_of(folder):
    return sum(os.path.getsize(os.path.join(top, name)) for top, _, names in os.walk(folder)
               for name in names if name.endswith(".rpm"))


class Case(CommandTest):
    def setUp(self):
        super().setUp()
        self.env["no_proxy"] = "*"

    def copy(self, name):
        path = os.path.join(self.dir, name)
        shutil.copytree(pack(name), path)
        return path

    def make_pack(self, name, *words):
        path = os.path.join(self.dir, "www", name)
        factory("make-pack", "--out", path, "--label", name, "--uuid",
                "5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e7001", "--version", "1.0", "--kernel", "4.19.0+1",
                "--keys", KEYS, "--sign", "good", *words)
        return path

    def mixed(self):
        """One package of it is for another kernel."""
        module = os.path.join(os.path.dirname(PACKS), "modules", "test.ko")
        factory("make-driver-rpm", "--out", self.dir, "--name", "other", "--version", "1.0",
                "--kernel", "9.9.9", module)
        return self.make_pack("mixed", "--module", module, "--rpm",
                              self.dir + "/other-1.0-1.x86_64.rpm")


class Verb(Case):
    def test_variants(self):
        """What cannot be loaded here may still be good; nothing bad is."""
        for name, code in expected()[7:]:  # those before are good, in several ways
            with self.subTest(name=name):
                report = self.json("verify", pack(name))
                schema.check(report)
                self.assertEqual(report["exit"], 0 if code == 15 else code, report["findings"])
                packages = [package for found in report["packs"] for package in found["packages"]]
                good = [package for package in packages if package["verified"]]
                self.assertEqual(report["verified"], {
                    "packages": len(packages), "good": len(good), "bad": len(packages) - len(good),
                    "bytes": sum(package["size"] for package in good)})
        self.assert_clean()

    def test_what_is_bad_is_named(self):
        for name, code, text in (("flipped-rpm", "damaged-package", "its digest"),
                                 ("missing-rpm", "missing-package", "is not there"),
                                 ("truncated-rpm", "damaged-package", "bytes")):
            with self.subTest(name=name):
                done = self.run_it("verify", pack(name))
                self.assertEqual(done.returncode, 13)
                self.assertIn(f"BAD   {RPM}", done.stdout)
                self.assertIn("2 good, 1 bad", done.stdout)
                self.assertRegex(done.stdout + done.stderr, rf"'{RPM}'.*{text}.*\[{code}\]")

    def test_a_sound_copy_does_not_excuse_a_bad_one(self):
        for places in ((pack("good"), pack("flipped-rpm")), (pack("flipped-rpm"), pack("good"))):
            with self.subTest(places=places):
                done = self.run_it("verify", *places)
                self.assertEqual(done.returncode, 13)
                self.assertIn(f"(at '{pack('flipped-rpm')}') [damaged-package]", done.stderr)
                for place in places:
                    self.assertIn(f", at {place}: trusted", done.stdout)

    def test_trust_is_part_of_it(self):
        self.assertEqual(self.json("verify", pack("unsigned"))["exit"], 12)
        report = self.json("--accept", "unsigned", "verify", pack("unsigned"))
        self.assertEqual((report["exit"], report["findings"]), (0, []))
        signatures = {package["signature"] for package in
                      self.json("verify", pack("rpms-signed"))["packs"][0]["packages"]}
        self.assertEqual(signatures, {"trusted"})
        self.assertEqual(self.json("verify", os.path.join(pack("rpms-signed"), RPM))["exit"], 0)

    def test_a_bad_signature_of_its_own(self):
        """The digest that the pack names is right, and yet it is not what somebody signed."""
        path = os.path.join(self.dir, os.path.basename(RPM))
        shutil.copy(os.path.join(pack("rpms-signed"), RPM), path)
        signature = base64.b64decode(subprocess.run(
            ["rpm", "-qp", "--nosignature", "--qf", "%{RSAHEADER:base64}", path], check=True,
            capture_output=True).stdout)
        with open(path, "r+b") as rpm:
            at = rpm.read().index(signature) + len(signature) - 8
            rpm.seek(at)
            rpm.write(bytes([signature[-8] ^ 1]))
        report = self.json("verify", self.make_pack("odd", "--rpm", path))
        self.assertEqual((report["exit"], self.codes(report)), (12, ["bad-signature"]))
        self.assertIn("its own signature", report["findings"][0]["text"])
        self.assertEqual([package["file"] for package in report["packs"][0]["packages"]
                          if not package["verified"]], [RPM])

    def reads(self, *words):
        """How many bytes of each file were read, by whatever process."""
        trace = os.path.join(self.dir, "trace")
        self.env["ASAN_OPTIONS"] = "detect_leaks=0"
        done = self.raw("strace", "-ff", "-y", "-o", trace, "-e", "trace=read,pread64",
                        *self.arguments(*words))
        count = collections.Counter()
        for name in os.listdir(self.dir):
            if name.startswith("trace."):
                with open(os.path.join(self.dir, name), errors="replace") as lines:
                    for path, size in READ.findall(lines.read()):
                        count[path] += int(size)
                os.unlink(os.path.join(self.dir, name))
        return done.returncode, count

    def test_each_byte_is_read_once(self):
        """Also of a package too large to be kept in memory, which inspect reads twice."""
        junk = os.path.join(self.dir, "junk")
        with open(junk, "wb") as file:
            file.write(os.urandom(34 << 20))
        path = self.make_pack("large", "--file", f"{junk}=/usr/share/junk", "--module", os.path.join(
            os.path.dirname(PACKS), "modules", "test.ko"), "--rpm-signed")
        sizes = {os.path.join(top, name): os.path.getsize(os.path.join(top, name))
                 for top, _, names in os.walk(path) for name in names if name.endswith(".rpm")}
        for verb, times in (("verify", 1), ("inspect", 2)):
            code, count = self.reads(verb, path)
            self.assertEqual(code, 0)
            for name, size in sizes.items():
                with self.subTest(verb=verb, name=name):
                    self.assertEqual(count[name], size * (times if size > 32 << 20 else 1))

    def test_a_server_is_asked_once_for_each(self):
        server = Nginx(self, os.path.dirname(self.mixed()))
        report = self.json("verify", server.url("mixed"))
        self.assertEqual((report["exit"], report["verified"]["good"]), (0, 4))
        asked = collections.Counter(path for path, _ in server.requests())
        self.assertEqual({path: n for path, n in asked.items() if n > 1}, {})
        self.assert_clean()


class OnRequest(Case):
    """From the screen of what was found, over the protocol."""

    def start(self, where):
        self.screens = Screens(self)
        self.notices = []
        self.screens.hello()
        self.screens.answer(self.ask("source"), "next", typed=where)
        return self.ask("packs")

    def next_line(self):
        line = self.screens.receive()
        self.assertIsNotNone(line)
        return line

    def ask(self, kind):
        line = self.next_line()
        while "ask" not in line:
            self.assertNotIn("end", line)
            self.notices.append(line)
            line = self.next_line()
        self.assertEqual(line["ask"], kind, line)
        return line

    def verify(self, packs, **more):
        self.notices = []
        self.screens.answer(packs, "verify", **more)

    def end(self, question):
        self.screens.answer(question, "cancel")
        line = self.next_line()
        while "end" not in line:
            line = self.next_line()
        self.assertEqual(line["end"]["exit"], 18)
        self.assertEqual(self.screens.finish(), (18, ""))
        self.assert_clean()

    def progress(self, text):
        return [notice["progress"] for notice in self.notices
                if notice.get("progress", {}).get("text", "").startswith(text)]

    def assert_bar(self, text, total):
        steps = self.progress(text)
        done = [step["done"] for step in steps]
        self.assertEqual({step["total"] for step in steps}, {total})
        self.assertEqual(done, sorted(done))
        self.assertEqual(done[-1], total)

    def test_all_good(self):
        for name in ("good", "good.iso"):
            with self.subTest(name=name):
                packs = self.start(pack(name))
                self.assertTrue(packs["verify"])
                self.verify(packs, chosen=[])
                verified = self.ask("verified")
                self.assertEqual((verified["title"], verified["findings"]), ("All Packages Are Good", []))
                self.assertEqual([row["ok"] for row in verified["rows"]], [True])
                self.assertIn("3 packages good", verified["rows"][0]["text"])
                self.assert_bar("Verifying every package of " + pack(name), size_of(pack("good")))
                self.screens.answer(verified, "next")
                self.end(self.ask("packs"))

    def test_ticks_and_cursor_stay(self):
        packs = self.start(pack("good"))
        key = packs["rows"][1]["key"]
        self.assertTrue(packs["rows"][1]["checked"])
        for chosen in ([], [key]):
            self.verify(packs, chosen=chosen, cursor=key)
            self.screens.answer(self.ask("verified"), "back")
            packs = self.ask("packs")
            self.assertEqual(packs["rows"][1]["checked"], bool(chosen))
            self.assertEqual(packs["cursor"], key)
        self.screens.answer(packs, "next", chosen=[key])
        self.end(self.ask("confirm"))

    def test_damaged_since_it_was_found(self):
        path = self.copy("good")
        packs = self.start(path)
        with open(os.path.join(path, RPM), "r+b") as rpm:
            rpm.seek(-100, os.SEEK_END)
            byte = rpm.read(1)
            rpm.seek(-100, os.SEEK_END)
            rpm.write(bytes([byte[0] ^ 1]))
        control = os.path.join(path, "Packages/control-test-test-1.0-1.noarch.rpm")
        os.rename(control, control + "x")
        self.verify(packs)
        bad = self.ask("verified")
        self.assertEqual(bad["title"], "Not All Is Good")
        self.assertIn("1 package is good", bad["text"])
        self.assertIn("2 are bad", bad["text"])
        self.assertEqual(sorted(finding["code"] for finding in bad["findings"]),
                         ["damaged-package", "missing-package"])
        for finding in bad["findings"]:
            self.assertIn("'test-test 1.0': 'Packages/", finding["text"])
            self.assertTrue(finding["advice"])
        self.assert_bar("Verifying", size_of(pack("good")))
        # Put right, and once more.
        shutil.copy(os.path.join(pack("good"), RPM), os.path.join(path, RPM))
        os.rename(control + "x", control)
        self.screens.answer(bad, "again")
        good = self.ask("verified")
        self.assertEqual(good["title"], "All Packages Are Good")
        self.screens.answer(good, "next")
        self.end(self.ask("packs"))

    def test_another_pack_in_its_place(self):
        path = self.copy("good")
        packs = self.start(path)
        shutil.rmtree(path)
        shutil.copytree(pack("other-kernel"), path)
        self.verify(packs)
        bad = self.ask("verified")
        self.assertIn("damaged-metadata", [finding["code"] for finding in bad["findings"]])
        self.screens.answer(bad, "next")
        self.end(self.ask("packs"))

    def test_the_medium_is_gone(self):
        path = self.copy("good")
        packs = self.start(path)
        shutil.rmtree(path)
        self.verify(packs)
        bad = self.ask("verified")
        self.assertEqual(bad["title"], "Not All Is Good")
        self.assertIn("3 could not be read", bad["text"])
        self.assertIn(path, bad["findings"][0]["text"])
        self.screens.answer(bad, "next")
        self.end(self.ask("packs"))

    def test_cancelled(self):
        """A worker that is stopped stands for a medium that does not answer."""
        packs = self.start(pack("good"))
        key = packs["rows"][1]["key"]
        self.verify(packs, chosen=[key])
        worker = self.stop_worker()
        if worker is None:
            self.skipTest("the worker was quicker than we are")
        self.screens.send({"cancel": True})
        question = self.screens.next_question()
        if question["ask"] == "verified":
            self.skipTest("the worker was quicker than we are")
        packs = question
        self.assertEqual([row["key"] for row in packs["rows"] if row["checked"]], [key])
        self.assertFalse(os.path.exists(f"/proc/{worker}/exe"))
        self.end(packs)

    def stop_worker(self):
        engine = self.screens.engine.pid
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with open(f"/proc/{engine}/task/{engine}/children") as children:
                workers = children.read().split()
            if workers:
                try:
                    os.kill(int(workers[0]), signal.SIGSTOP)
                except ProcessLookupError:
                    return None
                return int(workers[0])
        return None

    def test_what_was_not_fetched(self):
        folder = self.mixed()
        server = Nginx(self, os.path.dirname(folder))
        other = "/mixed/Packages/other-1.0-1.x86_64.rpm"
        packs = self.start(server.url("mixed"))
        self.verify(packs)
        rest = self.ask("confirm")
        self.assertIn("1 package, ", rest["rows"][0])
        self.assertIn(server.url("mixed"), rest["rows"][0])
        self.screens.answer(rest, "again")
        here = self.ask("verified")
        self.assertEqual(here["title"], "What Is Here Is Good")
        self.assertIn("1 is on a server still, and not verified", here["text"])
        self.assertNotIn(other, [path for path, _ in server.requests()])
        self.screens.answer(here, "next")
        self.verify(self.ask("packs"))
        self.screens.answer(self.ask("confirm"), "back")
        self.verify(self.ask("packs"))
        self.screens.answer(self.ask("confirm"), "next")
        whole = self.ask("verified")
        self.assertEqual((whole["title"], whole["findings"]), ("All Packages Are Good", []))
        self.assertIn("4 packages are good", whole["text"])
        self.assert_bar("Verifying every package of " + server.url("mixed"), size_of(folder))
        asked = collections.Counter(path for path, _ in server.requests())
        self.assertEqual(asked[other], 1)
        self.screens.answer(whole, "next")
        self.end(self.ask("packs"))

    def test_only_to_a_question_that_offers_it(self):
        packs = self.start(pack("good"))
        self.screens.answer(packs, "next", chosen=[packs["rows"][1]["key"]])
        self.screens.answer(self.ask("confirm"), "verify")
        self.end(self.ask("packs"))


if __name__ == "__main__":
    main()
