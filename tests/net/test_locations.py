# SPDX-License-Identifier: GPL-2.0-or-later
"""Packs on servers: nginx and worse ones on loopback, each ended with its test."""
import collections
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cli"))
from command import KEYS, PACKS, SOURCE, CommandTest, main, pack
from test_flow import Screens
from nginx import Misbehaving, Nginx, free_port

PASSWORD = "geh@eim"
QUOTED = "geh%40eim"


class Servers(CommandTest):
    def setUp(self):
        super().setUp()
        self.env["no_proxy"] = "*"

    def plan(self, url, *options):
        return self.json("--retries", "0", *options, "plan", url)

    def certificate(self, name, subject="127.0.0.1", expired=False):
        path = os.path.join(self.dir, name)
        subprocess.run(
            [*(["faketime", "2020-01-01"] if expired else []),
             "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-subj", "/CN=" + subject, "-addext",
             "subjectAltName=" + ("IP:" if subject[0].isdigit() else "DNS:") + subject,
             "-days", "2", "-keyout", path + ".key", "-out", path + ".pem"],
            check=True, capture_output=True)
        return path

    def assert_refused(self, report, exit_code, *words):
        self.assertEqual(report["exit"], exit_code, report["findings"])
        said = " ".join(finding["text"] for finding in report["findings"])
        for word in words:
            self.assertIn(word, said)
        self.assert_clean()


