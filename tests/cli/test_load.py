# SPDX-License-Identifier: GPL-2.0-or-later
"""What a load is made of: packages that need one another, modules between which only an
operator can choose, packs of the old kind, and the way back through all of it."""
import os
import subprocess

import schema
from command import KEYS, PACKS, SOURCE, CommandTest, main, pack
from test_flow import Screens

MODULE = os.path.join(os.path.dirname(PACKS), "modules", "test.ko")
FACTORY = os.path.join(SOURCE, "tests/factory")
KERNEL = "4.19.0+1"


class LoadTest(CommandTest):
    def factory(self, tool, *arguments):
        subprocess.run([os.path.join(FACTORY, tool), *arguments], check=True,
                       stdout=subprocess.DEVNULL)

    def path(self, name):
        return os.path.join(self.dir, name)

    def driver(self, name, version="1.0", *more):
        self.factory("make-driver-rpm", "--out", self.path("rpms"), "--name", name, "--version",
                     version, "--kernel", KERNEL, *more, MODULE)
        return self.path(f"rpms/{name}-{version}-1.x86_64.rpm")

    def plain(self, name, *more):
        self.factory("make-plain-rpm", "--out", self.path("rpms"), "--name", name, "--version",
                     "1.0", *more)
        return self.path(f"rpms/{name}-1.0-1.noarch.rpm")

    def pack(self, name, *rpms):
        """A signed driver disk of these RPMs; its place."""
        number = 1 + sum(entry.startswith("pack-") for entry in os.listdir(self.dir))
        self.factory("make-pack", "--out", self.path(f"pack-{name}"), "--label", name, "--uuid",
                     f"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e10{number:02}", "--version", "1.0",
                     "--kernel", KERNEL, "--keys", KEYS, "--sign", "good",
                     *(word for rpm in rpms for word in ("--rpm", rpm)))
        return self.path(f"pack-{name}")


    def used(self, report):
        """Labels of the packs whose modules would be loaded."""
        labels = {pack["id"]: pack["label"] for pack in report["packs"]}
        return [labels[match["pack"]] for match in report["matches"] if match["verdict"] == "load"]


class Needs(LoadTest):
    def test_what_a_driver_needs_of_its_pack(self):
        driver = self.driver("acme-driver", "1.0", "--require", "acme-firmware", "--require",
                             "/usr/bin/acme")
        place = self.pack("acme", driver, self.plain("acme-tool", "--text", "/usr/bin/acme=x"),
                          self.plain("acme-firmware", "--require", "acme-base"),
                          self.plain("acme-base"), self.plain("acme-docs"))
        report = self.json("plan", place)
        self.assertEqual(report["exit"], 0, report["findings"])
        names = [nevra.rsplit("-", 2)[0] for nevra in report["install"]]
        for name in ("acme-driver", "acme-tool", "acme-firmware", "acme-base"):
            self.assertIn(name, names)

    def test_what_cannot_be_installed_is_refused_before_anything_is_done(self):
        driver = self.driver("acme-driver", "1.0", "--require", "acme-firmware")
        place = self.pack("acme", driver,
                          self.plain("acme-firmware", "--conflict", "acme-driver"))
        report = self.json("load", place)
        self.assertEqual(report["exit"], 14, report["findings"])
        self.assertEqual(report["matches"][0]["verdict"], "refused")
        self.assertIn("conflicts with", report["matches"][0]["reason"])
        self.assertEqual(self.codes(report).count("requirement-missing"), 1)

    def test_another_pack_takes_the_place(self):
        newer = self.pack("newer", self.driver("newer-driver", "2.0", "--require", "thing"),
                          self.plain("thing", "--conflict", "newer-driver"))
        older = self.pack("older", self.driver("older-driver"))
        report = self.json("plan", newer, older)
        self.assertEqual(self.used(report), ["older"])


