# SPDX-License-Identifier: GPL-2.0-or-later
"""The unattended flow on a recorded machine: every outcome has its exit code, one line on
stderr, and a report that says what was decided without asking."""
import json
import os
import shutil

from command import KEYS, CommandTest, main, pack


def fingerprint(name):
    with open(os.path.join(KEYS, "fingerprints")) as rows:
        return dict(row.split()[:2] for row in rows)[name]


class Stage(CommandTest):
    def answer(self, *sources, top="installation"):
        path = os.path.join(self.dir, "answer.xml")
        with open(path, "w") as file:
            file.write("<%s>\n<source type='local'/>\n" % top + "\n".join(sources) + "\n</%s>" % top)
        return path

    def drivers(self, *sources, options=()):
        """Runs the stage; its report, and the one line that it said."""
        done = self.run_it("--json", "--retries", "0", *options, "answerfile", "--stage", "drivers",
                           self.answer(*sources))
        report = json.loads(done.stdout)
        self.assertEqual(report["exit"], done.returncode)
        self.assertEqual(done.stderr.count("\n"), 1 if done.returncode else 0, done.stderr)
        self.assert_clean()
        return report, done.stderr

    def source(self, where, attributes=""):
        return "<driver-source type='url' %s>file://%s</driver-source>" % (attributes, where)


class Answerfile(Stage):
    def test_done(self):
        report, _ = self.drivers(self.source(pack("good")))
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(report["matches"][0]["verdict"], "load")
        (source,) = report["sources"]
        self.assertEqual((source["element"], source["line"], source["outcome"]),
                         ("driver-source", 3, "done"))
        self.assertIn({"ask": "confirm", "answer": "next"},
                      [{"ask": row["ask"], "answer": row["answer"]} for row in source["decisions"]])

    def test_no_driver_sources_is_well(self):
        self.assertEqual(self.drivers()[0]["exit"], 0)

    def test_the_contract(self):
        for name, code in (("nowhere", 10), ("empty", 11), ("unsigned", 12), ("stranger", 12),
                           ("bad-signature", 12), ("flipped-rpm", 13), ("other-hardware", 15),
                           ("other-kernel", 15), ("not-a-driver-disk", 15)):
            with self.subTest(name=name):
                report, said = self.drivers(self.source(pack(name)))
                self.assertEqual(report["exit"], code, report["findings"])
                self.assertIn("(exit code %d)" % code, said)
                self.assertIn("suppack: ", said)

    def test_what_is_not_required(self):
        report, _ = self.drivers(self.source(pack("nowhere"), "required='no'"),
                                 self.source(pack("good")))
        self.assertEqual(report["exit"], 0)
        self.assertEqual([row["exit"] for row in report["sources"]], [10, 0])

    def test_the_line_is_of_the_source_that_counts(self):
        """Not of one before it that fails alike and is not required."""
        report, said = self.drivers(self.source(pack("stranger"), "required='no'"),
                                    self.source(pack("unsigned")), self.source(pack("good")))
        self.assertEqual([row["exit"] for row in report["sources"]], [12, 12, 0])
        self.assertEqual(said, f"suppack: line 4, '{pack('unsigned')}': 'test-test' is not "
                         "trusted: it is not signed (exit code 12)\n")

    def test_the_worst_counts_and_the_others_are_tried(self):
        report, _ = self.drivers(self.source(pack("nowhere")), self.source(pack("good")))
        self.assertEqual(report["exit"], 10)
        self.assertEqual([row["exit"] for row in report["sources"]], [10, 0])

    def test_accepted_for_this_source_alone(self):
        report, _ = self.drivers(self.source(pack("unsigned"), "accept='unsigned'"),
                                 self.source(pack("unsigned")))
        self.assertEqual([row["exit"] for row in report["sources"]], [0, 12])
        self.assertIn("accepted-unsigned", self.codes(report))

    def test_pinned_key(self):
        """Also one that is not trusted, if it lies with the pack and so can be checked."""
        good, partner = fingerprint("good"), fingerprint("partner")
        nobody = ("--keys", os.path.join(self.dir, "none"))
        keyed = os.path.join(self.dir, "keyed")
        os.mkdir(nobody[1])
        shutil.copytree(pack("good"), keyed)
        shutil.copy(os.path.join(KEYS, "trusted", "RPM-GPG-KEY-good"), keyed)
        for name, key, options, code in (("good", good, (), 0), ("good", partner, (), 12),
                                         ("unsigned", good, (), 12), ("stranger", good, (), 12),
                                         (keyed, good, nobody, 0), (keyed, partner, nobody, 12)):
            with self.subTest(name=name, key=key, options=options):
                report, _ = self.drivers(self.source(pack(name), "key='%s'" % key),
                                         options=options)
                self.assertEqual(report["exit"], code, report["findings"])

    def test_pinned_digest(self):
        digest = self.json("inspect", pack("good"))["packs"][0]["metadata_digest"]
        for pinned, code in ((digest, 0), ("0" * 64, 12)):
            with self.subTest(pinned=pinned):
                report, _ = self.drivers(self.source(pack("good"), "digest='%s'" % pinned))
                self.assertEqual(report["exit"], code, report["findings"])

    def test_expected_device(self):
        address = self.json("plan", pack("good"))["matches"][0]["address"]
        for device, code in ((address, 0), ("0000:fe:00.0", 17)):
            with self.subTest(device=device):
                report, _ = self.drivers(self.source(pack("good"),
                                                     "expect-device='%s'" % device))
                self.assertEqual(report["exit"], code, report["findings"])

    def test_wrong(self):
        for sources, word in ((["<driver-source>x</driver-source>"],
                               "line 3, <driver-source>: Missing mandatory attribute type"),
                              (["<driver-source type='usb'/>"], "Invalid type for <driver-source>"),
                              ([self.source("/x", "timeout='soon'")], "'timeout' of <driver-source>"),
                              ([self.source("/x", "tiemout='9'")], "no attribute 'tiemout'")):
            with self.subTest(word=word):
                report, said = self.drivers(*sources)
                self.assertEqual(report["exit"], 2)
                self.assertIn(word, said)

    def test_usage(self):
        answer = self.answer()
        for arguments in (["answerfile", answer], ["answerfile", "--stage", "disks", answer],
                          ["answerfile", "--stage", "drivers", answer + ".none"],
                          ["answerfile", "--stage", "drivers", self.dir]):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.run_it(*arguments).returncode, 2)

    def test_text_for_people(self):
        done = self.run_it("answerfile", "--stage", "drivers",
                           self.answer(self.source(pack("unsigned"))))
        self.assertEqual(done.returncode, 12)
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertIn("[unsigned]", done.stdout)


