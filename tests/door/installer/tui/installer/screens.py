# SPDX-License-Identifier: GPL-2.0-or-later
import driver
import snack


def welcome(ui, answers, pressed):
    """F9 until Ok."""
    while True:
        form = snack.GridForm(ui.screen, "Stand-In Welcome", 1, 2)
        form.add(snack.Textbox(40, 1, "F9 loads a driver."), 0, 0)
        form.add(snack.Button("Ok"), 0, 1)
        form.addHotKey("F9")
        if form.runOnce() != "F9":
            return
        media, address = driver.doInteractiveLoadDriver(ui, pressed)
        if media:
            answers.setdefault("extra-repos", []).append((media, address))
