# SPDX-License-Identifier: GPL-2.0-or-later
import os


class YumRepository(object):
    """Goes into one transaction with the product's own."""

    def __init__(self, place):
        self.place = place

    def identifier(self):
        return "repository " + self.place

    name = identifier

    def __repr__(self):
        return self.identifier() + "@yum"

    def __eq__(self, other):
        return self.identifier() == other.identifier()

    def __hash__(self):
        return hash(self.identifier())

    def accessor(self):
        return self

    def canEject(self):
        return False

    def installPackages(self, progress_callback, mounts):
        raise RuntimeError("the installer's own way: one bad pack ends it")

    def record_install(self, mounts, installed_repos):
        installed_repos[str(self)] = self
        return installed_repos

    def getBranding(self, branding):
        return branding


class UpdateYumRepository(YumRepository):
    """Goes in by itself, after the product."""


def repositoriesFromDefinition(media, address, drivers=False):
    if media != "filesystem" or drivers or not os.path.exists(os.path.join(address, "repodata/repomd.xml")):
        return []
    is_update = os.path.exists(os.path.join(address, "update.xml"))
    return [UpdateYumRepository(address) if is_update else YumRepository(address)]
