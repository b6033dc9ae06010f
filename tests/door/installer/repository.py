# SPDX-License-Identifier: GPL-2.0-or-later
def repositoriesFromDefinition(media, address, drivers=False):
    return []
