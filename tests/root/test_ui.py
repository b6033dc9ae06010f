# SPDX-License-Identifier: GPL-2.0-or-later
"""`suppack ui packs`, from the first screen to the last, on a terminal, with the real engine
and a real host. What is seen is compared with golden/; --update writes it."""
import os
import pathlib
import re
import shutil
import sys
import tempfile
import threading
import unittest

import host
import terminal

sys.path.insert(0, os.path.join(host.command.SOURCE, "tests/net"))
import nginx  # noqa: E402

tempfile.tempdir = "/tmp"  # paths are on the screens, and windows as wide as they
GOLDEN = pathlib.Path(__file__).parent / "golden"
UPDATE = "--update" in sys.argv


def open_text(path):
    with open(path) as text:
        return text.read()


class Packs(host.HostTest):
    maxDiff = None

    def medium(self, *names):
        """Several packs on one medium."""
        path = os.path.join(self.dir, "medium")
        os.makedirs(path, exist_ok=True)
        for name in names:
            shutil.copytree(host.pack(name), os.path.join(path, name))
        return path

    def start(self, *arguments):
        player = terminal.Terminal(self.arguments("ui", "packs", *arguments), self.scratch)
        self.addCleanup(player.close)
        return player

    def see(self, player, name, *texts):
        player.see(*texts)
        text = re.sub(r"/tmp/suppack-cli\.\w{8}", "/tmp/suppack-cli.XXXXXXXX", player.text()) + "\n"
        text = re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:XXXXX", text)
        text = re.sub(r"\d(?=\d* KiB)", "#", text)  # RPMs differ by a few bytes from build to build
        path = GOLDEN / f"{name}.txt"
        if UPDATE:
            GOLDEN.mkdir(exist_ok=True)
            path.write_text(text)
        self.assertEqual(text, path.read_text(), f"golden/{name}.txt")

    def type_location(self, player, path):
        player.see("Supplemental Packs", "Where are they?")
        player.press("End", "F12")
        player.see("Type where the packs are")
        player.press(path, "F12")

    def trust(self, player, *titles):
        for title in titles:
            player.see("Not Trusted", title)
            player.press("Tab", "Enter")

    def test_all_the_way(self):
        medium = self.medium("eula", "library", "user", "wrong-product")
        player = self.start()
        self.see(player, "ui-source", "Supplemental Packs", "Where are they?")
        self.type_location(player, medium)
        self.see(player, "ui-packs", "Supplemental Packs Found")
        player.press("F12")
        self.trust(player, "eula", "library", "user")
        self.see(player, "ui-confirm", "Install These Packs?")
        player.press("F12")
        self.see(player, "ui-licence", "Licence Agreement")
        player.press("F12")
        self.see(player, "ui-installed", "Packs Installed")
        player.press("F12")
        player.end_clean(self, 0)
        self.assert_has(("eula", "1.0"), ("library", "1.0"), ("user", "1.0"))

    def test_back_loses_nothing(self):
        """From the packs back to where they are: what was typed is still there."""
        medium = self.medium("library")
        player = self.start()
        self.type_location(player, medium)
        player.see("Supplemental Packs Found")
        player.press("Esc")
        player.see("Where are they?")
        player.press("F12")
        player.see("Type where the packs are", medium)
        player.press("F12")
        player.see("Supplemental Packs Found")
        player.press("Esc")
        player.see("Where are they?")
        player.press("Esc")
        player.end_clean(self, 18)
        self.assert_has()

    def test_verify(self):
        """Every package of the packs shown; the ticks are as they were."""
        medium = self.medium("library", "user")
        player = self.start()
        self.type_location(player, medium)
        player.see("Supplemental Packs Found", "[*] library")
        player.press("Space")
        player.see("[ ] library")
        player.press("Tab", "Tab", "Enter")
        self.see(player, "ui-verified", "All Packages Are Good")
        player.press("F12")
        player.see("Supplemental Packs Found", "[ ] library", "[*] user")
        shutil.rmtree(os.path.join(medium, "user"))
        player.press("Tab", "Tab", "Enter")
        player.see("Not All Is Good", "NOT GOOD: 'user 1.0'")
        player.press("Esc")
        player.see("Supplemental Packs Found", "[ ] library", "[*] user")
        player.press("Esc")
        player.see("Where are they?")
        player.press("Esc")
        player.end_clean(self, 18)
        self.assert_has()

    def test_licence_declined(self):
        medium = self.medium("eula")
        player = self.start()
        self.type_location(player, medium)
        player.see("Supplemental Packs Found")
        player.press("F12")
        self.trust(player, "eula")
        player.see("Install These Packs?")
        player.press("F12")
        player.see("Licence Agreement")
        player.press("Esc")
        player.see("Packs Not All Installed")
        player.press("F12")
        player.end_clean(self, 18)
        self.assert_has()

    def test_nothing_found(self):
        player = self.start()
        player.see("Where are they?")
        player.press("F12")
        player.see("Pack Not Installed", "could not be reached")
        player.press("Esc")
        player.see("Where are they?")
        player.press("Esc")
        player.end_clean(self, 18)
        self.assert_has()

    # ---- servers -----------------------------------------------------------------------

    def test_a_server_that_wants_a_password(self):
        """Asked for when it says so, asked again when it is wrong, and never shown."""
        with open(os.path.join(self.dir, "users"), "w") as users:
            users.write("joe:{PLAIN}geh/ei@m\n")
        server = nginx.Nginx(self, host.INSTALL,
                             'auth_basic "x"; auth_basic_user_file %s/users;' % self.dir)
        player = self.start()
        self.type_location(player, server.url("library"))
        self.see(player, "ui-password", "Name and Password", "asks for a name and a password")
        player.press("joe", "Enter", "falsch", "F12")
        player.see("refuses this name and password", "joe")
        player.press("Enter", "geh/ei@m", "F12")
        self.trust(player, "library")
        player.see("Supplemental Packs Found")
        player.press("F12")
        player.see("Install These Packs?")
        player.press("F12")
        player.see("Packs Installed")
        player.press("F12")
        player.end_clean(self, 0)
        self.assert_has(("library", "1.0"))
        seen = player.screen.heard.decode() + open_text(self.log)
        for secret in ("geh/ei@m", "geh%2Fei", "falsch"):
            self.assertNotIn(secret, seen)

    def test_the_form_of_a_server(self):
        """A URL with all that is in it, pasted; a wrong password, and all but that still there."""
        with open(os.path.join(self.dir, "users"), "w") as users:
            users.write("joe:{PLAIN}geh/ei@m\n")
        server = nginx.Nginx(self, host.INSTALL,
                             'auth_basic "x"; auth_basic_user_file %s/users;' % self.dir)
        player = self.start()
        player.see("Where are they?")
        player.press("End", "Up", "F12")
        player.see("How is the server reached?")
        player.press("F12")
        player.see("Address:", "Password:")
        player.press(server.url("library", "joe:falsch", host="[::1]"), "F12")
        player.see("refuses this name and password", "joe")
        player.press("Esc")
        player.see("Pack Not Installed", "401")
        player.press("Esc")
        player.see("Where are they?")
        player.press("F12")
        player.see("How is the server reached?")
        player.press("F12")
        player.see("Address:", f"[::1]:{server.port}/library", "joe")
        player.press("Tab", "Tab", "geh/ei@m", "F12")
        self.trust(player, "library")
        player.see("Supplemental Packs Found", server.url("library", host="[::1]"))
        player.press("Esc")
        player.see("Where are they?")
        player.press("Esc")
        player.end_clean(self, 18)
        seen = player.screen.heard.decode() + open_text(self.log)
        self.assertNotIn("geh/ei@m", seen)
        self.assertNotIn("geh%2Fei", seen)

    def test_no_password(self):
        server = nginx.Nginx(self, host.INSTALL,
                             'auth_basic "x"; auth_basic_user_file /nowhere;')
        player = self.start()
        self.type_location(player, server.url("library"))
        player.see("Name and Password")
        player.press("Esc")
        player.see("401", server.url("library"))
        player.press("Esc")
        player.see("Where are they?")
        player.press("Esc")
        player.end_clean(self, 18)

    def test_cancel_while_it_is_fetched(self):
        def trickle(connection, path):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n")
            while not self.over.wait(0.05):
                connection.sendall(b"x" * 20000)

        self.over = threading.Event()
        self.addCleanup(self.over.set)
        server = nginx.Misbehaving(self, trickle)
        player = self.start()
        self.type_location(player, server.url("pack", "joe:geheim"))
        player.see("Cancel", server.url("pack"))
        self.assertNotIn("geheim", player.text())
        player.press("Enter")
        player.see("Where are they?")
        player.press("Esc")
        player.end_clean(self, 18)
        self.assert_clean()
        self.assertNotIn("geheim", open_text(self.log))


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--update"])
