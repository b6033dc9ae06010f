# SPDX-License-Identifier: GPL-2.0-or-later
import xml.dom.minidom


class Answerfile(object):
    """What an installation without questions is told."""

    def __init__(self, document):
        self.top_node = document.documentElement

    @staticmethod
    def fetch(path):
        return Answerfile(xml.dom.minidom.parse(path))

    def processAnswerfileSetup(self):
        """Before disks are looked at."""
        return {"extra-repos": [
            (node.getAttribute("type"), node.firstChild.data if node.firstChild else "")
            for node in self.top_node.getElementsByTagName("driver-source")]}

    def processAnswerfile(self):
        mode = self.top_node.getAttribute("mode") or "fresh"
        return {"install-type": "reinstall" if mode == "upgrade" else mode}