class Firmware(LoadTest):
    def test_who_has_it(self):
        """Nobody; the system, compressed; the pack itself."""
        module = self.path("acme_nic.ko")
        self.factory("make-module", "--out", module, "--kernel", KERNEL, "--firmware",
                     "acme/nic.bin", "--alias", "pci:v00008086d000010D3sv*sd*bc*sc*i*")
        self.factory("make-driver-rpm", "--out", self.path("rpms"), "--name", "bare", "--version",
                     "1.0", "--kernel", KERNEL, module)
        self.factory("make-driver-rpm", "--out", self.path("rpms"), "--name", "whole", "--version",
                     "1.0", "--kernel", KERNEL, "--file",
                     f"{module}=/lib/firmware/updates/acme/nic.bin", module)
        bare = self.pack("bare", self.path("rpms/bare-1.0-1.x86_64.rpm"))
        whole = self.pack("whole", self.path("rpms/whole-1.0-1.x86_64.rpm"))
        system = os.path.join(self.machine, "lib/firmware/acme")
        for place, is_there, missing in ((bare, False, 1), (whole, False, 0), (bare, True, 0)):
            with self.subTest(place=os.path.basename(place), is_there=is_there):
                if is_there:
                    os.makedirs(system)
                    open(os.path.join(system, "nic.bin.xz"), "w").close()
                report = self.json("plan", place)
                self.assertEqual(report["exit"], 0, report["findings"])
                said = [at["text"] for at in report["findings"] if at["code"] == "firmware-missing"]
                self.assertEqual(len(said), missing, said)
                self.assertTrue(all("acme/nic.bin" in text for text in said))


class Media(LoadTest):
    """What packs are on, where that is out of the ordinary."""

    def image(self, place):
        self.factory("make-iso", "--out", place + ".iso", "--label", "PACK", place)
        return place + ".iso"

    def assert_usable(self, place):
        report = self.json("plan", place)
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual([match["verdict"] for match in report["matches"]], ["load"])

    def test_a_package_that_no_memory_holds(self):
        """More than is kept of a package: it is read a second time for its modules."""
        blob = self.path("blob")
        with open(blob, "wb") as out:
            out.write(os.urandom(33 << 20))
        os.environ["RPM_PAYLOAD"] = "w1.gzdio"  # ten times as quick
        self.addCleanup(os.environ.pop, "RPM_PAYLOAD")
        place = self.pack("large", self.driver("large-driver", "1.0", "--file",
                                               f"{blob}=/usr/share/large/blob"))
        self.assert_usable(place)
        self.assert_usable(self.image(place))

    def test_files_of_two_names(self):
        """Images hold what two names share once; which one comes first is up to them."""
        place = self.pack("names", self.driver("names-driver"))
        for folder in ("AAA", "ZZZ"):
            os.mkdir(os.path.join(place, folder))
            for name in os.listdir(os.path.join(place, "Packages")):
                os.link(os.path.join(place, "Packages", name), os.path.join(place, folder, name))
        self.assert_usable(place)
        self.assert_usable(self.image(place))


