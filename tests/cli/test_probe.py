# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine's devices, and a record of it that says the same."""
import os

import schema
from command import CommandTest, main


class Probe(CommandTest):
    def test_those_without_a_driver_come_first(self):
        done = self.run_it("probe")
        self.assertEqual(done.returncode, 0)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "Without a driver:")
        self.assertIn("MegaRAID SAS 1078", lines[1])
        self.assertIn("82574L", lines[2])
        self.assertEqual(lines[3], "With a driver:")

    def test_json(self):
        report = self.json("probe")
        schema.check(report)
        addresses = [d["address"] for d in report["devices"] if d["bus"] == "pci"]
        self.assertEqual(addresses, sorted(addresses))
        orphan = next(d for d in report["devices"] if d["address"] == "0000:04:00.0")
        self.assertEqual((orphan["vendor"], orphan["device"], orphan["class"], orphan["driver"]),
                         ("8086", "10d3", "020000", None))

    def test_a_record_says_the_same(self):
        record = os.path.join(self.dir, "record")
        self.assertEqual(self.run_it("capture", record).returncode, 0)
        first = self.json("probe")
        self.machine = record
        self.assertEqual(self.json("probe"), first)

    def test_a_record_is_not_written_over(self):
        os.mkdir(os.path.join(self.dir, "full"))
        open(os.path.join(self.dir, "full", "file"), "w").close()
        done = self.run_it("capture", "full")
        self.assertEqual(done.returncode, 2)
        self.assertIn("'full'", done.stderr)


if __name__ == "__main__":
    main()
