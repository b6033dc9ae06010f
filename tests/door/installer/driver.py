# SPDX-License-Identifier: GPL-2.0-or-later
import snack


def doInteractiveLoadDriver(ui, answers):
    snack.ButtonChoiceWindow(ui.screen, "Own Driver Screen", "The installer's own way.", ["Ok"])
    return None, None
