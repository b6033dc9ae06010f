# SPDX-License-Identifier: GPL-2.0-or-later
"""What is typed wrong is said in one sentence and ends with 2; the manual knows all there is."""
import os
import re

from command import SOURCE, SUPPACK, CommandTest, main

WRONG = [
    ([], "no verb"),
    (["frobnicate"], "'frobnicate'"),
    (["--frobnicate", "probe"], "'--frobnicate'"),
    (["--jso", "probe"], "'--jso'"),
    (["probe", "somewhere"], "'somewhere'"),
    (["plan"], "'plan' needs"),
    (["inspect"], "'inspect' needs"),
    (["check"], "'check' needs"),
    (["probe", "--sysroot"], "'--sysroot' needs"),
    (["--json=yes", "probe"], "'--json'"),
    (["--timeout", "0", "probe"], "'0'"),
    (["--timeout", "-5", "probe"], "'-5'"),
    (["--timeout", "soon", "probe"], "'soon'"),
    (["--accept", "everything", "probe"], "'everything'"),
    (["--accept", "key=12", "probe"], "'key=12'"),
    (["--accept", "bad", "probe"], "'bad'"),
    (["ui", "frobnicate"], "'frobnicate'"),
    (["serve", "drivers", "77"], "'77'"),
    (["serve", "frobnicate", "0"], "'frobnicate'"),
    (["plan", "gopher://server/pack"], "gopher"),
]


class Usage(CommandTest):
    def test_wrong(self):
        for arguments, names in WRONG:
            with self.subTest(arguments=arguments):
                done = self.run_it(*arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(names, done.stderr.splitlines()[0])
                self.assertIn("[wrong-usage]", done.stderr)
                self.assertEqual(done.stdout, "")

    def test_wrong_as_json(self):
        report = self.json("frobnicate")
        self.assertEqual(report["outcome"], "usage")
        self.assertEqual(self.codes(report), ["wrong-usage"])

    def test_a_sysroot_that_is_not_there(self):
        done = self.raw(SUPPACK, "--sysroot", "/nonexistent", "--log", self.log, "probe")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("'/nonexistent'", done.stderr)

    def test_options_may_stand_anywhere(self):
        first = self.raw(SUPPACK, "--log", self.log, "--sysroot", self.machine, "probe")
        last = self.raw(SUPPACK, "probe", f"--sysroot={self.machine}", f"--log={self.log}")
        self.assertEqual(first.returncode, 0)
        self.assertEqual(first.stdout, last.stdout)

    def test_two_dashes_end_options(self):
        done = self.run_it("plan", "--", "--json")
        self.assertEqual(done.returncode, 10)
        self.assertIn("'--json'", done.stderr)


class Manual(CommandTest):
    def setUp(self):
        super().setUp()
        with open(os.path.join(SOURCE, "man/suppack.1")) as page:
            self.page = page.read().replace("\\-", "-").replace("\\fR", "")
        self.help = self.raw(SUPPACK, "--help").stdout

    def test_every_verb_is_in_the_manual(self):
        verbs = re.findall(r"^  ([a-z-]+)(?: |$)", self.help, re.M)
        self.assertIn("probe", verbs)
        for verb in verbs:
            self.assertTrue(re.search(rf"(?m)^\.BI? {verb}( |$)", self.page), verb)

    def test_every_option_is_in_the_manual(self):
        options = re.findall(r"^  --([a-z-]+)", self.help, re.M)
        self.assertIn("sysroot", options)
        for option in options:
            self.assertTrue(re.search(rf"(?m)^\.BI? --{option}( |$)", self.page), option)

    def test_the_manual_names_no_other_options(self):
        named = set(re.findall(r"(?m)^\.BI? --([a-z-]+)", self.page))
        self.assertEqual(named, set(re.findall(r"^  --([a-z-]+)", self.help, re.M)))

    def test_version(self):
        done = self.raw(SUPPACK, "--version")
        self.assertRegex(done.stdout, r"^suppack [0-9.]+\n$")


if __name__ == "__main__":
    main()
