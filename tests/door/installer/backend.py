# SPDX-License-Identifier: GPL-2.0-or-later
import repository
import snack
import tui.installer
from xcp import logger


def executeSequence(sequence, seq_name, answers, ui, cleanup):
    """Under a window of its own, which stays where a step fails."""
    logger.log("installer: phase '%s'" % seq_name)
    window = snack.GridForm(ui.screen, "Stand-In Progress", 1, 1)
    window.add(snack.Textbox(40, 1, seq_name), 0, 0)
    window.draw()
    ui.screen.pushHelpLine("The installer works")
    ui.screen.refresh()
    for step in sequence:
        answers.update(step(answers, ui))
    ui.screen.popHelpLine()
    ui.screen.popWindow()
    return answers


def _mount(answers, ui):
    return {"mounts": {"root": answers["script"]["root"]}}


def _install(found):
    """Three steps for each; what the later two answer is kept."""
    return [lambda answers, ui: found.installPackages(lambda percent: None, answers["mounts"]) or {},
            lambda answers, ui: {"installed-repos": found.record_install(answers["mounts"],
                                                                         answers["installed-repos"])},
            lambda answers, ui: {"branding": found.getBranding(answers["branding"])}]


def _open(extra, answers):
    """Each once: those for the product's own transaction, and those that follow it."""
    main, updates = [], []
    for media, address in extra:
        answers["opened"].append((media, address))
        for found in repository.repositoriesFromDefinition(media, address):
            kind = updates if isinstance(found, repository.UpdateYumRepository) else main
            if found not in kind:
                kind.append(found)
    return main, updates


def performInstallation(answers, ui, interactive):
    """The dictionary that the pack step gets is copied before there are mounts; lists in it
    are the same ones. The last phase, and no other, cleans up."""
    early = dict(answers)
    executeSequence([_mount], "Preparing", answers, ui, False)
    answers.update({"opened": [], "installed-repos": {}, "branding": {"product-brand": "Stand-In"}})
    main, updates = _open(early["extra-repos"], answers)
    executeSequence([], "Installing", answers, ui, False)
    answers["together"] = [found.place for found in main]
    if updates:
        executeSequence(sum(map(_install, updates), []), "Installing Updates", answers, ui, False)
    for found in main + updates:
        assert not found.accessor().canEject()
    while interactive and answers["script"].get("loop", True):
        more = tui.installer.more_media_sequence(dict(early))
        if not more.get("more-media"):
            break
    executeSequence([], "Completing", answers, ui, True)
