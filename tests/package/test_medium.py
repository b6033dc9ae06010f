# SPDX-License-Identifier: GPL-2.0-or-later
"""packaging/add-to-medium on a medium laid out as the product's is: what changes, what does not,
and what is refused. That it boots is the virtual host's to show (vm.medium-*)."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
TOOL = TOP / "packaging" / "add-to-medium"
sys.path.insert(0, str(TOP / "packaging"))
from medium import Refused, boot  # noqa: E402

FACTORY, KEYS = HERE.parent / "factory", pathlib.Path(os.environ["KEYS"])
PACKS = pathlib.Path(os.environ["PACKS"])
KEY = KEYS / "trusted/RPM-GPG-KEY-good"
PACKERS = {"none": ["cat"], "gzip": ["gzip", "-nc"], "bzip2": ["bzip2", "-c"],
           "xz": ["xz", "--check=crc32", "-c"], "zstd": ["zstd", "-qc"]}
UNPACKERS = {"none": ["cat"], "gzip": ["gzip", "-dc"], "bzip2": ["bzip2", "-dc"],
             "xz": ["xz", "-dc"], "zstd": ["zstd", "-qdc"]}
WORDS = "answerfile=file:///etc/suppack-answerfile.xml"
ANSWERS = '<?xml version="1.0"?>\n<!-- ours -->\n<installation>\n  <source type="local"/>\n</installation>\n'


def run(*command, **how):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, **how)
    if done.returncode:
        raise AssertionError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode()}")
    return done.stdout


class MediumTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="suppack-medium.")
        cls.dir = pathlib.Path(cls.folder.name)
        cls.make_image()
        cls.make_plugin()
        (cls.dir / "answers.xml").write_text(ANSWERS)
        (cls.dir / "vmlinuz").write_bytes(b"kernel" * 1000)
        cls.product = cls.make_product("zstd")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def make_image(cls):
        """An installer's image whose /usr/sbin is a link, as newer ones have it."""
        root = cls.dir / "image"
        for name in ("usr/bin", "usr/lib64", "etc/pki/rpm-gpg"):
            (root / name).mkdir(parents=True)
        (root / "usr/sbin").symlink_to("bin")
        (root / "etc/pki/rpm-gpg").chmod(0o700)
        (root / "usr/lib64/libthere.so").write_text("as it is\n")
        (root / "init").write_text("#!/bin/sh\n")
        cls.cpio = run("sh", "-c", "find . | sort | cpio --quiet -o -H newc -R 0:0", cwd=root)

    @classmethod
    def make_plugin(cls):
        root = cls.dir / "plugin"
        for name, text in (("usr/sbin/suppack", "program"), ("usr/lib64/suppack/suppack.so", "library"),
                           ("usr/lib64/libthere.so", "as it is\n")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        (root / "usr/sbin/suppack").chmod(0o755)

    @classmethod
    def make_product(cls, how):
        image, product = cls.dir / f"install.{how}", cls.dir / f"{how}.iso"
        image.write_bytes(run(*PACKERS[how], input=cls.cpio))
        run(FACTORY / "make-installation-medium", "--out", product, "--kernel", cls.dir / "vmlinuz",
            "--image", image, "--keys", KEYS, "--arguments", "console=ttyS0")
        return product

    def output(self, name="new.iso"):
        path = self.dir / name
        path.unlink(missing_ok=True)
        return path

    def add(self, *options, medium=None, out=None):
        out = out or self.output()
        return out, run(TOOL, *options, medium or self.product, out).decode()

    def all_of_it(self, **how):
        return self.add("--plugin", self.dir / "plugin", "--key", KEY, "--pack", PACKS / "good.iso",
                        "--pack", PACKS / "not-a-driver-disk", "--answerfile", self.dir / "answers.xml",
                        **how)

    def extracted(self, iso, path):
        out = self.dir / "extracted"
        shutil.rmtree(out, ignore_errors=True)
        out.unlink(missing_ok=True)
        run("xorriso", "-osirrox", "on", "-indev", iso, "-extract", path, out)
        return out

    # ---- the installer's image ---------------------------------------------------------------

    def test_image(self):
        for how in PACKERS:
            with self.subTest(how):
                product = self.make_product(how)
                old = (self.dir / f"install.{how}").read_bytes()
                iso, _ = self.add("--plugin", self.dir / "plugin", "--key", KEY, medium=product)
                new = self.extracted(iso, "/install.img").read_bytes()
                self.assertEqual(new[:len(old)], old)
                added = run(*UNPACKERS[how], input=new[len(old):])
                listed = run("cpio", "-itv", "--quiet", input=added.lstrip(b"\0")).decode().splitlines()
                rows = [(row.split()[0], row.split()[2], row.split()[3], row.split()[-1]) for row in listed]
                self.assertEqual(rows, [
                    ("-rw-r--r--", "root", "root", "etc/pki/rpm-gpg/RPM-GPG-KEY-good"),
                    ("-rwxr-xr-x", "root", "root", "usr/bin/suppack"),
                    ("drwxr-xr-x", "root", "root", "usr/lib64/suppack"),
                    ("-rw-r--r--", "root", "root", "usr/lib64/suppack/suppack.so")])

    def test_again(self):
        """What was added to can be added to: what is there already is left out."""
        first, _ = self.add("--plugin", self.dir / "plugin", out=self.output("first.iso"))
        second, said = self.add("--plugin", self.dir / "plugin", "--key", KEY, medium=first)
        self.assertIn("an archive of 1 files behind it", said)
        self.assertIn("3 more files are in the image already", said)

    # ---- the whole of it -----------------------------------------------------------------------

    def test_all(self):
        iso, said = self.all_of_it()
        for line in ("/suppack/test-test-good, a driver disk",
                     "/suppack/test-test-not-a-driver-disk, a supplemental pack",
                     "the repository and its signatures among them",
                     "boots as before: BIOS: /boot/isolinux/isolinux.bin; UEFI: /boot/efiboot.img"):
            self.assertIn(line, said)
        new = self.extracted(iso, "/install.img").read_bytes()
        added = run("zstd", "-qdc", input=new[(self.dir / "install.zstd").stat().st_size:])
        root = self.dir / "unpacked"
        root.mkdir()
        run("cpio", "-id", "--quiet", input=added, cwd=root)
        run("diff", "-r", PACKS / "good", root / "suppack/test-test-good")
        self.assertEqual((root / "etc/suppack-answerfile.xml").read_text(), ANSWERS.replace(
            "</installation>",
            '  <driver-source type="url">file:///suppack/test-test-good</driver-source>\n'
            '  <source type="url">file:///suppack/test-test-not-a-driver-disk</source>\n'
            "</installation>"))
        self.check_signature(iso)
        self.check_entries(iso)

    def check_signature(self, iso):
        repodata, ring = self.extracted(iso, "/repodata"), self.dir / "ring.gpg"
        ring.write_bytes(run("gpg", "--dearmor", input=KEY.read_bytes()))
        run("gpgv", "--keyring", ring, repodata / "repomd.xml.asc", repodata / "repomd.xml")

    def check_entries(self, iso):
        fat = self.extracted(iso, "/boot/efiboot.img")
        efi = run("mtype", "-i", fat, "::/EFI/xenserver/grub.cfg").decode()
        for path, text in (("grub.cfg", self.extracted(iso, "/EFI/xenserver/grub.cfg").read_text()),
                           ("in the FAT image", efi),
                           ("isolinux.cfg", self.extracted(iso, "/boot/isolinux/isolinux.cfg").read_text())):
            with self.subTest(path):
                line, = [line for line in text.splitlines() if WORDS in line]
                self.assertNotIn("bash-shell", line)
                self.assertTrue(line.endswith("console=ttyS0 " + WORDS))

    def test_same_bytes(self):
        """Whenever and from wherever it is made."""
        first, _ = self.all_of_it(out=self.output("first.iso"))
        shutil.copytree(self.dir / "plugin", self.dir / "elsewhere", copy_function=shutil.copyfile)
        (self.dir / "elsewhere/usr/sbin/suppack").chmod(0o700)
        second, _ = self.add("--plugin", self.dir / "elsewhere", "--key", KEY, "--pack", PACKS / "good",
                             "--pack", PACKS / "not-a-driver-disk.iso", "--answerfile",
                             self.dir / "answers.xml", out=self.output("second.iso"))
        self.assertEqual(first.read_bytes(), second.read_bytes())

    def test_tree(self):
        """Of an unpacked medium, the boot records are made anew."""
        iso, said = self.all_of_it(medium=self.dir / "zstd.tree")
        self.assertIn("boots as before: BIOS: /boot/isolinux/isolinux.bin; UEFI: /boot/efiboot.img; "
                      "system area: MBR isohybrid", said)
        self.check_entries(iso)

    # ---- refused --------------------------------------------------------------------------------

    def test_refusals(self):
        answers = self.dir / "wrong.xml"
        text = self.dir / "text"
        text.write_text("just text\n")
        rows = (
            ((), None, "there is nothing to add"),
            (("--pack", self.dir / "plugin"), None, "there is no pack in"),
            (("--pack", text), None, "there is no pack in"),
            (("--pack", PACKS / "good", "--pack", PACKS / "good.iso"), None, "two packs are called 'test-test-good'"),
            (("--key", text), None, "is no public key in ASCII armour"),
            (("--key", KEY), text, "is no ISO 9660 image"),
            (("--key", KEY), PACKS / "good.iso", "the medium has no '/install.img'"),
            (("--key", KEY, "--image", "/boot/vmlinuz"), None, "is no cpio archive"),
            (("--answerfile", answers, "<restore/>"), None, "installs nothing: it is a <restore>"),
            (("--answerfile", answers, "<installation"), None, "is not XML"),
            (("--answerfile", answers, "<installation/>"), None, "is empty"),
        )
        for options, medium, sentence in rows:
            with self.subTest(sentence):
                if options[:1] == ("--answerfile",):
                    answers.write_text(options[2])
                    options = options[:2]
                out = self.output()
                done = subprocess.run([TOOL, *options, medium or self.product, out],
                                      capture_output=True, text=True)
                self.assertEqual(done.returncode, 1)
                self.assertIn(sentence, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertFalse(out.exists())
        self.assertFalse(list(self.dir.glob("*.partial")))

    def test_twice_unattended(self):
        first, _ = self.all_of_it(out=self.output("first.iso"))
        with self.assertRaisesRegex(AssertionError, "has 'answerfile' already"):
            self.all_of_it(medium=first)

    def test_nothing_is_overwritten(self):
        out = self.output()
        out.write_text("mine")
        with self.assertRaisesRegex(AssertionError, "is there already"):
            self.add("--key", KEY, out=out)
        self.assertEqual(out.read_text(), "mine")


class BootTest(unittest.TestCase):
    """Configurations as media have them; only the line of the default entry changes."""

    XEN = ("DEFAULT install\nLABEL safe\n\tKERNEL mboot.c32\n"
           "\tAPPEND /boot/xen.gz dom0_mem=max:8192M nosmp --- /boot/vmlinuz console=hvc0 --- /install.img\n"
           "LABEL install\n\tKERNEL mboot.c32\n"
           "\tAPPEND /boot/xen.gz dom0_mem=max:8192M --- /boot/vmlinuz console=hvc0 console=tty0 --- /install.img\n")
    GRUB = ('set default="0"\nif [ x = y ]; then\n  set z=1\nfi\n'
            'menuentry "install" {\n    multiboot2 /boot/xen.gz dom0_mem=max:8192M\n'
            '    module2 /boot/vmlinuz console=hvc0\n    module2 /install.img\n}\n'
            "menuentry 'safe' --id 'safe-one' {\n    multiboot2 /boot/xen.gz nosmp\n"
            "    module2 /boot/vmlinuz console=hvc0\n    module2 /install.img\n}\n")

    def changed(self, edit, text):
        """The lines that the edit made others of."""
        new = edit(text, "a=1 b")
        lines = list(zip(text.split("\n"), new.split("\n"), strict=True))
        return [(number, after) for number, (before, after) in enumerate(lines) if before != after]

    def test_isolinux(self):
        menu = self.XEN.replace("DEFAULT install", "DEFAULT vesamenu.c32").replace(
            "LABEL safe\n", "LABEL safe\n\tMENU DEFAULT\n")
        for text, expected in (
                (self.XEN, [(6, "\tAPPEND /boot/xen.gz dom0_mem=max:8192M --- /boot/vmlinuz console=hvc0 "
                                "console=tty0 a=1 b --- /install.img")]),
                (menu, [(4, "\tAPPEND /boot/xen.gz dom0_mem=max:8192M nosmp --- /boot/vmlinuz "
                            "console=hvc0 a=1 b --- /install.img")]),
                ("label x\nkernel vmlinuz\nappend initrd=i quiet", [(2, "append initrd=i quiet a=1 b")])):
            self.assertEqual(self.changed(boot.isolinux, text), expected)

    def test_grub(self):
        line = "    module2 /boot/vmlinuz console=hvc0 a=1 b"
        for default, number in (('"0"', 6), ("1", 11), ('"safe"', 11), ("safe-one", 11), ('"install"', 6)):
            with self.subTest(default):
                self.assertEqual(self.changed(boot.grub, self.GRUB.replace('"0"', default)), [(number, line)])
        self.assertEqual(self.changed(boot.grub, 'menuentry "x" {\nlinux /vmlinuz q\n}'),
                         [(1, "linux /vmlinuz q a=1 b")])

    def test_refused(self):
        for edit, text, sentence in (
                (boot.isolinux, "DEFAULT x\n", "no entry"),
                (boot.isolinux, "LABEL x\nAPPEND /xen.gz --- /other --- /install.img", "no kernel"),
                (boot.isolinux, "LABEL x\nAPPEND initrd=i a=2", "has 'a' already"),
                (boot.grub, self.GRUB.replace('"0"', '"7"'), "no entry '7'"),
                (boot.grub, self.GRUB.replace("vmlinuz console", "vmlinuz b console"), "has 'b' already"),
                (boot.grub, 'menuentry "x" {\nchainloader /memtest\n}', "starts no kernel")):
            with self.subTest(sentence):
                with self.assertRaisesRegex(Refused, re.escape(sentence)):
                    edit(text, "a=1 b")


if __name__ == "__main__":
    unittest.main()
