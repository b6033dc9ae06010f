# SPDX-License-Identifier: GPL-2.0-or-later
import repository
import tui.installer
from xcp import logger


def executeSequence(sequence, seq_name, answers, ui, cleanup):
    logger.log("installer: phase '%s'" % seq_name)
    for step in sequence:
        answers.update(step(answers, ui))
    return answers


def _mount(answers, ui):
    return {"mounts": {"root": answers["script"]["root"]}}


def performInstallation(answers, ui, interactive):
    """The dictionary that the pack step gets is copied before there are mounts; lists in it
    are the same ones. The last phase, and no other, cleans up."""
    early = dict(answers)
    executeSequence([_mount], "Preparing", answers, ui, False)
    answers["opened"] = []
    for media, address in early["extra-repos"]:
        answers["opened"].append((media, address))
        repository.repositoriesFromDefinition(media, address)
    executeSequence([], "Installing", answers, ui, False)
    while interactive:
        more = tui.installer.more_media_sequence(dict(early))
        if not more.get("more-media"):
            break
    executeSequence([], "Completing", answers, ui, True)