class Boot(Stage):
    """What the kernel's command line and the installer's image add."""

    def boot(self, line):
        with open(os.path.join(self.machine, "proc/cmdline"), "w") as file:
            file.write("ro quiet %s\n" % line)

    def rows(self, report):
        return [(row["element"], row["line"], row["required"], row["exit"])
                for row in report["sources"]]

    def test_extrarepo(self):
        self.boot("extrarepo=%s extrarepo=%s" % (pack("good"), pack("nowhere")))
        report, said = self.drivers()
        self.assertEqual(self.rows(report), [("extrarepo", 0, True, 0), ("extrarepo", 0, True, 10)])
        self.assertEqual(report["matches"][0]["verdict"], "load")
        self.assertIn("nowhere", said)

    def test_a_location_that_makes_no_sense(self):
        self.boot("extrarepo=gopher://joe:geheim@boot/x")
        report, said = self.drivers()
        self.assertEqual(report["exit"], 2)
        self.assertIn("extrarepo: ", said)
        self.assertNotIn("geheim", said)

    def test_prepared(self):
        """Of use or not: nobody has asked for it by name."""
        place = os.path.join(self.machine, "suppack")
        os.mkdir(place)
        self.assertEqual(self.rows(self.drivers()[0]), [])
        for name, code in (("other-hardware", 15), ("good", 0)):
            with self.subTest(name=name):
                shutil.rmtree(place)
                shutil.copytree(pack(name), os.path.join(place, name))
                report, _ = self.drivers()
                self.assertEqual(report["exit"], 0, report["findings"])
                self.assertEqual(self.rows(report), [("prepared", 0, False, code)])

    def test_trust(self):
        for line, code in (("suppack.accept=unsigned", 0), ("suppack.accept=weak", 12), ("", 12),
                           ("suppack.accept=everything", 2)):
            with self.subTest(line=line):
                self.boot(line)
                self.assertEqual(self.drivers(self.source(pack("unsigned")))[0]["exit"], code)
                self.assertEqual(self.json("plan", pack("unsigned"))["exit"], code)

    def test_blacklist(self):
        self.boot("blacklist=nothing,test")
        report, said = self.drivers(self.source(pack("good")))
        self.assertEqual(report["exit"], 15)
        self.assertEqual(report["matches"][0]["code"], "blacklisted")
        self.assertIn("command line", said)

    def test_extramodules(self):
        for line, code in (("extramodules=usb-storage", 0), ("extramodules=usb-storage,no_such_thing", 16)):
            with self.subTest(line=line):
                self.boot(line)
                report, said = self.drivers()
                self.assertEqual(report["exit"], code, report["findings"])
                self.assertEqual("no_such_thing" in said, code != 0)


if __name__ == "__main__":
    main()
