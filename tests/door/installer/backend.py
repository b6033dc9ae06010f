# SPDX-License-Identifier: GPL-2.0-or-later
import tui.installer


def executeSequence(sequence, seq_name, answers, ui, cleanup):
    for step in sequence:
        answers.update(step(answers, ui))
    return answers


def _mount(answers, ui):
    return {"mounts": {"root": answers["script"]["root"]}}


def performInstallation(answers, ui):
    """The dictionary that the pack step gets is copied before there are mounts."""
    early = dict(answers)
    executeSequence([_mount], "Preparing", answers, ui, False)
    opened = list(answers.get("extra-repos", []))
    while True:
        more = tui.installer.more_media_sequence(early)
        if not more.get("more-media"):
            break
    answers["opened"] = opened
