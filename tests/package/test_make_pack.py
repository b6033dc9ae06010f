# SPDX-License-Identifier: GPL-2.0-or-later
"""packaging/make-pack: what it makes is clean, loads, and is the same twice; what it refuses leaves
nothing behind. (That its packs work on hosts is shown everywhere: the factory makes its own by it.)"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
TOOL = TOP / "packaging" / "make-pack"
KEYS, PACKS, SUPPACK = (pathlib.Path(os.environ[name]) for name in ("KEYS", "PACKS", "SUPPACK"))
MODULE = PACKS.parent / "modules" / "test.ko"  # of an e1000e, for 4.19.0+1
RPM = PACKS / "good/Packages/test-test-1.0-1.x86_64.rpm"


class MakePack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="suppack-mp.")
        cls.dir = pathlib.Path(cls.folder.name)
        cls.home = cls.dir / "gpg"
        cls.home.mkdir(mode=0o700)
        for name in ("good", "weak"):
            cls.gpg("--import", KEYS / "secret" / name)
        cls.module = cls.dir / "test.ko"
        shutil.copy(MODULE, cls.module)
        os.utime(cls.module, (1.6e9, 1.6e9))

    @classmethod
    def tearDownClass(cls):
        subprocess.run(["gpgconf", "--homedir", cls.home, "--kill", "all"], check=False)
        cls.folder.cleanup()

    @classmethod
    def gpg(cls, *words):
        subprocess.run(["gpg", "--homedir", cls.home, "--batch", "--quiet", "--pinentry-mode", "loopback",
                        "--passphrase", "", *words], check=True, stderr=subprocess.DEVNULL)

    def make(self, out, *words, key="good@test.invalid", **environment):
        signed = ("--gpg-home", self.home, "--key", key) if key else ()
        command = [TOOL, "--label", "acme-nic", "--version", "1.2-3", "--suppack", SUPPACK, *signed, *words, out]
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120,
                              env={**os.environ, **environment})

    def made(self, name, *words, **how):
        (self.dir / name).mkdir()
        out = self.dir / name / "acme"
        done = self.make(out, *words, **how)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return out, done.stdout

    def suppack(self, *words):
        done = subprocess.run([SUPPACK, "--json", "--log", self.dir / "log", "--keys", KEYS / "trusted",
                               *words], capture_output=True, text=True, check=False)
        self.assertNotIn("Sanitizer", done.stderr)
        return json.loads(done.stdout)

    def test_a_driver_disk(self):
        """Clean, the same twice, and it loads."""
        firmware = self.dir / "acme.bin"
        firmware.write_bytes(b"acme")
        os.utime(firmware, (1.5e9, 1.5e9))
        words = ("--module", self.module, "--file", f"{firmware}=/lib/firmware/acme/acme.bin",
                 "--description", "NIC <driver> & more")
        out, said = self.made("first", *words)
        self.assertIn("driver disk, trusted, key ", said)
        self.assertIn("3 packages, 3 of them verified; 1 module\nnothing is wrong\n", said)
        again, _ = self.made("second", *words)
        subprocess.run(["diff", "-r", out, again], check=True)
        self.assertEqual(pathlib.Path(f"{out}.iso").read_bytes(), pathlib.Path(f"{again}.iso").read_bytes())
        self.assertEqual(os.stat(out / "update.xml").st_mtime, 1.6e9)
        machine = self.dir / "machine"
        subprocess.run([sys.executable, TOP / "tests/fixtures/make-machine", "--kernel", "4.19.0+1", machine],
                       check=True, stdout=subprocess.DEVNULL)
        for place in (out, f"{out}.iso"):
            report = self.suppack("--sysroot", machine, "plan", place)
            self.assertEqual((report["exit"], report["load"]), (0, ["test"]), report["findings"])
        pack, = report["packs"]
        self.assertEqual((pack["version"], pack["description"]), ("1.2-3", "NIC <driver> & more"))
        self.assertEqual(pack["requires"], ["kernel-uname-r = 4.19.0+1"])
        self.assertTrue(all(package["signer"] for package in pack["packages"]))

    def test_ready_packages(self):
        """Signed anew; a supplemental pack where it is wanted so; at the moment that is said."""
        out, said = self.made("ready", "--rpm", RPM, "--no-drivers-group", "--base-require",
                              "product-version = 8.3.0", SOURCE_DATE_EPOCH="1650000000")
        self.assertIn("supplemental pack, trusted", said)
        self.assertIn("[modules-without-group]", said)
        self.assertNotIn("[package-signature]", said)
        self.assertEqual(os.stat(out / "update.xml").st_mtime, 1650000000)
        pack, = self.suppack("inspect", out)["packs"]
        self.assertEqual((pack["label"], pack["driver_disk"]), ("acme-nic", False))
        self.assertIn("product-version = 8.3.0", pack["requires"])

    def test_a_key_that_is_about_to_expire(self):
        self.gpg("--quick-gen-key", "soon@test.invalid", "rsa2048", "sign", "60d")
        _, said = self.made("soon", "--module", self.module, key="soon@test.invalid",
                            SOURCE_DATE_EPOCH="1650000000")
        self.assertIn("[key-expires-soon]", said)

    def test_without_a_key(self):
        _, said = self.made("unsigned", "--module", self.module, "--unsigned", key=None)
        self.assertIn("driver disk, unsigned\n", said)

    def test_what_is_refused(self):
        there = self.dir / "there"
        there.mkdir()
        text = self.dir / "text.ko"
        text.write_text("no module")
        place, module = self.dir / "refused", ("--module", self.module)
        place.mkdir()
        rows = [
            (place / "a", (), "needs a --module or an --rpm"),
            (there, module, "is there already"),
            (place / "none" / "a", module, "is not there"),
            (place / "a", ("--module", place / "none.ko"), "none.ko' is not there"),
            (place / "a", ("--module", text), "is no kernel module"),
            (place / "a", (*module, "--kernel", "5.0"), "built for kernel 4.19.0+1"),
            (place / "a", (*module, "--file", "firmware"), "names no destination"),
            (place / "a", ("--rpm", text), "is no RPM"),
            (place / "a", (*module, "--label", "a b"), "is no label"),
            (place / "a", (*module, "--uuid", "1"), "is no UUID"),
            (place / "a", (*module, "--suppack", "/none"), "'/none' is not installed here"),
            (place / "a", (*module, "--key", "nobody"), "no secret key 'nobody'"),
            (place / "a", (*module, "--unsigned"), "contradict"),
            (place / "a", ("--colour", "red"), "unknown option"),
        ]
        for out, words, sentence in rows:
            with self.subTest(sentence):
                done = self.make(out, *words)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, r"^make-pack: [^\n]*\n$")
                self.assertIn(sentence, done.stderr)
                self.assertEqual((os.listdir(place), os.listdir(there)), ([], []))

    def test_what_check_refuses_is_not_written(self):
        place = self.dir / "weak"
        place.mkdir()
        done = self.make(place / "a", "--module", self.module, key="weak@test.invalid")
        self.assertEqual(done.returncode, 12, done.stderr)
        self.assertIn("[weak-signature]", done.stderr)
        self.assertIn("nothing was written", done.stderr)
        self.assertEqual(os.listdir(place), [])

    def test_help(self):
        done = self.make("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        options = set(subprocess.run(["grep", "-oE", r"^\s+(\| )?--[a-z-]+\)", TOOL], capture_output=True,
                                     text=True, check=True).stdout.replace(")", "").split())
        self.assertGreater(len(options), 25)
        self.assertEqual({word for word in options if word not in done.stdout}, {"--help"})


if __name__ == "__main__":
    unittest.main()
