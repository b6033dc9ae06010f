# SPDX-License-Identifier: GPL-2.0-or-later
"""The load flow on a recorded machine: answered from options, over the protocol, and
interrupted at every step."""
import json
import os
import signal
import socket
import subprocess
import time

import schema
from command import TIMEOUT, CommandTest, main, pack


class Load(CommandTest):
    def test_a_recorded_machine_is_left_as_it_is(self):
        before = self.listing()
        report = self.json("load", pack("good.iso"))
        schema.check(report)
        self.assertEqual(report["exit"], 0)
        self.assertEqual(report["matches"][0]["verdict"], "load")
        self.assertIn("recorded-machine", self.codes(report))
        self.assertNotIn("proof", report)
        self.assertEqual(self.listing(), before)
        self.assert_clean()

    def listing(self):
        return sorted(os.path.join(top, name) for top, _, names in os.walk(self.machine)
                      for name in names)

    def test_nothing_untrusted_is_accepted_unasked(self):
        for name, code in (("unsigned", 12), ("stranger", 12), ("flipped-rpm", 13),
                           ("other-kernel", 15), ("empty", 11)):
            with self.subTest(name=name):
                self.assertEqual(self.run_it("load", pack(name)).returncode, code)

    def test_accepted_by_an_option(self):
        done = self.run_it("--accept", "unsigned", "load", pack("unsigned"))
        self.assertEqual(done.returncode, 0)
        self.assertIn("[accepted-unsigned]", done.stdout)