class Good(Servers):
    def test_as_from_a_directory(self):
        server = Nginx(self, PACKS)
        for name in ("good", "zstd", "rpms-signed", "good.iso"):
            with self.subTest(name=name):
                local, remote = self.json("plan", pack(name)), self.plan(server.url(name))
                self.assertEqual(remote["exit"], 0, remote["findings"])
                self.assertEqual(remote["matches"], [
                    dict(match) for match in local["matches"]])
                self.assertEqual(remote["packs"][0]["id"], local["packs"][0]["id"])
        self.assert_clean()

    def test_each_file_once(self):
        server = Nginx(self, PACKS)
        self.assertEqual(self.json("inspect", server.url("good"))["exit"], 0)
        asked = collections.Counter(path for path, _ in server.requests())
        self.assertEqual({path: n for path, n in asked.items() if n > 1}, {})
        there = [path for path, answer in server.requests() if answer == 200]
        self.assertEqual(sum(path.endswith(".rpm") for path in there),
                         sum(name.endswith(".rpm") for _, _, names in os.walk(pack("good"))
                             for name in names))
        self.assertLessEqual(len(asked), 13, asked)

    def test_nothing_is_fetched_of_what_cannot_be_used(self):
        server = Nginx(self, PACKS)
        for name, code, finding in (("bad-signature", 12, "bad-signature"),
                                    ("unsigned", 12, "unsigned"),
                                    ("stranger", 12, "unknown-key"),
                                    ("other-kernel", 15, "wrong-kernel"),
                                    ("not-a-driver-disk", 15, "not-a-driver-disk")):
            with self.subTest(name=name):
                report = self.plan(server.url(name))
                self.assertEqual(report["exit"], code)
                self.assertIn(finding, self.codes(report))
                self.assertEqual([path for path, _ in server.requests() if path.endswith(".rpm")],
                                 [])

    def test_what_is_accepted_is_fetched_once(self):
        server = Nginx(self, PACKS)
        report = self.plan(server.url("unsigned"), "--accept", "unsigned")
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertNotIn("withheld", report["packs"][0])
        self.assert_once(server, 3)

    def assert_once(self, server, packages):
        asked = collections.Counter(path for path, _ in server.requests())
        self.assertEqual({path: n for path, n in asked.items() if n > 1}, {})
        self.assertEqual(sum(path.endswith(".rpm") for path in asked), packages)

    def test_the_operator_is_asked_before_packages_are_fetched(self):
        for answer, packages in (("next", 3), ("back", 0), ("cancel", 0)):
            with self.subTest(answer=answer):
                server = Nginx(self, PACKS)
                screens = Screens(self)
                screens.hello()
                screens.answer(screens.next_question(), "next", typed=server.url("unsigned"))
                trust = screens.next_question()
                self.assertEqual((trust.get("ask"), trust.get("state")), ("trust", "unsigned"))
                self.assert_once(server, 0)
                screens.answer(trust, answer)
                question = screens.next_question()
                if answer == "cancel":
                    self.assertEqual(question["end"]["exit"], 18)
                    continue
                self.assertEqual(question["ask"], "packs" if packages else "problem")
                self.assert_once(server, packages)
                screens.answer(question, "cancel")
                self.assertEqual(screens.next_question()["end"]["exit"], 18 if packages else 12)

    def test_packages_for_other_kernels_are_not_fetched(self):
        def factory(tool, *words):
            subprocess.run([os.path.join(SOURCE, "tests/factory", tool), *words], check=True,
                           stdout=subprocess.DEVNULL)

        module = os.path.join(os.path.dirname(PACKS), "modules", "test.ko")
        factory("make-driver-rpm", "--out", self.dir, "--name", "other", "--version", "1.0",
                "--kernel", "9.9.9", module)
        factory("make-pack", "--out", os.path.join(self.dir, "www/mixed"), "--label", "mixed",
                "--uuid", "5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e2001", "--version", "1.0", "--kernel",
                "4.19.0+1", "--module", module, "--rpm", self.dir + "/other-1.0-1.x86_64.rpm",
                "--keys", KEYS, "--sign", "good")
        server = Nginx(self, os.path.join(self.dir, "www"))
        report, local = (self.plan(where) for where in (server.url("mixed"),
                                                        os.path.join(self.dir, "www/mixed")))
        self.assertEqual(report["exit"], 0, report["findings"])
        for key in ("install", "load", "plan"):
            self.assertEqual(report[key], local[key])
        self.assertEqual(report["matches"], [match for match in local["matches"]
                                             if match["verdict"] == "load"])
        self.assertIn("module-other-kernel", self.codes(report))
        came = sorted(path.rsplit("/")[-1] for path, _ in server.requests()
                      if path.endswith(".rpm"))
        self.assertEqual(came, ["control-mixed-1.0-1.noarch.rpm", "mixed-1.0-1.x86_64.rpm",
                                "update-mixed-1.0-1.noarch.rpm"])
        self.assertEqual({package["name"]: package.get("unread", False)
                          for package in report["packs"][0]["packages"]}["other"], True)
        self.assertEqual(self.json("inspect", server.url("mixed"))["exit"], 0)
        self.assertIn("/mixed/Packages/other-1.0-1.x86_64.rpm",
                      [path for path, _ in server.requests()])

    def test_variants_end_as_they_do_locally(self):
        server = Nginx(self, PACKS)
        for name, code in (("unsigned", 12), ("stranger", 12), ("flipped-rpm", 13),
                           ("missing-rpm", 13), ("truncated-rpm", 13), ("flipped-primary", 13),
                           ("climbing-href", 13), ("other-kernel", 15), ("empty", 11)):
            with self.subTest(name=name):
                self.assertEqual(self.plan(server.url(name))["exit"], code)
        self.assert_clean()

    def test_ipv6_and_a_file_url(self):
        server = Nginx(self, PACKS)
        self.assertEqual(self.plan(server.url("good", host="[::1]"))["exit"], 0)
        self.assertEqual(self.plan("file://" + pack("good"))["exit"], 0)

    def test_redirects(self):
        server = Nginx(self, PACKS, "location /old/ { rewrite ^/old/(.*)$ /good/$1 redirect; }"
                                    "location /circle/ { rewrite ^ /circle/x redirect; }"
                                    "location /file/ { return 302 file:///etc/hostname; }")
        self.assertEqual(self.plan(server.url("old"))["exit"], 0)
        self.assert_refused(self.plan(server.url("circle")), 10, server.url("circle"))
        self.assert_refused(self.plan(server.url("file")), 10, server.url("file"))

    def test_a_bare_rpm(self):
        server = Nginx(self, PACKS)
        names = [os.path.relpath(os.path.join(top, name), PACKS)
                 for top, _, files in os.walk(pack("rpms-signed")) for name in files
                 if name.endswith(".rpm")]
        report = self.json("inspect", server.url(names[0]))
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(len(report["packs"]), 1)


