# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of packaging/add-to-medium."""
import subprocess


class Refused(Exception):
    """Why nothing was written, in a sentence."""


def run(*command, **how):
    """What a program says; its complaint is ours."""
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    try:
        done = subprocess.run([str(word) for word in command], check=False, **how)
    except OSError as error:
        raise Refused("running '%s': %s" % (command[0], error.strerror))
    if done.returncode:
        said = (done.stderr or b"").decode("utf-8", "replace")
        raise Refused("'%s' failed: %s" % (command[0], " ".join(said.split())[-400:]))
    return done.stdout
