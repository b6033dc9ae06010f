# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import sys
import traceback

import snack

import answerfile
import backend
import product
import repository
import tui.installer
from xcp import logger


class Ui(object):
    def __init__(self):
        self.screen = snack.SnackScreen()
        tui.installer.screen = self.screen


def load_driver_sources(sources):
    for media, address in sources:
        for found in repository.repositoriesFromDefinition(media, address, drivers=True):
            found.installPackages(lambda step: None, {"root": "/"})


def read_answerfile(path, answers):
    """Driver sources are loaded before the rest is read."""
    file = answerfile.Answerfile.fetch(path)
    answers.update(file.processAnswerfileSetup())
    load_driver_sources(answers["extra-repos"])
    answers.update(file.processAnswerfile())


def main():
    script = json.loads(sys.argv[1])
    answers = {"script": script, "extra-repos": []}
    if script.get("old-root"):
        answers["installation-to-overwrite"] = product.OldHost(script["old-root"])
    pressed = {"driver-repos": [], "network-hardware": {}}
    result = {"failed": None}
    ui = Ui()
    ui.screen.drawRootText(0, 0, "The installer")
    try:
        load_driver_sources(script.get("driver-sources", []))
        if script.get("answerfile"):
            read_answerfile(script["answerfile"], answers)
        else:
            tui.installer.questions(ui, answers, pressed)
        backend.performInstallation(answers, ui, not script.get("answerfile"))
    except Exception as error:
        logger.log(traceback.format_exc())
        result["failed"] = str(error)
        snack.ButtonChoiceWindow(ui.screen, "Installation Failed", str(error), ["Ok"])
    else:
        snack.ButtonChoiceWindow(ui.screen, "Stand-In Complete", "It is done.", ["Ok"])
    ui.screen.finish()
    old = answers.get("installation-to-overwrite")
    result["mounted"] = old.mounted if old else []
    result["opened"] = answers.get("opened")
    result["together"] = answers.get("together")
    result["extra-repos"] = answers["extra-repos"]
    result["driver-repos"] = pressed["driver-repos"]
    with open(os.environ["STANDIN_RESULT"], "w") as out:
        json.dump(result, out)
    print("installer: done")


main()