class Screens:
    """The other end of the protocol."""

    def __init__(self, test, flow="drivers", locations=()):
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(TIMEOUT)
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.engine = subprocess.Popen(
            test.arguments("serve", flow, str(theirs.fileno()), *locations), env=test.env, cwd=test.dir,
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        theirs.close()
        test.addCleanup(self.close)

    def close(self):
        self.lines.close()
        self.socket.close()
        self.engine.kill()
        self.engine.wait()
        self.engine.stdout.close()

    def send(self, line):
        self.socket.sendall((json.dumps(line) + "\n").encode())

    def hello(self, protocol=1):
        self.send({"hello": {"protocol": protocol, "suppack": "0"}})
        return self.receive()

    def receive(self):
        line = self.lines.readline()
        return json.loads(line) if line else None

    def next_question(self):
        """The next question, or the end; notices are passed over."""
        while True:
            line = self.receive()
            if line is None or "ask" in line or "end" in line:
                return line

    def answer(self, question, answer, **more):
        self.send({"id": question["id"], "answer": answer, **more})

    def finish(self):
        output = self.engine.stdout.read().decode()
        return self.engine.wait(TIMEOUT), output


class Protocol(CommandTest):
    def ask(self, screens, kind):
        question = screens.next_question()
        self.assertIsNotNone(question)
        self.assertEqual(question.get("ask"), kind, question)
        return question

    def start(self):
        screens = Screens(self)
        self.assertEqual(screens.hello()["hello"]["protocol"], 1)
        return screens

    def assert_end(self, screens, code):
        line = screens.next_question()
        self.assertIn("end", line or {})
        self.assertEqual(line["end"]["exit"], code)
        schema.check(line["end"]["report"])
        self.assertEqual(screens.finish(), (code, ""))
        self.assert_clean()

    def test_to_the_plan(self):
        screens = self.start()
        source = self.ask(screens, "source")
        self.assertTrue(any("82574L" in text for text in source["orphans"]))
        screens.answer(source, "next", typed=pack("good"))
        packs = self.ask(screens, "packs")
        rows = packs["rows"]
        self.assertTrue(rows[0]["heading"] and "0000:04:00.0" in rows[0]["text"])
        self.assertTrue(rows[1]["checked"])
        screens.answer(packs, "next", chosen=[rows[1]["key"]])
        confirm = self.ask(screens, "confirm")
        self.assertRegex(confirm["digest"], "^[0-9a-f]{64}$")
        screens.answer(confirm, "next")
        self.assert_end(screens, 0)

    def test_back_from_everywhere(self):
        screens = self.start()
        source = self.ask(screens, "source")
        screens.answer(source, "next", typed=pack("unsigned"))
        packs = self.ask(screens, "packs")
        screens.answer(packs, "back")
        source = self.ask(screens, "source")
        self.assertEqual(source["typed"], pack("unsigned"))
        screens.answer(source, "next", typed=pack("unsigned"))
        packs = self.ask(screens, "packs")
        screens.answer(packs, "next", chosen=[packs["rows"][1]["key"]])
        trust = self.ask(screens, "trust")
        self.assertEqual((trust["state"], trust["key"]), ("unsigned", None))
        screens.answer(trust, "back")
        packs = self.ask(screens, "packs")
        screens.answer(packs, "next", chosen=[packs["rows"][1]["key"]])
        screens.answer(self.ask(screens, "trust"), "next")
        screens.answer(self.ask(screens, "confirm"), "back")
        screens.answer(self.ask(screens, "packs"), "back")
        screens.answer(self.ask(screens, "source"), "back")
        self.assert_end(screens, 18)

    def test_a_stranger_s_key_is_shown_whole(self):
        screens = self.start()
        screens.answer(self.ask(screens, "source"), "next", typed=pack("stranger"))
        packs = self.ask(screens, "packs")
        screens.answer(packs, "next", chosen=[packs["rows"][1]["key"]])
        trust = self.ask(screens, "trust")
        self.assertEqual(trust["state"], "unknown-key")
        self.assertRegex(trust["key"], "^[0-9A-F]{16,40}$")
        screens.answer(trust, "cancel")
        self.assert_end(screens, 18)

    def test_what_is_trusted_is_ticked_first(self):
        """What is not trusted is ticked where there is nothing else, and its place tells it
        from packs of the same name."""
        stranger, unsigned = pack("stranger"), pack("unsigned")
        for places, ticked in (((stranger, pack("good")), [pack("good")]),
                               ((stranger, unsigned), []), ((stranger,), [stranger])):
            with self.subTest(places=places):
                screens = Screens(self, locations=places)
                screens.hello()
                packs = self.ask(screens, "packs")
                rows = [row for row in packs["rows"] if not row["heading"]]
                self.assertEqual(len(rows), len(places))
                ending = [" at " + place if len(places) > 1 else "'" for place in ticked]
                for row, end in zip([row for row in rows if row["checked"]], ending, strict=True):
                    self.assertTrue(row["text"].endswith(end), row["text"])
                screens.answer(packs, "cancel")
                self.assert_end(screens, 18)

    def test_what_cannot_be_used_is_a_problem_with_reasons(self):
        screens = self.start()
        screens.answer(self.ask(screens, "source"), "next", typed=pack("empty"))
        problem = self.ask(screens, "problem")
        self.assertEqual([f["code"] for f in problem["findings"]], ["no-pack"])
        screens.answer(problem, "again")
        problem = self.ask(screens, "problem")
        screens.answer(problem, "back")
        screens.answer(self.ask(screens, "source"), "cancel")
        self.assert_end(screens, 18)

    def test_cancelling_a_search_leads_back(self):
        screens = self.start()
        source = self.ask(screens, "source")
        screens.answer(source, "next", typed=pack("good"))
        while "busy" not in screens.receive():
            pass
        screens.send({"cancel": True})
        question = screens.next_question()
        self.assertIn(question["ask"], ("source", "packs"))  # it may have been quicker
        screens.answer(question, "cancel")
        self.assert_end(screens, 18)

    def test_nonsense_is_no_answer(self):
        screens = self.start()
        source = self.ask(screens, "source")
        screens.send({"id": source["id"] + 7, "answer": "next"})
        screens.send({"cancel": True})
        screens.send({"what": ["ever"]})
        screens.answer(source, "unknown")
        self.assert_end(screens, 18)

    def test_screens_that_go_are_a_cancel(self):
        screens = self.start()
        self.ask(screens, "source")
        screens.socket.shutdown(socket.SHUT_RDWR)
        self.assertEqual(screens.finish(), (18, ""))

    def test_screens_that_go_while_media_are_looked_for_are_a_cancel(self):
        screens = self.start()
        screens.answer(self.ask(screens, "source"), "again")
        while "busy" not in screens.receive():
            pass
        screens.socket.shutdown(socket.SHUT_RDWR)
        self.assertEqual(screens.finish(), (18, ""))

    def test_another_version(self):
        screens = Screens(self)
        screens.hello(protocol=2)
        code, output = screens.finish()
        self.assertEqual((code, output), (1, ""))

    def test_words_that_are_no_json(self):
        screens = Screens(self)
        screens.socket.sendall(b"\x00\xff{]\n")
        code, output = screens.finish()
        self.assertEqual((code, output), (1, ""))


class Interrupted(CommandTest):
    """SIGINT, SIGTERM and SIGHUP, early and late: 18, or the end if it was quicker."""

    def interrupt(self, number, delay, *arguments):
        process = subprocess.Popen(self.arguments(*arguments), env=self.env, cwd=self.dir,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.wait_watching(process)
        time.sleep(delay)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=TIMEOUT)
        self.assertNotIn(b"Sanitizer", stderr)
        return process.returncode

    def wait_watching(self, process):
        """Until it has blocked signals: before that, one simply ends it."""
        while process.poll() is None:
            with open(f"/proc/{process.pid}/status") as status:
                blocked = next(line for line in status if line.startswith("SigBlk:"))
            if int(blocked.split()[1], 16) & 1 << (signal.SIGTERM - 1):
                return
            time.sleep(0.01)

    def test_at_any_moment(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for step in range(6):
                with self.subTest(signal=number, step=step):
                    code = self.interrupt(number, 0.15 * step, "load", pack("good.iso"))
                    self.assertIn(code, (18, 0) if step else (18,))
                    self.assert_clean()

    def test_a_hanging_medium(self):
        """A medium that never answers: a FIFO in the place of a file would be refused, so
        a stopped worker stands in for it."""
        process = subprocess.Popen(self.arguments("plan", pack("good.iso")), env=self.env,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_watching(process)
        worker = self.stop_worker(process.pid)
        if worker is None:
            self.skipTest("the worker was quicker than we are")
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(TIMEOUT), 18)
        self.assertLess(time.monotonic() - began, 20)
        self.assertFalse(os.path.exists(f"/proc/{worker}/exe"))

    def test_a_server_that_never_answers(self):
        """However slow this machine is, the limit passes first: the server is only a
        socket that listens, and nobody accepts."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            location = f"http://127.0.0.1:{server.getsockname()[1]}/pack"
            process = subprocess.run(
                self.arguments("--timeout", "1", "--json", "plan", location), env=self.env,
                cwd=self.dir, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT)
        answer = json.loads(process.stdout)
        self.assertEqual((process.returncode, answer["outcome"]), (10, "unreachable"))
        self.assertEqual([finding["code"] for finding in answer["findings"]], ["timed-out"])
        self.assertIn(location, answer["findings"][0]["text"])
        self.assert_clean()

    def stop_worker(self, parent):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                with open(f"/proc/{parent}/task/{parent}/children") as children:
                    workers = children.read().split()
                if workers:
                    os.kill(int(workers[0]), signal.SIGSTOP)
                    return int(workers[0])
            except OSError:
                return None
        return None


if __name__ == "__main__":
    main()
