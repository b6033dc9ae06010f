# SPDX-License-Identifier: GPL-2.0-or-later
"""The manuals for people, held to what is true: their screens are the golden ones, their exit
codes and attributes are the tables' in the code, and their commands are run.

`test_docs.py --fix` puts the golden screens where the manuals name them."""
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
DOCS = TOP / "docs"
SCREEN = re.compile(r"<!-- screen: (\w+)/([\w-]+) -->\n(?:```\n(.*?)\n```\n)?", re.S)
RUN = re.compile(r"<!-- run( as root)?(?:: (\d+))? -->\n```sh\n(.*?)\n```\n", re.S)
SAID = re.compile(r"<!-- said -->\n```\n(.*?)\n```\n", re.S)
# The same screens at other sizes and on other terminals, and the installer's own.
VARIANT = re.compile(r"-(\d+x\d+|ascii-\w+|resized|many|none-ticked)$|^installer")


def golden(room, name):
    return (TOP / "tests" / room / "golden" / f"{name}.txt").read_text().rstrip("\n")


def fix():
    for path in DOCS.glob("*.md"):
        text = path.read_text()
        new = SCREEN.sub(lambda found: f"<!-- screen: {found[1]}/{found[2]} -->\n```\n"
                         f"{golden(found[1], found[2])}\n```\n", text)
        if new != text:
            path.write_text(new)


