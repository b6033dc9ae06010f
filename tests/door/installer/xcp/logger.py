# SPDX-License-Identifier: GPL-2.0-or-later
import os


def log(text):
    with open(os.environ["STANDIN_LOG"], "a") as out:
        out.write(text + "\n")
