#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The screens as an operator meets them, through a pseudo-terminal.

    test_screens.py PLAY [--update] [unittest's arguments]

PLAY is tests/tui/play as built; --update writes what is seen to golden/."""
import pathlib
import re
import signal
import sys
import termios
import unittest

import questions
from player import Player

GOLDEN = pathlib.Path(__file__).parent / "golden"
UPDATE = "--update" in sys.argv
PLAY = sys.argv[1] if len(sys.argv) > 1 else "play"
TERMS = ("vt102", "linux", "xterm")
END = ("send", {"end": {"exit": 0, "outcome": "done", "report": {}}})


def answer(identity, word, **more):
    return ("expect", {"id": identity, "answer": word, **more})


class Case(unittest.TestCase):
    maxDiff = None

    def play(self, script, **options):
        player = Player(PLAY, script, **options)
        self.addCleanup(player.close)
        return player

    def ask(self, question, *replies, **options):
        player = self.play([("send", question), *replies, END], **options)
        player.see(question["title"])
        return player

    def golden(self, name, text):
        path = GOLDEN / f"{name}.txt"
        text += "\n"
        if UPDATE:
            path.write_text(text)
        self.assertEqual(text, path.read_text(), f"golden/{name}.txt")


class Looks(Case):
    """Each screen on each terminal; the bytes differ, and what is seen does not."""

    def look(self, name, question, suffix="", **options):
        with self.subTest(screen=name, **options):
            player = self.play([("send", question), ("await", "seen"), END], **options)
            player.see(question["title"])
            self.golden(name + suffix, player.text())
            player.touch("seen")
            player.finish(0)

    def all(self, locale, suffix=""):
        for term in TERMS:
            for name, question in questions.ALL.items():
                self.look(name, question, suffix, term=term, locale=locale)

    def test_utf8(self):
        self.all("C.UTF-8")

    def test_ascii(self):
        """Without UTF-8 an arrow is "->", and a scroll bar is what the terminal has."""
        for term in TERMS:
            for name in ("source", "packs", "trust", "confirm", "form", "problem"):
                suffix = f"-ascii-{term}" if name == "packs" else ""
                self.look(name, questions.ALL[name], suffix, term=term, locale="C")

    def test_small(self):
        for name, question in questions.ALL.items():
            self.look(name, question, "-60x20", size=(20, 60))

    def test_smallest(self):
        for name in ("source", "packs", "trust", "problem", "verified-bad"):
            self.look(name, questions.ALL[name], "-48x12", size=(12, 48))

    def test_wide(self):
        self.look("packs", questions.packs(), "-132x43", size=(43, 132))

    def test_too_small(self):
        player = self.ask(questions.trust(), answer(3, "back"), size=(9, 36))
        player.see("This terminal of 36 by 9")
        self.golden("too-small", player.text())
        player.press("F12")  # must not agree to what cannot be read
        player.press("Esc")
        player.finish(0)

    def test_unknown_terminal(self):
        self.look("confirm", questions.confirm(), term="no-such-terminal")

    def test_tiny(self):
        """Nothing can be read here, and nothing breaks."""
        for size in ((5, 12), (3, 8), (1, 4)):
            with self.subTest(size=size):
                player = self.play([("send", questions.packs()), ("await", "seen"), END], size=size)
                player.touch("seen")
                player.finish_unseen()


class Keys(Case):
    def test_source_f12(self):
        player = self.ask(questions.source(), answer(1, "next", typed="", location="local"))
        player.press("F12")
        player.finish(0)

    def test_source_enter_on_a_medium(self):
        player = self.ask(questions.source(), answer(1, "next", typed="", location="/dev/sr0"))
        player.press("Down")
        player.see("labelled for driver disks")
        player.press("Enter")
        player.finish(0)

    def test_upgrade_back_is_the_default(self):
        for key in ("F12", "Esc"):
            with self.subTest(key=key):
                player = self.ask(questions.upgrade(), answer(9, "back", chosen=["p0"]))
                player.press(key)
                player.finish(0)

    def test_upgrade_untick_and_go_on(self):
        player = self.ask(questions.upgrade(), answer(9, "next", chosen=[]))
        player.see("Space")
        player.press("Down", "Down", "Down", " ", "Tab", "Enter")
        player.finish(0)

    def test_upgrade_covered(self):
        player = self.ask(questions.upgrade_covered(), answer(9, "next", chosen=[]))
        player.press("F12")
        player.finish(0)

    def test_source_chosen_before(self):
        player = self.ask(questions.source(chosen="/dev/sdb1"),
                          answer(1, "next", typed="", location="/dev/sdb1"))
        player.see("/dev/sdb1")
        player.press("F12")
        player.finish(0)

    def test_source_back(self):
        player = self.ask(questions.source(), answer(1, "back", typed="", location="local"))
        player.press("Esc")
        player.finish(0)

    def test_source_again(self):
        player = self.ask(questions.source(), answer(1, "again", typed="", location="local"))
        player.press("Tab", "Tab", "Enter")
        player.finish(0)

    def test_source_typed(self):
        """Going back from typing loses nothing of it."""
        player = self.ask(questions.source(), answer(1, "next", typed="http://server/path"))
        player.press("End", "Enter")
        player.see("Location:")
        self.golden("source-type", player.text())
        player.press("F12")
        player.see("Type a location, or go back.")
        player.press("http://server")
        player.see("http://server")
        player.press("Esc")
        player.see("Search all media")
        player.press("Enter")
        player.see("http://server")
        player.press("/path", "Enter")
        player.finish(0)

    def test_source_server(self):
        """A protocol, then its form: what was typed stays, and a password is never seen."""
        player = self.ask(questions.source(), answer(1, "next", typed="", server={
            "protocol": "https", "address": "[::1]:8443/drivers", "user": "joe", "password": "geheim"}))
        player.press("End", "Up")
        player.see("HTTP, HTTPS, FTP or NFS.")
        player.press("Enter")
        player.see("How is the server reached?")
        self.golden("source-protocol", player.text())
        player.press("Enter")
        player.see("Address:", "Password:")
        self.golden("source-server", player.text())
        player.press("https://joe:geheim@[::1]:8443/drivers", "Esc")
        player.see("How is the server reached?")
        self.assertNotIn("geheim", player.text())
        player.press("Enter")
        player.see("HTTPS:", "[::1]:8443/drivers", "joe", "******")
        self.assertNotIn("geheim", player.text())
        player.press("F12")
        player.finish(0)

    def test_source_typed_before(self):
        player = self.ask(questions.source(typed="server:/disks", chosen=""),
                          answer(1, "next", typed="server:/disks"))
        player.press("Enter")
        player.see("server:/disks")
        player.press("F12")
        player.finish(0)

    def test_packs_f12(self):
        player = self.ask(questions.packs(), answer(2, "next", chosen=["m0", "m2"]))
        player.press("F12")
        player.finish(0)

    def test_packs_space(self):
        player = self.ask(questions.packs(), answer(2, "next", chosen=["m2"]))
        player.press("Space")
        player.see("[ ] e1000e 3.8.7")
        player.press("F12")
        player.finish(0)

    def test_packs_enter_leads_to_ok(self):
        """Enter in the list unticks nothing; once more, and it is agreed."""
        player = self.ask(questions.packs(), answer(2, "next", chosen=["m0", "m2"]))
        player.press("Enter")
        player.press("Enter")
        player.finish(0)

    def test_packs_verify(self):
        """Every package verified, and back to the same row with the same ticks."""
        player = self.ask(questions.packs(),
                          answer(2, "verify", chosen=["m0"], cursor="m2"), ("send", questions.verified_bad()),
                          answer(10, "next"), ("send", questions.packs(cursor="m2")),
                          answer(2, "back", chosen=["m0", "m2"]))
        player.press("Down", "Down", "Down")
        player.see("is signed by key")
        player.press("Space", "Tab", "Tab", "Enter")
        player.see("Not All Is Good", "e1000e-3.8.7-1.x86_64.rpm")
        player.press("F12")
        player.see("Drivers Found", "is signed by key")
        player.press("Esc")
        player.finish(0)

    def test_verified_again(self):
        player = self.ask(questions.verified(), answer(10, "again"))
        player.press("Tab", "Enter")
        player.finish(0)

    def test_fetch(self):
        for keys, word in ((["F12"], "next"), (["Tab", "Enter"], "again"), (["Esc"], "back")):
            with self.subTest(keys=keys):
                player = self.ask(questions.fetch(), answer(4, word))
                player.press(*keys)
                player.finish(0)

    def test_packs_nothing_ticked(self):
        player = self.ask(questions.packs(), answer(2, "next", chosen=["m0"]))
        player.press("Space", "Down", "Down", "Down")
        player.see("[ ] e1000e", "is signed by key")
        player.press("Space")
        player.see("[ ] megaraid_sas")
        player.press("F12")
        player.see("Nothing is ticked")
        self.golden("packs-none-ticked", player.text())
        player.press("Up", "Up", "Up", "Space")
        player.see("[*] e1000e")
        player.press("F12")
        player.finish(0)

    def test_packs_fixed(self):
        player = self.ask(questions.packs(), answer(2, "back", chosen=["m0", "m2"]))
        player.press("Down")
        player.see("is for kernel 4.19.0+1")
        player.press("Space")
        player.see("This row cannot be ticked.")
        player.press("Esc")
        player.finish(0)

    def test_packs_cut_text_is_in_the_detail(self):
        player = self.ask(questions.packs(), answer(2, "back", chosen=["m0", "m2"]))
        player.press("Up")
        player.see("Gigabit Network Connection")
        player.press("Esc")
        player.finish(0)

    def test_packs_scroll(self):
        player = self.ask(questions.many_devices(), ("await", "seen"))
        player.press("End")
        player.see("Looked at", "/dev/sdb1: no pack")
        player.touch("seen")
        player.finish(0)

    def test_trust_needs_an_act(self):
        for keys in (["F12"], ["Enter"], ["Space"], ["Esc"]):
            with self.subTest(keys=keys):
                player = self.ask(questions.trust(), answer(3, "back"))
                player.press(*keys)
                player.finish(0)

    def test_trust_act(self):
        player = self.ask(questions.trust(), answer(3, "next"))
        player.press("Tab", "Enter")
        player.finish(0)

    def test_danger(self):
        player = self.ask(questions.danger(), answer(4, "back"))
        player.press("Enter")
        player.finish(0)

    def test_confirm(self):
        player = self.ask(questions.confirm(), answer(4, "next"))
        player.press("Enter")
        player.finish(0)

    def test_licence(self):
        player = self.ask(questions.licence(), answer(5, "next"))
        player.press("PageDown")
        player.see("8. The licensee")
        player.press("Enter")  # on the text: nothing is accepted by that
        player.press("Tab", "Enter")
        player.finish(0)

    def test_form(self):
        player = self.ask(questions.form(), answer(6, "next", values={"user": "admin2", "password": "secret"}))
        player.press("2", "Enter", "secret")
        player.see("******")
        self.assertNotIn("secret", player.text())
        player.press("Enter")
        player.finish(0)

    def test_form_back_keeps(self):
        player = self.ask(questions.form(), answer(6, "back", values={"user": "adminx", "password": ""}))
        player.press("x", "Esc")
        player.finish(0)

    def test_proof_again(self):
        player = self.ask(questions.proof(), answer(7, "again"))
        player.press("Tab", "Enter")
        player.finish(0)

    def test_problem(self):
        for keys, word in ((["F12"], "again"), (["Tab", "Enter"], "next"), (["Esc"], "back")):
            with self.subTest(keys=keys):
                player = self.ask(questions.problem(), answer(8, word))
                player.press(*keys)
                player.finish(0)

    def test_problem_without_retry(self):
        player = self.ask(questions.problem(retry=False), answer(8, "back"))
        player.press("F12")
        player.finish(0)

    def test_unknown_question(self):
        player = self.play([("send", {"id": 9, "ask": "horoscope", "title": "Stars"}),
                            ("expect", {"id": 9, "answer": "unknown"}), END])
        player.finish(0)

    def test_poor_question(self):
        """A question that lacks everything costs nobody the screen."""
        for ask in ("source", "packs", "trust", "confirm", "licence", "form", "proof", "problem"):
            with self.subTest(ask=ask):
                player = self.play([("send", {"ask": ask}), ("await", "seen"), END])
                player.see("Drivers and Packs")
                player.touch("seen")
                player.finish(0)


class Waiting(Case):
    def test_progress(self):
        player = self.play([
            ("send", {"progress": {"text": "Verifying 'e1000e-3.8.7-1.x86_64.rpm'", "done": 42, "total": 100}}),
            ("await", "seen"),
            ("send", {"progress": {"text": "Verifying 'e1000e-3.8.7-1.x86_64.rpm'", "done": 100, "total": 100}}),
            ("await", "seen-all"), END])
        player.see("Please Wait", "42%")
        self.golden("progress", player.text())
        player.touch("seen")
        player.see("100%")
        player.touch("seen-all")
        player.finish(0)

    def test_busy(self):
        player = self.play([("send", {"busy": "Looking at '/dev/sr0'"}), ("await", "seen"),
                            ("send", {"progress": {"text": "Reading", "done": 1, "total": 2}}),
                            ("await", "seen-bar"), ("send", {"busy": None}), ("await", "seen-none"), END])
        player.see("Looking at '/dev/sr0'")
        player.touch("seen")
        player.see("50%")
        player.touch("seen-bar")
        player.see("One moment.")
        player.touch("seen-none")
        player.finish(0)

    def test_long_wait_says_how_long(self):
        """And the key that says "go on" everywhere else cancels nothing."""
        player = self.play([("send", {"busy": "Looking at '/dev/sr0'"}), ("await", "seen"), END])
        player.see("Looking at '/dev/sr0'")
        player.press("F12")
        player.see(" 5 s", "Looking at '/dev/sr0'")
        player.touch("seen")
        player.finish(0)

    def test_cancel(self):
        """Enter on the button, or Esc; once, whatever else is pressed."""
        for key in ("Enter", "Esc"):
            with self.subTest(key=key):
                player = self.play([("send", {"progress": {"text": "Copying", "done": 1, "total": 3}}),
                                    ("expect", {"cancel": True}), ("await", "seen"),
                                    ("send", questions.confirm()), answer(4, "back"), END])
                player.see("Copying")
                player.press(key)
                player.see("Stopping: what is half done is undone.")
                self.golden("stopping", player.text())
                player.press("Esc", "Enter", "F12")
                player.touch("seen")
                player.see("Load These Drivers?")
                player.press("Esc")
                player.finish(0)

    def test_cancel_in_a_flood(self):
        """However fast the engine talks, a key is heard."""
        player = self.play([("flood", {"progress": {"text": "Copying", "done": 1, "total": 3}}),
                            ("expect", {"cancel": True}), END])
        player.see("Copying")
        player.press("Esc")
        player.finish(0)

    def test_nobody_waits_for_ever(self):
        player = self.play([("send", {"busy": "Copying"}), ("expect", {"cancel": True}), ("hang",)])
        player.see("Copying")
        player.press("Esc")
        player.see("Stopping takes long.", "Do Not Wait")
        self.golden("stuck", re.sub(r" \d\d s", " .. s", player.text()))
        player.press("Esc")
        player.finish(18)

    def test_cancel_again_after_a_question(self):
        player = self.play([("send", {"busy": "Copying"}), ("expect", {"cancel": True}),
                            ("send", questions.confirm()), answer(4, "next"),
                            ("send", {"busy": "Copying again"}), ("expect", {"cancel": True}), END])
        player.see("Copying")
        player.press("Esc")
        player.see("Load These Drivers?")
        player.press("F12")
        player.see("Copying again")
        player.press("Esc")
        player.finish(0)

    def test_tell(self):
        player = self.play([("send", {"tell": {"title": "Look Here", "text": "The disk may be taken out."}}),
                            ("send", questions.confirm()), answer(4, "next"), END])
        player.see("The disk may be taken out.")
        self.golden("tell", player.text())
        player.press("Enter")
        player.see("Load These Drivers?")
        player.press("F12")
        player.finish(0)

    def test_notices_do_not_cover_a_question(self):
        player = self.play([("send", questions.confirm()), ("send", {"busy": "Whatever"}), ("await", "seen"),
                            answer(4, "next"), END])
        player.see("Load These Drivers?")
        player.touch("seen")
        player.press("F12")
        player.finish(0)

    def test_tell_over_a_question(self):
        player = self.play([("send", questions.packs()), ("await", "seen"),
                            ("send", {"tell": {"title": "Look Here", "text": "A stick was plugged in."}}),
                            answer(2, "next", chosen=["m2"]), END])
        player.see("Drivers Found")
        player.press("Space")
        player.see("[ ] e1000e 3.8.7")
        player.touch("seen")
        player.see("A stick was plugged in.")
        player.press("Enter")
        player.see("[ ] e1000e 3.8.7")
        player.press("F12")
        player.finish(0)


class Ends(Case):
    def test_engine_dies_before_hello(self):
        player = self.play([("die",)], greet=False)
        player.see("suppack Has Stopped")
        player.press("Enter")
        player.finish(1)

    def test_engine_dies_at_a_question(self):
        player = self.play([("send", questions.packs()), ("await", "seen"), ("die",)])
        player.see("Drivers Found")
        player.touch("seen")
        player.see("suppack Has Stopped")
        self.golden("died", player.text())
        player.press("F12")
        player.finish(1)

    def test_engine_dies_at_work(self):
        player = self.play([("send", {"busy": "Copying"}), ("await", "seen"), ("die",)])
        player.see("Copying")
        player.touch("seen")
        player.see("suppack Has Stopped")
        player.press("Esc")
        player.finish(1)

    def test_engine_dies_at_the_answer(self):
        player = self.play([("send", questions.confirm()), answer(4, "next"), ("die",)])
        player.see("Load These Drivers?")
        player.press("F12")
        player.see("suppack Has Stopped")
        player.press("Enter")
        player.finish(1)

    def test_another_version(self):
        player = self.play([("send", {"hello": {"protocol": 2, "suppack": "9"}}), ("hang",)], greet=False)
        player.see("suppack Cannot Go On", "version 2")
        self.golden("version", player.text())
        player.press("Enter")
        player.finish(1)

    def test_nonsense(self):
        player = self.play([("send", [1]), ("hang",)])
        player.see("suppack Cannot Go On", "no object")
        player.press("Enter")
        player.finish(1)

    def test_exit_code_of_the_end(self):
        player = self.play([("send", {"end": {"exit": 15, "outcome": "not-for-this-machine"}})])
        player.finish(15)

    def leave(self, act):
        """At a question, and at work; the engine says the exit code."""
        end = ("send", {"end": {"exit": 18, "outcome": "declined"}})
        player = self.play([("send", questions.packs()), answer(2, "cancel", chosen=["m0", "m2"]), end])
        player.see("Drivers Found")
        act(player)
        player.finish(18)
        player = self.play([("send", {"busy": "Copying"}), ("expect", {"cancel": True}), end])
        player.see("Copying")
        act(player)
        player.finish(18)

    def test_ctrl_c(self):
        self.leave(lambda player: player.press("Ctrl-C"))

    def test_sigterm(self):
        self.leave(lambda player: player.kill(signal.SIGTERM))

    def test_sigint(self):
        self.leave(lambda player: player.kill(signal.SIGINT))

    def test_sighup(self):
        self.leave(lambda player: player.kill(signal.SIGHUP))

    def test_terminal_gone(self):
        def act(player):
            player.hang_up()
            player.finish_unseen()
        end = ("send", {"end": {"exit": 18, "outcome": "declined"}})
        player = self.play([("send", questions.packs()), answer(2, "cancel", chosen=["m0", "m2"]), end])
        player.see("Drivers Found")
        act(player)
        player = self.play([("send", {"busy": "Copying"}), ("expect", {"cancel": True}), end])
        player.see("Copying")
        act(player)

    def test_leaving_twice_does_not_wait(self):
        player = self.play([("send", {"busy": "Copying"}), ("expect", {"cancel": True}), ("hang",)])
        player.see("Copying")
        player.press("Ctrl-C")
        player.see("Stopping")
        player.press("Ctrl-C")
        player.finish(18)

    def test_leaving_after_cancelling_waits(self):
        player = self.play([("send", {"busy": "Copying"}), ("expect", {"cancel": True}), ("await", "seen"),
                            ("send", {"end": {"exit": 20, "outcome": "transaction-failed"}})])
        player.see("Copying")
        player.press("Esc")
        player.see("Stopping")
        player.press("Ctrl-C")
        player.touch("seen")
        player.finish(20)

    def test_leaving_declines_what_is_asked_still(self):
        player = self.play([("send", {"busy": "Copying"}), ("expect", {"cancel": True}),
                            ("send", questions.trust()), answer(3, "cancel"),
                            ("send", {"end": {"exit": 18, "outcome": "declined"}})])
        player.see("Copying")
        player.press("Ctrl-C")
        player.finish(18)

    def test_terminal_settings(self):
        player = self.ask(questions.confirm(), answer(4, "next"))
        player.press("F12")
        player.until(lambda: "play: exit 0" in player.text(), "waiting for the end")
        self.assertEqual(termios.tcgetattr(player.fd), player.settings)
        player.finish(0)

    def test_suspend_key_does_nothing(self):
        player = self.ask(questions.confirm(), answer(4, "next"))
        player.press("Ctrl-Z", "F12")
        player.finish(0)


class Sizes(Case):
    def test_larger(self):
        player = self.ask(questions.packs(), answer(2, "next", chosen=["m2"]), size=(20, 60))
        player.press("Space")
        player.see("[ ] e1000e")
        player.resize(24, 80)
        player.see("claims it exactly", "<Tab>/<Alt-Tab> between elements")
        self.golden("packs-resized", player.text())
        player.press("F12")
        player.finish(0)

    def test_smaller(self):
        player = self.ask(questions.packs(), answer(2, "next", chosen=["m0", "m2"]))
        player.resize(20, 60)
        player.see("<Tab> moves")
        self.golden("packs-60x20", player.text())
        player.press("F12")
        player.finish(0)

    def test_too_small_and_back(self):
        player = self.ask(questions.form(), answer(6, "next", values={"user": "admin2", "password": ""}))
        player.press("2")
        player.see("admin2")
        player.resize(8, 30)
        player.see("too small")
        player.resize(24, 80)
        player.see("admin2")
        player.press("F12")
        player.finish(0)

    def test_while_waiting(self):
        player = self.play([("send", {"progress": {"text": "Copying", "done": 1, "total": 2}}),
                            ("await", "seen"), END])
        player.see("Copying")
        player.resize(20, 60)
        player.see("50%")
        player.touch("seen")
        player.finish(0)


class Installer(Case):
    """On a screen that is somebody else's, in the same process."""

    def visit(self, script, code=0, **options):
        player = self.play(script, in_window=True, **options)
        return player

    def leave(self, player, code=0):
        player.see("Go on")
        self.golden("installer", player.text())
        player.press("Enter")
        player.finish(code)

    def test_as_found(self):
        for term in TERMS:
            with self.subTest(term=term):
                player = self.visit([("send", questions.packs()),
                                     answer(2, "next", chosen=["m0", "m2"]), END], term=term)
                player.see("Drivers Found")
                self.golden("installer-packs", player.text())
                player.press("F12")
                self.leave(player)

    def test_after_a_form(self):
        """The cursor of an entry does not stay behind (on terminals that can hide it)."""
        player = self.visit([("send", questions.form()), ("await", "seen"), END], term="xterm")
        player.see("admin")
        player.touch("seen")
        player.see("Go on")
        self.assertFalse(player.screen.cursor_visible)
        self.leave(player)

    def test_engine_dies(self):
        player = self.visit([("send", questions.packs()), ("await", "seen"), ("die",)])
        player.see("Drivers Found")
        player.touch("seen")
        player.see("suppack Has Stopped")
        player.press("Enter")
        self.leave(player, 1)

    def test_ctrl_c_is_not_ours(self):
        player = self.visit([("send", questions.packs()), answer(2, "next", chosen=["m0", "m2"]), END])
        player.see("Drivers Found")
        player.press("Ctrl-C", "F12")
        self.leave(player)

    def test_sigterm_is_not_ours(self):
        player = self.visit([("send", questions.packs()), ("hang",)])
        player.see("Drivers Found")
        player.kill(signal.SIGTERM)
        player.until(lambda: player.ended, "waiting for the end")

    def test_larger(self):
        """What newt cannot draw on stays empty; the question does not."""
        player = self.visit([("send", questions.confirm()), answer(4, "next"), END], size=(20, 60))
        player.see("Load These Drivers?")
        player.resize(24, 80)
        player.see("Load These Drivers?")
        player.press("F12")
        player.see("Go on")
        player.press("Enter")
        player.finish(0)

    def test_smaller(self):
        player = self.visit([("send", questions.confirm()), answer(4, "next"), END])
        player.see("Load These Drivers?")
        player.resize(16, 60)
        player.see("Load These Drivers?", "<Tab>")
        player.press("F12")
        player.see("Go on")
        player.press("Enter")
        player.finish(0)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *(a for a in sys.argv[2:] if a != "--update")])
