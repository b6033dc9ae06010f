# SPDX-License-Identifier: GPL-2.0-or-later
"""Packs on an NFS server, up to the program that mounts it. The server is a stub here: in
place of mount.nfs, in a mount namespace of the test's own, stands a program that writes down
how it was called, and then mounts a directory of this machine, or says and does what the
real one does when it fails."""
import json
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cli"))
from command import CommandTest, main, pack

OPTIONS = "ro,nosuid,nodev,noexec,soft,nolock,timeo=50,retrans=2,retry=0"
FAILED = 32  # what mount.nfs ends with
RECORD = """#!/bin/sh
printf '%%s\\n' "$0" "$@" >'%(dir)s/called'
tr '\\0' '\\n' </proc/$$/environ >'%(dir)s/environment'
echo $$ >'%(dir)s/pid'
"""
# Where the system's programs are, they are still, but for the stub.
INSIDE = """set -e
dir=$1 place=$2
shift 2
mount --bind "$place" "$dir/real"
mount --bind "$dir/sbin" "$place"
cat /proc/self/mountinfo >"$dir/before"
set +e
"$@"
code=$?
cat /proc/self/mountinfo >"$dir/after"
exit $code
"""


class Nfs(CommandTest):
    def setUp(self):
        super().setUp()
        self.place = os.path.realpath("/sbin")
        self.stub_dir = os.path.join(self.dir, "stub")
        self.sbin = os.path.join(self.stub_dir, "sbin")
        for name in (self.sbin, os.path.join(self.stub_dir, "real")):
            os.makedirs(name)
        for name in os.listdir(self.place):
            if name != "mount.nfs":
                os.symlink(os.path.join(self.stub_dir, "real", name),
                           os.path.join(self.sbin, name))

    def stub(self, does):
        """From now on mount.nfs does this, in the words of the shell."""
        path = os.path.join(self.sbin, "mount.nfs")
        with open(path, "w") as file:
            file.write(RECORD % {"dir": self.stub_dir} + does + "\n")
        os.chmod(path, 0o755)

    def inside(self, *command):
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", INSIDE, "sh",
                self.stub_dir, self.place, *command]

    def raw(self, *command):
        """In the namespace; when it has ended, its mounts are what they were."""
        done = super().raw(*self.inside(*command))
        self.assertEqual(self.noted("before"), self.noted("after"))
        return done

    def noted(self, name):
        with open(os.path.join(self.stub_dir, name)) as file:
            return file.read().splitlines()

    def assert_refused(self, report, *words):
        self.assertEqual(report["exit"], 10, report["findings"])
        text = report["findings"][0]["text"]
        for word in words:
            self.assertIn(word, text)
        self.assert_clean()


class Mounted(Nfs):
    """The stub mounts a directory of packs where it is told to."""

    def setUp(self):
        super().setUp()
        self.stub("exec mount --bind '%s' \"$2\"" % pack("good"))

    def assert_called(self, source, options=OPTIONS):
        called = self.noted("called")
        self.assertEqual(called[:2] + called[3:],
                         ["/sbin/mount.nfs", source, "-o", options])
        self.assertTrue(os.path.isdir(called[2]), called)
        self.assertEqual(sorted(self.noted("environment")),
                         ["HOME=/", "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"])

    def test_as_from_a_directory(self):
        local = self.json("plan", pack("good"))
        for url, source, shown, port in (
                ("nfs://server/packs/one", "server:/packs/one", "server:/packs/one", ""),
                ("nfs://server:/packs", "server:/packs", "server:/packs", ""),
                ("server:/packs", "server:/packs", "server:/packs", ""),
                ("nfs://192.0.2.7:20490/packs", "192.0.2.7:/packs", "192.0.2.7:20490:/packs",
                 ",port=20490"),
                ("nfs://[2001:db8::7]/packs", "[2001:db8::7]:/packs", "[2001:db8::7]:/packs", ""),
                ("[2001:db8::7]:/packs", "[2001:db8::7]:/packs", "[2001:db8::7]:/packs", "")):
            with self.subTest(url=url):
                report = self.json("plan", url)
                self.assertEqual(report["exit"], 0, report["findings"])
                for key in ("matches", "install", "load", "plan"):
                    self.assertEqual(report[key], local[key])
                self.assertEqual(report["packs"][0]["location"], shown)
                self.assert_called(source, OPTIONS + port)
                self.assert_clean()

    def test_an_answerfile(self):
        answer = os.path.join(self.dir, "answer.xml")
        for text, source in (("server:/packs", "server:/packs"),
                             ("nfs://server/packs", "server:/packs")):
            with self.subTest(text=text):
                with open(answer, "w") as file:
                    file.write("<installation><source type='local'/><driver-source type='nfs'>"
                               "%s</driver-source></installation>" % text)
                done = self.run_it("--json", "answerfile", "--stage", "drivers", answer)
                self.assert_called(source)
                report = json.loads(done.stdout)
                row = report["sources"][0]
                self.assertEqual((row["element"], row["location"]), ("driver-source", source))
                self.assertEqual(report["matches"], self.json("plan", pack("good"))["matches"])

    def test_a_file_is_read_where_it_lies(self):
        """The directory around it is mounted; a link there is not followed."""
        local = self.json("plan", pack("good.iso"))
        self.stub("exec mount --bind '%s' \"$2\"" % os.path.dirname(pack("good")))
        for text in ("nfs://server/packs/good.iso", "server:/packs/good.iso"):
            with self.subTest(text=text):
                report = self.json("plan", text)
                self.assertEqual(report["exit"], 0, report["findings"])
                self.assertEqual(report["plan"], local["plan"])
                self.assert_called("server:/packs")
        os.symlink(pack("good.iso"), os.path.join(self.dir, "link.iso"))
        self.stub("exec mount --bind '%s' \"$2\"" % self.dir)
        for name in ("link.iso", "nothing.iso", "nothing.rpm"):
            with self.subTest(name=name):
                self.assert_refused(self.json("plan", "server:/" + name), "server:/" + name)
                self.assert_called("server:/")

    def test_a_bad_pack_is_refused_as_ever(self):
        self.stub("exec mount --bind '%s' \"$2\"" % pack("flipped-rpm"))
        self.assertEqual(self.json("plan", "server:/packs")["exit"], 13)

    def test_a_server_without_packs(self):
        os.mkdir(os.path.join(self.dir, "nothing"))
        self.stub("exec mount --bind '%s/nothing' \"$2\"" % self.dir)
        report = self.json("plan", "server:/packs")
        self.assertEqual((report["exit"], self.codes(report)), (11, ["no-pack"]))


