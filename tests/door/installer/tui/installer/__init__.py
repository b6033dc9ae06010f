# SPDX-License-Identifier: GPL-2.0-or-later
import snack

screen = None


def more_media_sequence(answers):
    snack.ButtonChoiceWindow(screen, "Own Pack Screen", "The installer's own way.", ["No"])
    return {"more-media": False}