class Credentials(Servers):
    def setUp(self):
        super().setUp()
        with open(os.path.join(self.dir, "users"), "w") as users:
            users.write("joe:{PLAIN}%s\n" % PASSWORD)
        self.server = Nginx(self, PACKS, 'auth_basic "x"; auth_basic_user_file %s/users;' % self.dir)

    def test_right(self):
        url = self.server.url("good", "joe:" + QUOTED)
        report = self.plan(url)
        self.assertEqual(report["exit"], 0, report["findings"])
        self.assertEqual(report["packs"][0]["location"], self.server.url("good"))
        self.assert_silent(str(report))

    def test_wrong_or_none(self):
        for user in ("joe:falsch", "joe", ""):
            with self.subTest(user=user):
                report = self.plan(self.server.url("good", user))
                self.assert_refused(report, 10, "401", self.server.url("good"))
                self.assert_silent(str(report) + "falsch" * ("falsch" in str(report)))

    def assert_silent(self, text):
        with open(self.log) as log:
            text += log.read()
        for secret in (PASSWORD, QUOTED, "falsch"):
            self.assertNotIn(secret, text)



class Hidden(Servers):
    """A password is nowhere but in the request."""

    def secret_texts(self, *command):
        """Everything that anybody could read of a command that is fetching: of it and of its
        children, while it runs."""
        def wait(connection, path):
            self.going.wait(100)

        self.going = threading.Event()
        server = Misbehaving(self, wait)
        where = os.path.join(self.dir, "where")
        with open(where, "w") as file:
            file.write("\n# of the depot\n%s\n" % server.url("good", "joe:" + QUOTED))
        process = subprocess.Popen(
            self.arguments(*(word.replace("URL", server.url("good", "joe:" + QUOTED))
                             .replace("WHERE", where) for word in command)),
            env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.kill)
        while process.poll() is None:
            if server.asked:
                break
            time.sleep(0.05)
        self.assertTrue(server.asked)
        texts = ""
        for pid in self.family(process.pid):
            for name in ("cmdline", "environ", "comm"):
                with open("/proc/%d/%s" % (pid, name)) as text:
                    texts += text.read()
        self.assertIn("suppack", texts)
        self.going.set()
        return texts + process.communicate(timeout=60)[0]

    def family(self, pid):
        with open("/proc/%d/task/%d/children" % (pid, pid)) as children:
            return [pid] + sum((self.family(int(child)) for child in children.read().split()), [])

    def test_process_list(self):
        for command in (["plan", "URL"], ["plan", "@WHERE"], ["--json", "inspect", "URL"],
                        ["load", "URL"]):
            with self.subTest(command=command):
                texts = self.secret_texts("--retries", "0", *command)
                for secret in (PASSWORD, QUOTED):
                    self.assertNotIn(secret, texts)

    def test_arguments_from_a_file(self):
        server = Nginx(self, PACKS)
        where = os.path.join(self.dir, "where")
        with open(where, "w") as file:
            file.write("%s\n\n  \n%s\n" % (server.url("good"), pack("zstd")))
        self.assertEqual(len(self.json("inspect", "@" + where)["packs"]), 2)
        for wrong in (where + ".none", self.dir, "/dev/null"):
            done = self.run_it("inspect", "@" + wrong)
            self.assertEqual(done.returncode, 2)
            self.assertIn(wrong, done.stderr)


class Tls(Servers):
    def refused(self, certificate, options, word):
        server = Nginx(self, PACKS, certificate=certificate)
        self.assert_refused(self.plan(server.url("good", "joe:" + QUOTED), *options), 10, word,
                            server.url("good"))

    def test_its_own_authority(self):
        path = self.certificate("good")
        server = Nginx(self, PACKS, certificate=path)
        self.assertEqual(self.plan(server.url("good"), "--ca-file", path + ".pem")["exit"], 0)

    def test_what_is_wrong_with_a_certificate(self):
        own, name = self.certificate("own"), self.certificate("name", "elsewhere.example")
        old = self.certificate("old", expired=True)
        self.refused(own, (), "certificate")
        self.refused(own, ("--ca-file", name + ".pem"), "certificate")
        self.refused(name, ("--ca-file", name + ".pem"), "127.0.0.1'")
        self.refused(old, ("--ca-file", old + ".pem"), "expired")

    def test_no_tls_at_all(self):
        server = Nginx(self, PACKS)
        self.assert_refused(self.plan(server.url("good").replace("http:", "https:")), 10,
                            server.url("good").replace("http:", "https:"))

    def test_authorities_that_cannot_be_read(self):
        self.refused(self.certificate("own"), ("--ca-file", "/nowhere.pem"), "")


