# SPDX-License-Identifier: GPL-2.0-or-later
import driver
import snack
import tui.installer


def welcome(ui, answers, pressed):
    """F9 until Ok."""
    while True:
        form = snack.GridForm(ui.screen, "Stand-In Welcome", 1, 2)
        form.add(snack.Textbox(40, 1, "F9 loads a driver."), 0, 0)
        form.add(snack.Button("Ok"), 0, 1)
        form.addHotKey("F9")
        if form.runOnce() != "F9":
            return 1
        media, address = driver.doInteractiveLoadDriver(ui, pressed)
        if media:
            answers["extra-repos"].append((media, address))


def choice(screen, title):
    """Ok or Back."""
    button = snack.ButtonChoiceWindow(screen, title, "A step of the installer.", ["Ok", "Back"])
    return -1 if button == "back" else 1


def before(ui):
    return choice(ui.screen, "Stand-In Before")


def remind_driver_repos(answers):
    return choice(tui.installer.screen, "Own Upgrade Screen")


def after(ui):
    return choice(ui.screen, "Stand-In After")
