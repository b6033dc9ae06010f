# SPDX-License-Identifier: GPL-2.0-or-later
"""Packs good and bad: exit codes, findings, sentences; the same answer twice."""
import os
import shutil
import subprocess

import schema
from command import KEYS, MEDIA, CommandTest, expected, main, pack

# The finding a person must see for each, and a word of its sentence.
SAYS = {
    "unsigned": ("unsigned", "not signed"),
    "half-signed": ("unsigned", "not signed"),
    "stranger": ("unknown-key", "key"),
    "expired": ("expired-key", "expired"),
    "revoked": ("revoked-key", "revoked"),
    "subrevoked": ("revoked-key", "revoked"),
    "weak": ("weak-signature", "1024"),
    "sha1": ("weak-signature", "SHA1"),
    "mixed-owners": ("keys-differ", "owner"),
    "bad-signature": ("bad-signature", "update.xml"),
    "bad-repomd": ("bad-signature", "repomd.xml"),
    "broken-armour": ("bad-signature", "update.xml"),
    "flipped-rpm": ("damaged-package", ".rpm'"),
    "flipped-header": ("damaged-package", ".rpm'"),
    "truncated-rpm": ("damaged-package", "bytes"),
    "missing-rpm": ("missing-package", ".rpm'"),
    "flipped-primary": ("damaged-metadata", "primary"),
    "truncated-primary": ("damaged-metadata", "primary"),
    "climbing-href": ("unsafe-path", "outside"),
    "not-a-driver-disk": ("not-a-driver-disk", "driver disk"),
    "other-kernel": ("wrong-kernel", "is for kernel"),
    "other-hardware": ("claims-no-device", "devices"),
    "other-arch": ("wrong-architecture", "x86_64"),
    "rhel-driver-disk": ("foreign-rhel-driver-disk", "Red Hat"),
    "suse-driver-update": ("foreign-suse-driver-update", "SUSE"),
    "install-source": ("installation-source", "installation"),
    "empty": ("no-pack", "no pack"),
}