class Ftp(Servers):
    """vsftpd, with one password for whoever calls himself anonymous."""

    def setUp(self):
        super().setUp()
        os.chmod(self.dir, 0o755)
        root, empty = os.path.join(self.dir, "ftp"), os.path.join(self.dir, "empty")
        os.mkdir(empty)
        shutil.copytree(pack("good"), os.path.join(root, "good"))
        shutil.copy(pack("good.iso"), root)
        subprocess.run(["chmod", "-R", "a+rX,a-w", root], check=True)
        passwords = os.path.join(self.dir, "passwords")
        with open(passwords, "w") as file:
            file.write(PASSWORD + "\n")
        self.port, conf = free_port(), os.path.join(self.dir, "vsftpd.conf")
        with open(conf, "w") as file:
            file.write("\n".join((
                "listen=YES", "background=NO", "listen_address=127.0.0.1",
                "listen_port=%d" % self.port, "anonymous_enable=YES", "local_enable=NO",
                "anon_root=" + root, "secure_chroot_dir=" + empty, "secure_email_list_enable=YES",
                "email_password_file=" + passwords, "seccomp_sandbox=NO", "isolate=NO",
                "isolate_network=NO", "xferlog_enable=YES", "vsftpd_log_file=%s/ftp.log" % self.dir,
                "log_ftp_protocol=YES", "xferlog_std_format=NO", "")))
        self.server = subprocess.Popen(["/usr/sbin/vsftpd", conf], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.terminate)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        self.fail("vsftpd does not start")

    def url(self, path, password=QUOTED):
        user = password and "anonymous:%s@" % password
        return "ftp://%s127.0.0.1:%d/%s" % (user, self.port, path)

    def test_packs(self):
        local = self.json("plan", pack("good"))
        for path in ("good", "good.iso"):
            with self.subTest(path=path):
                report = self.plan(self.url(path))
                self.assertEqual(report["exit"], 0, report["findings"])
                self.assertEqual(report["matches"], local["matches"])
                self.assertEqual(report["packs"][0]["location"], self.url(path, ""))
                self.assert_clean()
        with open(os.path.join(self.dir, "ftp.log")) as log:
            fetched = [line for line in log if "OK DOWNLOAD" in line and ".rpm" in line]
        self.assertEqual(len(fetched), 3, fetched)

    def test_refusals(self):
        for url, code, shown in ((self.url("nothing"), 11, self.url("nothing", "")),
                                 (self.url("nothing.iso"), 10, self.url("nothing.iso", "")),
                                 (self.url("good", "falsch"), 10, self.url("good", "")),
                                 (self.url("good", ""), 10, self.url("good", ""))):
            with self.subTest(url=url):
                report = self.plan(url)
                self.assert_refused(report, code, shown)
                self.assertNotIn("falsch", str(report))


