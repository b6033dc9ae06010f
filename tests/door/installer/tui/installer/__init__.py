# SPDX-License-Identifier: GPL-2.0-or-later
import snack

from tui.installer import screens

screen = None


def more_media_sequence(answers):
    snack.ButtonChoiceWindow(screen, "Own Pack Screen", "The installer's own way.", ["No"])
    return {"more-media": False}


def questions(ui, answers, pressed):
    """Steps, forward and back: 1 forward, -1 back, 0 again, -100 on in the same direction."""
    steps = [lambda: screens.welcome(ui, answers, pressed), lambda: screens.before(ui)]
    if answers.get("installation-to-overwrite"):
        steps.append(lambda: screens.remind_driver_repos(answers))
    steps.append(lambda: screens.after(ui))
    at, direction = 0, 1
    while at < len(steps):
        delta = steps[at]()
        direction = direction if delta in (0, -100) else delta
        at += 0 if delta == 0 else direction
