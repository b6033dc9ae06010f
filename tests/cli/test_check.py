# SPDX-License-Identifier: GPL-2.0-or-later
"""What whoever made a pack is told of it: all that is wrong, and nothing of a good one."""
import os
import shutil
import subprocess

import schema
from command import KEYS, SOURCE, CommandTest, expected, main, pack
from test_packs import SAYS

# What is not wrong with a pack as such, but was for one machine; and what is said instead.
OF_A_MACHINE = {"other-kernel": None, "other-hardware": None, "not-a-driver-disk": "modules-without-group"}
NO_PACK = {"rhel-driver-disk", "suse-driver-update", "install-source", "empty"}
UNREAD = {"flipped-primary", "truncated-primary", "climbing-href"}


def factory(script, *arguments):
    subprocess.run([os.path.join(SOURCE, "tests/factory", script), *arguments], check=True)


class Check(CommandTest):
    def check(self, *arguments):
        report = self.json("check", *arguments)
        schema.check(report)
        return report

    def test_every_variant(self):
        """All of them in one run; of each pack all that is wrong with it."""
        report = self.check(*(pack(name) for name, _ in expected()))
        self.assertEqual(report["exit"], 15)
        self.assert_clean()
        packs = {os.path.basename(found["location"]): found for found in report["packs"]}
        for name, _ in expected():
            with self.subTest(name=name):
                word = OF_A_MACHINE[name] if name in OF_A_MACHINE else SAYS.get(name, [None])[0]
                if name in NO_PACK:
                    self.assertEqual([f["code"] for f in report["findings"] if f"/{name}'" in f["text"]], [word])
                    continue
                codes = {finding["code"] for finding in packs[name]["findings"]}
                self.assertLessEqual({word} - {None}, codes)
                # That the packages are not signed is said of each pack that can be read.
                if name == "rpms-signed":
                    self.assertEqual(codes, {"module-unsigned"})
                elif name in UNREAD:
                    self.assertEqual(codes, {word})
                else:
                    self.assertIn("package-signature", codes)
                    self.assertLessEqual(codes, {word, "package-signature", "module-unsigned"})

    def test_exit_codes(self):
        for name, code in (("good", 0), ("not-a-driver-disk", 0), ("other-kernel", 0), ("stranger", 12),
                           ("bad-repomd", 12), ("missing-rpm", 13), ("other-arch", 15), ("empty", 11)):
            with self.subTest(name=name):
                self.assertEqual(self.run_it("check", pack(name)).returncode, code)

    def test_text(self):
        good = self.run_it("check", pack("rpms-signed.iso"))
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        self.assertIn("driver disk, trusted, key ", good.stdout)
        self.assertIn("3 packages, 3 of them verified; 1 module\nnothing is wrong\n", good.stdout)
        bad = self.run_it("check", pack("unsigned"), pack("flipped-rpm"))
        self.assertEqual(bad.returncode, 13)
        self.assertIn("[unsigned]", bad.stderr)
        self.assertIn(f"(at '{pack('flipped-rpm')}') [damaged-package]", bad.stderr)
        self.assertNotIn("nothing is wrong", bad.stdout)

    def test_an_image_on_a_medium_is_named(self):
        for name in ("good.iso", "flipped-rpm.iso"):
            shutil.copy(pack(name), self.scratch)
        done = self.run_it("check", self.scratch)
        self.assertEqual(done.returncode, 13)
        for name in ("good.iso", "flipped-rpm.iso"):
            self.assertIn(f", in '{self.scratch}/{name}'\n", done.stdout)
        self.assertIn(f"(at '{self.scratch}/flipped-rpm.iso') [damaged-package]", done.stderr)

    def test_the_same_bytes_twice(self):
        places = [pack("good.iso"), pack("unsigned"), pack("flipped-rpm"), pack("empty")]
        self.assertEqual(len({self.run_it("--json", "check", *places).stdout for _ in range(2)}), 1)

    def test_what_was_accepted_is_no_fault(self):
        self.assertEqual(self.run_it("--accept", "unsigned", "check", pack("unsigned")).returncode, 0)
        self.assertEqual(self.run_it("--accept", "unsigned", "check", pack("mixed-owners")).returncode, 12)

    def test_a_package_that_nothing_names(self):
        place = os.path.join(self.dir, "pack")
        shutil.copytree(pack("rpms-signed"), place)
        packages = os.path.join(place, "Packages")
        shutil.copy(os.path.join(packages, sorted(os.listdir(packages))[0]),
                    os.path.join(packages, "forgotten.rpm"))
        report = self.check(place)
        found, = [f for f in report["findings"] if f["code"] == "stray-package"]
        self.assertEqual((report["exit"], found["about"]), (0, "Packages/forgotten.rpm"))

    def test_what_packages_say_of_themselves(self):
        """Signed metadata vouches for them; what else installs them looks at this all the same."""
        rpms = {}
        for name in ("other", "sha1", "flipped"):
            factory("make-plain-rpm", "--out", self.dir, "--name", name, "--version", "1.0", "--text", f"/opt/{name}=1")
            rpms[name] = os.path.join(self.dir, f"{name}-1.0-1.noarch.rpm")
        factory("sign", "--keys", KEYS, "--key", "partner", rpms["other"])
        factory("sign", "--keys", KEYS, "--key", "good", "--digest", "SHA1", rpms["sha1"])
        with open(rpms["flipped"], "r+b") as rpm:
            rpm.seek(-20, os.SEEK_END)
            byte = rpm.read(1)
            rpm.seek(-20, os.SEEK_END)
            rpm.write(bytes([byte[0] ^ 0x55]))
        place = os.path.join(self.dir, "pack")
        factory("make-pack", "--out", place, "--label", "own", "--uuid", "5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e3001",
                "--version", "1.0", "--kernel", "4.19.0+1", "--keys", KEYS, "--sign", "good", "--no-drivers-group",
                *(word for path in rpms.values() for word in ("--rpm", path)))
        report = self.check(place)
        said = {f["about"]: (f["code"], f["text"]) for f in report["findings"]}
        self.assertEqual(report["exit"], 13)
        for name, code, word in (("other", "package-signature", "and the pack's metadata by key"),
                                 ("sha1", "package-signature", "uses SHA1"),
                                 ("flipped", "damaged-package", "its content is not what its header says")):
            found = said[f"Packages/{name}-1.0-1.noarch.rpm"]
            self.assertEqual(found[0], code)
            self.assertIn(word, found[1])
        # Nobody who only installs it minds, since the metadata is signed.
        self.assertEqual(self.run_it("inspect", place).returncode, 0)

    def test_two_packs_of_one_id(self):
        for name in ("rpms-signed", "other-hardware"):
            shutil.copytree(pack(name), os.path.join(self.dir, "both", name))
        report = self.check(os.path.join(self.dir, "both"))
        self.assertEqual(self.codes(report).count("duplicate-id"), 1)
        self.assertNotIn("stray-package", self.codes(report))

    def test_the_kernel_it_is_for(self):
        self.assertEqual(self.run_it("--kernel", "4.19.0+1", "check", pack("good")).returncode, 0)
        report = self.check("--kernel", "5.0", pack("good"))
        self.assertEqual(report["exit"], 15)
        self.assertIn("wrong-kernel", self.codes(report))

    def test_a_kernel_that_takes_signed_modules_only(self):
        path = os.path.join(self.machine, "sys/module/module/parameters/sig_enforce")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as flag:
            flag.write("Y\n")
        report = self.check(pack("good"))
        self.assertEqual(report["exit"], 16)
        self.assertIn("load-key-rejected", self.codes(report))


if __name__ == "__main__":
    main()