class Bad(Servers):
    def test_answers(self):
        server = Nginx(self, PACKS, "location /403/ { return 403; } location /500/ { return 500; }"
                                    "location /page/ { default_type text/html; return 200 '<html>log in'; }")
        for path, code, word in (("404", 11, "no pack"), ("403", 10, "403"), ("500", 10, "500"),
                                 ("page", 11, "web page"), ("404.iso", 10, "no such file"),
                                 ("page/x.rpm", 11, "web page")):
            with self.subTest(path=path):
                self.assert_refused(self.plan(server.url(path)), code, word, server.url(path))

    def test_nobody_there(self):
        self.assert_refused(self.plan("http://127.0.0.1:9/good"), 10, "127.0.0.1:9/good")
        for url in ("http://joe:%s@nowhere.invalid/good" % QUOTED,
                    "http://joe:%s@127.0.0.1:9/good.iso" % QUOTED):
            report = self.plan(url)
            self.assert_refused(report, 10, url.replace("joe:%s@" % QUOTED, ""))
            self.assertNotIn(QUOTED, str(report))

    def test_nobody_there_is_the_same_for_every_verb(self):
        for url in ("http://127.0.0.1:9/x", "https://127.0.0.1:9/x", "ftp://127.0.0.1:9/x.rpm",
                    "nfs://127.0.0.1:/nowhere", "127.0.0.1:/nowhere", "file:///nowhere"):
            for verb in ("inspect", "plan", "load"):
                with self.subTest(url=url, verb=verb):
                    self.assert_refused(self.json("--retries", "0", verb, url), 10,
                                        url.replace("nfs://", "").replace("file://", ""))

    def test_nfs_that_cannot_be_mounted(self):
        self.assert_refused(self.plan("nfs://127.0.0.1:/nowhere"), 10, "127.0.0.1:/nowhere")

    def test_given_up_in_time(self):
        """By a limit of its own, long before the half hour that the location has."""
        def silent(connection, path):
            self.over.wait(60)

        def drip(connection, path):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not self.over.wait(1):
                connection.sendall(b"x")

        def unfinished(connection, path):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
            self.over.wait(60)

        def stalls(connection, path):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<update")
            self.over.wait(60)

        self.over = threading.Event()
        self.addCleanup(self.over.set)
        for answer in (silent, drip, unfinished, stalls):
            with self.subTest(answer=answer.__name__):
                server = Misbehaving(self, answer)
                report = self.plan(server.url("good", "joe:" + QUOTED), "--stall", "1")
                self.assertEqual(self.codes(report), ["timed-out"])
                self.assert_refused(report, 10, server.url("good"), "stopped answering")
                self.assertNotIn(QUOTED, str(report))

    def test_for_ever(self):
        """More of it than the file may have ends it, not the time."""
        def body(connection, path):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(b"x" * 65536)

        def header(connection, path):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while True:
                connection.sendall(b"X-More: and more\r\n" * 4096)

        for answer, code in ((body, 13), (header, 10)):
            with self.subTest(answer=answer.__name__):
                server = Misbehaving(self, answer)
                self.assert_refused(self.plan(server.url("good")), code, server.url("good"))

    def test_wrong_length(self):
        """An RPM of another size than the metadata says, honestly announced."""
        def answer(connection, path):
            file = os.path.join(PACKS, path[1:])
            if not os.path.isfile(file):
                return connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n"
                                          b"Connection: close\r\n\r\n")
            with open(file, "rb") as source:
                body = source.read()
            if path.endswith(".rpm"):
                body = (body + b"\0" * 10)[:len(body) + self.more]
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n"
                               b"Connection: close\r\n\r\n" % len(body) + body)

        server = Misbehaving(self, answer)
        for self.more in (-1, 1):
            with self.subTest(more=self.more):
                self.assert_refused(self.plan(server.url("good")), 13, ".rpm")

    def test_cut_at_every_tenth(self):
        """A package that never comes whole; and one that does when asked again."""
        def answer(connection, path):
            file = os.path.join(PACKS, path[1:])
            if not os.path.isfile(file):
                return connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n"
                                          b"Connection: close\r\n\r\n")
            with open(file, "rb") as source:
                body = source.read()
            size = len(body)
            if path.endswith(".rpm") and (not self.once or self.cuts == 0):
                self.cuts += 1
                body = body[:size * self.tenth // 10]
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n"
                               b"Connection: close\r\n\r\n" % size + body)

        server = Misbehaving(self, answer)
        for self.tenth in range(10):
            self.once = self.tenth % 3 == 0
            with self.subTest(tenth=self.tenth, once=self.once):
                self.cuts = 0
                report = self.json("--retries", "1" if self.once else "0", "plan",
                                   server.url("good"))
                self.assertEqual(report["exit"], 0 if self.once else 10, report["findings"])
                self.assert_clean()


if __name__ == "__main__":
    main()