class Legacy(LoadTest):
    PLACE = f"/lib/modules/{KERNEL}/updates/{os.path.basename(MODULE)}"

    def legacy(self, *packages):
        self.factory("make-legacy-pack", "--out", self.path("legacy"), "--originator", "acme",
                     "--name", "old", "--version", "1.0",
                     *(word for package in packages for word in ("--package", package)))
        return self.path("legacy")

    def firmware(self, name):
        with open(self.path(name), "wb") as out:
            out.write(b"acme firmware")
        return f"firmware:{self.path(name)}"

    def refused(self, *packages):
        """The reason."""
        report = self.json("--accept", "unsigned", "load", self.legacy(*packages))
        self.assertEqual(report["exit"], 14, report["findings"])
        self.assertEqual(report["matches"][0]["verdict"], "refused")
        return report["matches"][0]["reason"]

    def test_its_rpms_load_once_they_are_accepted(self):
        place = self.legacy(f"driver-rpm:{self.driver('old-driver')}:{KERNEL}")
        report = self.json("plan", place)
        self.assertEqual(report["exit"], 12, report["findings"])
        self.assertIn("unsigned", self.codes(report))
        report = self.json("--accept", "unsigned", "load", place)
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(report["matches"][0]["verdict"], "load")
        self.assertIn("accepted-unsigned", self.codes(report))

    def test_a_driver_and_firmware_that_are_no_rpms(self):
        place = self.legacy(f"driver:{MODULE}:{self.PLACE}", self.firmware("acme.bin"))
        self.assertEqual(self.json("plan", place)["exit"], 12)
        report = self.json("--accept", "unsigned", "plan", place)
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(report["matches"][0]["verdict"], "load")
        self.assertEqual(report["place"], ["/lib/firmware/acme.bin", self.PLACE])
        self.assertEqual(report["install"], [])
        text = self.run_it("--accept", "unsigned", "plan", place).stdout
        self.assertIn(f"would place {self.PLACE}\n", text)
        report = self.json("--accept", "unsigned", "load", place)
        self.assertEqual(report["exit"], 0, report["findings"])

    def test_the_kernel_is_filled_in(self):
        place = self.legacy(f"driver:{MODULE}:{self.PLACE.replace(KERNEL, '${KERNEL_VERSION}')}")
        report = self.json("--accept", "unsigned", "plan", place)
        self.assertEqual(report["place"], [self.PLACE], report["findings"])

    def test_an_rpm_and_firmware_that_is_none(self):
        """Firmware that the driver asks for, and one that only the pack knows."""
        module = self.path("acme_nic.ko")
        self.factory("make-module", "--out", module, "--kernel", KERNEL, "--firmware",
                     "nic.bin", "--alias", "pci:v00008086d000010D3sv*sd*bc*sc*i*")
        self.factory("make-driver-rpm", "--out", self.path("rpms"), "--name", "bare", "--version",
                     "1.0", "--kernel", KERNEL, module)
        rpm = self.path("rpms/bare-1.0-1.x86_64.rpm")
        place = self.legacy(f"driver-rpm:{rpm}:{KERNEL}", self.firmware("nic.bin"),
                            self.firmware("other.bin"))
        report = self.json("--accept", "unsigned", "plan", place)
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(report["place"], ["/lib/firmware/nic.bin", "/lib/firmware/other.bin"])
        self.assertEqual(report["install"], ["bare-1.0-1.x86_64"])
        self.assertNotIn("firmware-missing", self.codes(report))

    def test_what_is_to_be_placed_is_shown_before(self):
        place = self.legacy(f"driver:{MODULE}:{self.PLACE}", self.firmware("acme.bin"))
        screens = Screens(self, locations=[place])
        screens.hello()
        packs = screens.next_question()
        screens.answer(packs, "next", chosen=[row["key"] for row in packs["rows"]
                                              if row.get("checked")])
        screens.answer(screens.next_question(), "next")
        confirm = screens.next_question()
        self.assertEqual(confirm["ask"], "confirm")
        self.assertTrue(confirm["rows"][0].startswith("Place /lib/firmware/acme.bin ("), confirm)
        self.assertTrue(confirm["rows"][1].startswith(f"Place {self.PLACE} ("), confirm)
        screens.answer(confirm, "cancel")
        screens.next_question()
        screens.finish()

    def test_files_that_no_driver_has(self):
        module = os.path.basename(MODULE)
        for where, why in ((f"/etc/cron.d/{module}", "no place for drivers"),
                           (f"/lib/modules/4.4.0/updates/{module}", "does not find it"),
                           (f"/lib/modules/{KERNEL}/updates", "does not find it"),
                           (f"/lib/modules/{KERNEL}/updates/another.ko", "does not find it"),
                           (f"/usr/share/{module}", "does not find it")):
            with self.subTest(where=where):
                self.assertIn(why, self.refused(f"driver:{MODULE}:{where}"))

    def test_an_archive_is_for_the_installed_host(self):
        subprocess.run(["tar", "-C", os.path.dirname(MODULE), "-cjf", self.path("old.tar.bz2"),
                        os.path.basename(MODULE)], check=True)
        archive = f"tbz2:{self.path('old.tar.bz2')}:/opt/old"
        report = self.json("--accept", "unsigned", "plan",
                           self.legacy(archive, f"driver:{MODULE}:{self.PLACE}"))
        self.assertEqual(report["place"], [self.PLACE], report["findings"])
        report = self.json("--accept", "unsigned", "plan", self.legacy(archive))
        self.assertEqual(report["exit"], 15, report["findings"])
        self.assertIn("not-a-driver-disk", self.codes(report))