class Refused(Nfs):
    def test_what_mount_nfs_says(self):
        """Its texts, of releases before and since 2.6.3."""
        for said, word in (
                ("access denied by server while mounting server:/packs", "access denied"),
                ("mounting server:/packs failed, reason given by server: "
                 "No such file or directory", "No such file or directory"),
                ("Connection refused", "Connection refused"),
                ("Connection refused for server:/packs on /mnt", "Connection refused"),
                ("Connection timed out", "Connection timed out"),
                ("Failed to resolve server server: Name or service not known",
                 "Name or service not known"),
                ("requested NFS version or transport protocol is not supported", "not supported"),
                ("rpc.statd is not running but is required for remote locking.\n"
                 "mount.nfs: an incorrect mount option was specified", "incorrect mount option")):
            with self.subTest(said=said):
                self.stub("printf 'mount.nfs: %s\\n' >&2\nexit %d" % (said, FAILED))
                for url in ("nfs://server/packs", "server:/packs"):
                    report = self.json("plan", url)
                    self.assertEqual(self.codes(report), ["unreachable"])
                    self.assert_refused(report, "server:/packs", word)

    def test_one_that_says_nothing(self):
        for ends in ("exit %d" % FAILED, "exit 1", "kill -SEGV $$"):
            with self.subTest(ends=ends):
                self.stub(ends)
                self.assert_refused(self.json("plan", "server:/packs"),
                                    "server:/packs", "mount.nfs failed")

    def test_half_done(self):
        """It fails, though something is mounted by now: that is nobody's."""
        self.stub("mount --bind '%s' \"$2\"\necho mount.nfs: Input/output error >&2\nexit %d"
                  % (pack("good"), FAILED))
        self.assert_refused(self.json("plan", "server:/packs"), "server:/packs", "Input/output")

    def test_there_is_none(self):
        self.assert_refused(self.json("plan", "server:/packs"), "server:/packs", "no mount.nfs")

    def test_one_line_from_an_answerfile(self):
        self.stub("echo mount.nfs: Connection refused >&2\nexit %d" % FAILED)
        answer = os.path.join(self.dir, "answer.xml")
        with open(answer, "w") as file:
            file.write("<installation><source type='local'/><driver-source type='nfs'>"
                       "server:/packs</driver-source></installation>")
        done = self.run_it("answerfile", "--stage", "drivers", answer)
        self.assertEqual(done.returncode, 10)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn("server:/packs", done.stderr)


class Hangs(Nfs):
    """One that never comes back is given up by the limit that is nearer, and ended."""

    def assert_ended(self):
        pid = int(self.noted("pid")[0])
        for _ in range(100):
            if not os.path.exists("/proc/%d" % pid):
                return
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        self.fail("mount.nfs is still there")

    def test_given_up(self):
        self.stub("exec sleep 600")
        for options, word in ((("--timeout", "5"), "within 5 s"), ((), "more than 30 s")):
            with self.subTest(options=options):
                report = self.json(*options, "plan", "server:/packs")
                self.assertEqual(self.codes(report), ["timed-out"])
                self.assert_refused(report, "server:/packs", word)
                self.assert_ended()


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit(77)
    main()