def rows(text, pattern):
    """The cells of a table's rows whose first one is @pattern."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.split("\n")
            if re.match(rf"\| {pattern} \|", line)]


class Texts(unittest.TestCase):
    def test_screens(self):
        shown = set()
        for path in DOCS.glob("*.md"):
            for room, name, text in SCREEN.findall(path.read_text()):
                with self.subTest(f"{path.name}: {name}"):
                    self.assertEqual(text, golden(room, name), "test_docs.py --fix puts it right")
                shown.add((room, name))
        there = {(path.parent.parent.name, path.stem)
                 for path in TOP.glob("tests/*/golden/*.txt") if not VARIANT.search(path.stem)}
        self.assertEqual(there - shown, set())

    def test_exit_codes(self):
        source = (TOP / "base/outcome.c").read_text()
        names = dict(re.findall(r"(SP_EXIT_\w+) = (\d+)", (TOP / "base/outcome.h").read_text()))
        expected = sorted((int(names[code]), f"`{name}`", text) for code, name, text in re.findall(
            r"\{ (SP_EXIT_\w+), \"([\w-]+)\",\s+\"([^\"]+)\" \}", source))
        table = rows((DOCS / "administrator.md").read_text(), r"\d+")
        self.assertEqual([(int(row[0]), row[1], row[2]) for row in table], expected)
        for row in table:
            self.assertRegex(row[3], r"^[A-Z].*\.$")
        manual = re.findall(r"^(\d+)\|", (TOP / "man/suppack.1").read_text(), re.M)
        self.assertEqual([int(code) for code in manual], [code for code, _, _ in expected])

    def test_attributes(self):
        source = (TOP / "installer-plugin/unattended_attributes.c").read_text()
        there = set(re.findall(r"\t\{ \"([\w-]+)\", \"", source))
        for name, own in (("administrator.md", set()), ("answerfile.md", {"pack-loss"})):
            text = (DOCS / name).read_text()
            told = {row[0].strip("`") for row in rows(text, r"`[\w-]+`")}
            self.assertEqual((there - {"pack-loss"} | own) - told, set(), name)
        self.assertIn("`pack-loss`", (DOCS / "administrator.md").read_text())

    def test_words_of_commands(self):
        """Verbs and options that the manuals name are there."""
        said = subprocess.run([os.environ["SUPPACK"], "--help"], capture_output=True, text=True,
                              check=True).stdout
        verbs = set(re.findall(r"^  (\w[\w-]*)", said, re.M))
        options = set(re.findall(r"^  --([\w-]+)", said, re.M))
        for path in [*DOCS.glob("*.md"), TOP / "README.md"]:
            for line in re.findall(r"^suppack (.*)$", path.read_text(), re.M):
                with self.subTest(f"{path.name}: {line}"):
                    words = line.split("#")[0].replace("\\", "").split()
                    self.assertLessEqual({word[2:] for word in words if word.startswith("--")}, options)
                    self.assertTrue(verbs & set(words) or not {"<", "|"}.isdisjoint(words)
                                    or words[0] not in verbs, line)


class Commands(unittest.TestCase):
    """In a directory that has what the manuals speak of."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="suppack-docs.")
        cls.dir = pathlib.Path(cls.folder.name)
        packs, keys = pathlib.Path(os.environ["PACKS"]), pathlib.Path(os.environ["KEYS"])
        tests = TOP / "tests"
        subprocess.run([tests / "fixtures/make-machine", "--kernel", "4.19.0+1", cls.dir / "host1"],
                       check=True, stdout=subprocess.DEVNULL)
        for name, source in (("driver", "good"), ("other-kernel", "other-kernel"), ("stranger", "stranger")):
            (cls.dir / f"{name}.iso").symlink_to(packs / f"{source}.iso")
        shutil.copy(keys / "trusted/RPM-GPG-KEY-good", cls.dir)
        answers = '<?xml version="1.0"?>\n<installation>\n  <source type="local"/>\n%s</installation>\n'
        source = '  <driver-source type="url" %s>file://%s</driver-source>\n'
        (cls.dir / "answers.xml").write_text(answers % source % ("", cls.dir / "driver.iso"))
        (cls.dir / "wrong.xml").write_text(answers % source % ('timeout="soon"', "/"))
        cls.make_commands(keys)
        cls.make_medium(tests, keys)
        if os.geteuid() == 0:
            cls.make_hosts(tests)

    @classmethod
    def tearDownClass(cls):
        subprocess.run(["gpgconf", "--kill", "all"], check=False, env=cls.gpg)
        cls.folder.cleanup()

    @classmethod
    def make_commands(cls, keys):
        """suppack, as it would be with these keys in /etc and a log of its own."""
        (cls.dir / "bin").mkdir()
        wrapper = cls.dir / "bin/suppack"
        wrapper.write_text(f"#!/bin/sh\nexec {os.environ['SUPPACK']} --keys {keys}/trusted "
                           f"--log {cls.dir}/log --spool {cls.dir}/spool --accept unsigned \"$@\"\n")
        wrapper.chmod(0o755)
        for tool in ("add-to-medium", "make-pack"):
            (cls.dir / "bin" / tool).symlink_to(TOP / "packaging" / tool)
        subprocess.run([TOP / "tests/factory/make-module", "--out", cls.dir / "acme-nic.ko", "--kernel",
                        "4.19.0+1", "--alias", "pci:v00008086d000010D3sv*sd*bc*sc*i*"], check=True)
        cls.gpg = {**os.environ, "HOME": str(cls.dir)}
        cls.gpg.pop("GNUPGHOME", None)
        (cls.dir / ".gnupg").mkdir(mode=0o700)
        subprocess.run(["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key",
                        "Acme <release@acme.example>", "ed25519", "sign", "never"], check=True, env=cls.gpg,
                       stderr=subprocess.DEVNULL)

    @classmethod
    def make_medium(cls, tests, keys):
        (cls.dir / "plugin/usr/sbin").mkdir(parents=True)
        shutil.copy(wrapper := cls.dir / "bin/suppack", cls.dir / "plugin/usr/sbin")
        (cls.dir / "image").mkdir()
        image = subprocess.run("find . | cpio --quiet -o -H newc | zstd -q", shell=True, check=True,
                               cwd=cls.dir / "image", stdout=subprocess.PIPE).stdout
        (cls.dir / "install.img").write_bytes(image)
        subprocess.run([tests / "factory/make-installation-medium", "--out", cls.dir / "product.iso",
                        "--kernel", wrapper, "--image", cls.dir / "install.img", "--keys", keys], check=True)

    @classmethod
    def make_hosts(cls, tests):
        packs = pathlib.Path(os.environ["INSTALL_PACKS"])
        for name in ("host", "old-host"):
            subprocess.run(["cp", "-a", packs / "target", cls.dir / name], check=True)
        (cls.dir / "pack").symlink_to(packs / "driver-1")
        subprocess.run([cls.dir / "bin/suppack", "--sysroot", cls.dir / "host1", "--root",
                        cls.dir / "old-host", "install", cls.dir / "pack"], check=True,
                       stdout=subprocess.DEVNULL)

    def test_commands(self):
        ran = 0
        for path in sorted(DOCS.glob("*.md")):
            said = ""
            for root, code, command in RUN.findall(path.read_text()):
                if root and os.geteuid() != 0:
                    continue
                ran += 1
                with self.subTest(f"{path.name}: {command}"):
                    done = subprocess.run(["sh", "-ec", command.replace("/mnt", str(self.dir))], cwd=self.dir, capture_output=True,
                                          text=True, stdin=subprocess.DEVNULL, env={
                                              "PATH": f"{self.dir}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                              "LC_ALL": "C.UTF-8", "HOME": str(self.dir)})
                    said += done.stdout
                    self.assertEqual(done.returncode, int(code or 0), done.stdout + done.stderr)
            for block in SAID.findall(path.read_text()):
                self.assertIn(re.sub(r"\d+", "N", block), re.sub(r"\d+", "N", said))
        self.assertGreater(ran, 8)


if __name__ == "__main__":
    if sys.argv[1:] == ["--fix"]:
        fix()
    else:
        unittest.main()