class Plan(CommandTest):
    def test_every_variant(self):
        for name, code in expected():
            for place in (name, f"{name}.iso"):
                with self.subTest(place=place):
                    report = self.json("plan", pack(place))
                    schema.check(report)
                    self.assertEqual(report["exit"], code, report["findings"])
                    self.says(name, report)
        self.assert_clean()

    def says(self, name, report):
        if name not in SAYS:
            self.assertEqual(report["matches"][0]["verdict"], "load")
            return
        code, word = SAYS[name]
        texts = [f["text"] for f in report["findings"] if f["code"] == code]
        self.assertTrue(texts, report["findings"])
        self.assertIn(word, texts[0])

    def test_every_refusal_has_a_row(self):
        self.assertEqual({name for name, code in expected() if code}, set(SAYS))

    def test_a_refusal_as_text(self):
        done = self.run_it("plan", pack("unsigned"))
        self.assertEqual(done.returncode, 12)
        self.assertIn("[unsigned]", done.stderr)
        self.assertIn("exit code 12", done.stderr)

    def test_advice_is_given_once(self):
        said = self.run_it("plan", pack("unsigned"),
                           os.path.join(MEDIA, "rpm-unsigned")).stderr
        self.assertEqual(said.count("[unsigned]"), 2, said)
        lines = said.splitlines()
        last = max(i for i, line in enumerate(lines) if "[unsigned]" in line)
        self.assertEqual(said.count(lines[last + 1]), 1, said)
        self.assertRegex(lines[last + 1], r"^  \S")

    def test_devices_come_first(self):
        done = self.run_it("plan", pack("good"))
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.startswith("0000:04:00.0 "), done.stdout)
        self.assertIn("82574L Gigabit Network Connection, network: no driver → ",
                      done.stdout.splitlines()[0])
        self.assertIn("claims it exactly", done.stdout.splitlines()[0])

    def test_the_same_bytes_twice(self):
        places = [pack("good.iso"), pack("unsigned"), pack("flipped-rpm"), pack("empty")]
        for verb in ("plan", "inspect"):
            runs = {self.run_it("--json", verb, *places).stdout for _ in range(3)}
            self.assertEqual(len(runs), 1)

    def test_of_several_locations_the_worst_counts(self):
        self.assertEqual(self.run_it("plan", pack("good"), pack("empty")).returncode, 11)
        self.assertEqual(self.run_it("plan", pack("good"), "nowhere").returncode, 10)

    def test_what_is_not_there_is_no_matter_of_cables(self):
        for place in ("nowhere", os.path.join(pack("good"), "nowhere.iso"), "/dev/null"):
            with self.subTest(place=place):
                report = self.json("plan", place)
                self.assertEqual(report["exit"], 10)
                finding, = report["findings"]
                self.assertEqual(finding["code"], "not-there")
                self.assertIn("put the medium or the file back", finding["advice"])

    def test_a_pack_for_other_machines_is_no_fault_beside_one_for_this(self):
        for other in ("other-hardware", "other-kernel", "not-a-driver-disk"):
            with self.subTest(other=other):
                self.assertEqual(self.run_it("plan", pack(other), pack("good")).returncode, 0)
                self.assertEqual(self.run_it("plan", pack(other)).returncode, 15)

    def test_the_same_pack_twice_is_one(self):
        report = self.json("plan", pack("good"), pack("good.iso"))
        self.assertEqual(len(report["packs"]), 1)
        self.assertEqual(report["exit"], 0)

    def test_a_damaged_copy_hides_no_sound_one(self):
        """A scratched disc, and a good stick: both hold the same pack."""
        for bad in ("flipped-rpm", "flipped-header", "truncated-rpm", "flipped-primary"):
            for places in ((pack(bad), pack("good")), (pack("good"), pack(bad))):
                with self.subTest(places=places):
                    report = self.json("plan", *places)
                    self.assertEqual(report["exit"], 0)
                    self.assertEqual([at["location"] for at in report["packs"]], [pack("good")])
                    worse, = [at for at in report["findings"] if at["code"] == "worse-copy"]
                    self.assertEqual(worse["about"], pack(bad))

    def test_an_image_on_a_medium(self):
        place = os.path.join(self.dir, "stick")
        os.mkdir(place)
        shutil.copy(pack("good.iso"), place)
        self.assertEqual(self.run_it("plan", place).returncode, 0)

    def test_a_bare_rpm(self):
        packages = os.path.join(pack("rpms-signed"), "Packages")
        rpm = next(n for n in os.listdir(packages) if n.startswith("test-"))
        report = self.json("plan", os.path.join(packages, rpm))
        schema.check(report)
        self.assertEqual([p["format"] for p in report["packs"]], ["rpms"])


class Accept(CommandTest):
    def test_what_may_be_accepted(self):
        for name, what in (("unsigned", "unsigned"), ("sha1", "weak"), ("expired", "expired")):
            with self.subTest(name=name):
                self.assertEqual(self.run_it("--accept", what, "plan", pack(name)).returncode, 0)

    def test_a_key_that_came_with_the_medium(self):
        with open(os.path.join(KEYS, "fingerprints")) as lines:
            key = dict(line.split() for line in lines)["stranger"]
        place = os.path.join(self.dir, "pack")
        shutil.copytree(pack("stranger"), place)
        shutil.copy(os.path.join(KEYS, "public", "RPM-GPG-KEY-stranger"), place)
        self.assertEqual(self.json("inspect", place)["packs"][0]["trust"]["key"], key)
        self.assertEqual(self.run_it("plan", place).returncode, 12)
        for accepted, code in ((key, 0), (key.lower(), 0), (key[:-1] + "0", 12)):
            with self.subTest(accepted=accepted):
                done = self.run_it("--accept", f"key={accepted}", "plan", place)
                self.assertEqual(done.returncode, code)
        # Without the key nothing was checked, whatever the signature says of itself.
        done = self.run_it("--accept", f"key={key}", "plan", pack("stranger"))
        self.assertEqual(done.returncode, 12)

    def test_what_may_not(self):
        everything = [word for what in ("unsigned", "weak", "expired", "licence")
                      for word in ("--accept", what)]
        for name in ("revoked", "bad-signature", "mixed-owners", "stranger"):
            with self.subTest(name=name):
                self.assertEqual(self.run_it(*everything, "plan", pack(name)).returncode, 12)


