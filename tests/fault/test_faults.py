# SPDX-License-Identifier: GPL-2.0-or-later
"""The host's disk is full, or cannot be read or written, at every single call: what is
said must be true.  Done means all of it; anything else means that the host is as before,
or that whatever is not is named."""
import os
import subprocess
import unittest

import cuts
import host


class Faults(cuts.Everywhere):
    def judge(self, there, point, code, report):
        findings = report.get("findings", [])
        text = "".join(finding["text"] for finding in findings) + str(report.get("error"))
        after = self.outcomes[-1]
        print(point, code, [f["code"] for f in findings], text[:200])


if __name__ == "__main__":
    unittest.main()
