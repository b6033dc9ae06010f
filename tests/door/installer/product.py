# SPDX-License-Identifier: GPL-2.0-or-later
import os


class OldHost(object):
    """A host that is there already; its files can be seen while it is mounted."""

    def __init__(self, directory):
        self.directory, self.mounted = directory, []

    def mount_state(self):
        self.mounted.append(self.directory)

    def unmount_state(self):
        self.mounted.pop()

    def join_state_path(self, *path):
        return os.path.join(self.mounted[-1], *path)