class Inspect(CommandTest):
    def test_an_untrusted_pack_can_be_looked_at(self):
        for name in ("good", "unsigned", "stranger", "sha1", "expired", "weak"):
            with self.subTest(name=name):
                report = self.json("inspect", pack(name))
                schema.check(report)
                self.assertEqual(report["exit"], 0, report["findings"])
                self.assertEqual(report["packs"][0]["label"], "test-e1000e"
                                 if report["packs"][0]["label"] != "test-test" else "test-test")

    def test_a_damaged_one_says_so(self):
        self.assertEqual(self.run_it("inspect", pack("flipped-rpm")).returncode, 13)
        self.assertEqual(self.run_it("inspect", pack("empty")).returncode, 11)


class Places(CommandTest):
    """Bad input that is no pack at all."""

    def test_unreadable(self):
        rows = [("nowhere", 10), ("/dev/null", 10), ("/dev/zero", 10), ("local", None)]
        rows.append((os.path.join(self.dir, "fifo"), 10))
        os.mkfifo(rows[-1][0])
        for place, code in rows:
            with self.subTest(place=place):
                done = self.run_it("plan", place)
                self.assertIn(done.returncode, (10, 11) if code is None else (code,))
                self.assertNotEqual(done.stderr, "")

    def test_no_image(self):
        for size in (0, 1, 2048, 40960):
            path = os.path.join(self.dir, f"{size}.iso")
            with open(path, "wb") as image:
                image.write(b"\xff" * size)
            with self.subTest(size=size):
                self.assertIn(self.run_it("plan", path).returncode, (11, 13))

    def test_a_cut_image(self):
        whole = open(pack("good.iso"), "rb").read()
        for part in (10, 30, 50, 70, 90):
            path = os.path.join(self.dir, f"cut{part}.iso")
            with open(path, "wb") as image:
                image.write(whole[:len(whole) * part // 100])
            with self.subTest(part=part):
                code = self.run_it("plan", path).returncode
                self.assertIn(code, (0, 10, 11, 13))
        self.assert_clean()

    def test_nothing_is_executed_for_an_unsigned_pack(self):
        trace = os.path.join(self.dir, "trace")
        environment = dict(self.env, ASAN_OPTIONS="detect_leaks=0")
        done = subprocess.run(["strace", "-f", "-qq", "-e", "trace=execve", "-o", trace,
                               *self.arguments("--accept", "unsigned", "plan",
                                               pack("unsigned.iso"))],
                              env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(open(trace).read().count("execve("), 1)


class Log(CommandTest):
    def test_decisions_are_kept_and_added_to(self):
        self.run_it("plan", pack("unsigned"))
        first = open(self.log).read()
        self.run_it("plan", pack("good"))
        both = open(self.log).read()
        self.assertIn("finding unsigned", first)
        self.assertRegex(both, r"found 'test-test' 1\.0 at '.*/good': trusted, "
                         r"key [0-9A-F]{40}, metadata [0-9a-f]{64}\n")
        self.assertTrue(both.startswith(first))
        for line in both.splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S")

    def test_a_password_is_nowhere(self):
        done = self.run_it("plan", "http://user:s3cret@127.0.0.1:9/pack")
        self.assertNotEqual(done.returncode, 0)
        log = open(self.log).read() if os.path.exists(self.log) else ""
        self.assertNotIn("s3cret", done.stdout + done.stderr + log)


if __name__ == "__main__":
    main()