class Talk(LoadTest):
    def start(self, *locations):
        screens = Screens(self, locations=locations)
        screens.hello()
        return screens

    def ask(self, screens, kind):
        question = screens.next_question()
        self.assertIsNotNone(question)
        self.assertEqual(question.get("ask"), kind, question)
        return question

    def assert_end(self, screens, code):
        end = screens.next_question()["end"]
        self.assertEqual(end["exit"], code)
        schema.check(end["report"])
        self.assertEqual(screens.finish(), (code, ""))
        self.assert_clean()

    def ticked(self, packs):
        return [row["key"] for row in packs["rows"] if row.get("checked")]

    def test_back_to_the_packs_though_the_place_was_given(self):
        screens = self.start(pack("unsigned"))
        packs = self.ask(screens, "packs")
        self.assertEqual(len(self.ticked(packs)), 1)
        screens.answer(packs, "next", chosen=self.ticked(packs))
        screens.answer(self.ask(screens, "trust"), "back")
        packs = self.ask(screens, "packs")
        self.assertEqual(len(self.ticked(packs)), 1)
        screens.answer(packs, "next", chosen=self.ticked(packs))
        screens.answer(self.ask(screens, "trust"), "next")
        screens.answer(self.ask(screens, "confirm"), "back")
        packs = self.ask(screens, "packs")
        screens.answer(packs, "next", chosen=[])
        screens.answer(self.ask(screens, "problem"), "back")
        packs = self.ask(screens, "packs")
        self.assertEqual(self.ticked(packs), [])
        screens.answer(packs, "back")
        self.assert_end(screens, 18)

    def test_cancelled_at_each_question(self):
        for steps in (["packs"], ["packs", "trust"], ["packs", "trust", "confirm"]):
            with self.subTest(steps=steps):
                screens = self.start(pack("unsigned"))
                for kind in steps[:-1]:
                    question = self.ask(screens, kind)
                    screens.answer(question, "next", chosen=self.ticked(question)
                                   if kind == "packs" else None)
                screens.answer(self.ask(screens, steps[-1]), "cancel")
                self.assert_end(screens, 18)

    def test_the_operator_chooses_between_equals(self):
        places = [self.pack(name, self.driver(name)) for name in ("first", "second")]
        screens = self.start(*places)
        packs = self.ask(screens, "packs")
        rows = [row["key"] for row in packs["rows"] if not row["heading"]]
        self.assertEqual(self.ticked(packs), [])
        screens.answer(packs, "next", chosen=rows)
        packs = self.ask(screens, "packs")
        self.assertEqual(self.ticked(packs), [])
        second = next(row["key"] for row in packs["rows"] if "second" in row["text"])
        screens.answer(packs, "next", chosen=[second])
        confirm = self.ask(screens, "confirm")
        self.assertTrue(any("Install second-1.0-1" in row for row in confirm["rows"]))
        self.assertFalse(any("Install first-1.0-1" in row for row in confirm["rows"]))
        screens.answer(confirm, "next")
        self.assert_end(screens, 0)  # the device has its driver

    def test_unattended_the_first_of_equals(self):
        places = [self.pack(name, self.driver(name)) for name in ("first", "second")]
        for order in (places, places[::-1]):
            report = self.json("plan", *order)
            self.assertEqual(self.used(report), [os.path.basename(order[0])[len("pack-"):]])
            for match in report["matches"]:
                self.assertIn("found first", match["reason"])
            self.assertIn("ambiguous-drivers", self.codes(report))


if __name__ == "__main__":
    main()
