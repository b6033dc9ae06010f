# SPDX-License-Identifier: GPL-2.0-or-later
"""No room for what has to be written: said as that, and nothing left.  Needs root, for a
small file system in a mount namespace of its own."""
import json
import os
import sys

from command import CommandTest, main, pack


class Room(CommandTest):
    def in_little_room(self, kib, *arguments):
        """With a TMPDIR of so many KiB."""
        script = 'mount -t tmpfs -o size=$0k none "$TMPDIR" && exec "$@"'
        done = self.raw("unshare", "-m", "sh", "-c", script, str(kib),
                        *self.arguments("--json", *arguments))
        return json.loads(done.stdout)

    def test_no_room_for_keys(self):
        """gpg would say that it knows no key, and its signer would be a stranger."""
        for verb in ("plan", "load"):
            with self.subTest(verb):
                report = self.in_little_room(8, verb, pack("good.iso"))
                self.assertIn("no-space", self.codes(report))
                self.assertEqual(report["exit"], 14)
                self.assert_clean()

    def test_room_enough(self):
        self.assertEqual(self.in_little_room(4096, "plan", pack("good.iso"))["exit"], 0)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit(77)
    main()
