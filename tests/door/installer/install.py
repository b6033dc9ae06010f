# SPDX-License-Identifier: GPL-2.0-or-later
import json
import os
import sys
import traceback

import snack

import backend
import repository
import tui.installer
from tui.installer import screens
from xcp import logger


class Ui(object):
    def __init__(self):
        self.screen = snack.SnackScreen()
        tui.installer.screen = self.screen


def load_driver_sources(script):
    for media, address in script.get("driver-sources", []):
        for found in repository.repositoriesFromDefinition(media, address, drivers=True):
            found.installPackages(lambda step: None, {"root": "/"})


def main():
    script = json.loads(sys.argv[1])
    answers = {"script": script}
    pressed = {"driver-repos": [], "network-hardware": {}}
    result = {"failed": None}
    ui = Ui()
    ui.screen.drawRootText(0, 0, "The installer")
    try:
        load_driver_sources(script)
        screens.welcome(ui, answers, pressed)
        backend.performInstallation(answers, ui)
    except Exception as error:
        logger.log(traceback.format_exc())
        result["failed"] = str(error)
        snack.ButtonChoiceWindow(ui.screen, "Installation Failed", str(error), ["Ok"])
    else:
        snack.ButtonChoiceWindow(ui.screen, "Stand-In Complete", "It is done.", ["Ok"])
    ui.screen.finish()
    result["extra-repos"] = answers.get("extra-repos", [])
    result["driver-repos"] = pressed["driver-repos"]
    with open(os.environ["STANDIN_RESULT"], "w") as out:
        json.dump(result, out)
    print("installer: done")


main()
