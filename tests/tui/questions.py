# SPDX-License-Identifier: GPL-2.0-or-later
"""What an engine might ask, one of each kind and some worse ones."""

ORPHANS = [
    "0000:04:00.0 Intel Corporation 82574L Gigabit Network Connection, network: no driver",
    "0000:05:00.0 LSI MegaRAID SAS 1078, storage: no driver",
]
MEDIA = [
    {"location": "/dev/sr0", "text": "CD-ROM QEMU DVD-ROM, 'DRIVERS', 12 MiB",
     "hint": "labelled for driver disks"},
    {"location": "/dev/sdb1", "text": "removable Kingston DataTraveler, partition 1, 'BACKUP', 15 GiB",
     "hint": ""},
]
KEY = "A1B2C3D4E5F60718293A4B5C6D7E8F9001122334"


def source(**changes):
    return {"id": 1, "ask": "source", "title": "Load Driver", "media": MEDIA, "orphans": ORPHANS,
            "typed": "", "chosen": "local", **changes}


def row(key, text, detail="", **changes):
    return {"key": key, "heading": False, "text": text, "detail": detail, "checked": False,
            "fixed": False, **changes}


def heading(key, text):
    return row(key, text, heading=True)


def finding(code, about, text, advice):
    return {"code": code, "about": about, "text": text, "advice": advice}


ROWS = [
    heading("0000:04:00.0", "0000:04:00.0 Intel Corporation 82574L Gigabit Network Connection, "
            "network: no driver"),
    row("m0", "e1000e 3.8.7 from 'Intel e1000e driver 3.8.7'",
        "no driver → e1000e 3.8.7 from 'Intel e1000e driver 3.8.7' claims it exactly", checked=True),
    row("m1", "e1000e 3.4.0 from 'Old network drivers 2'",
        "module e1000e 3.4.0 is for kernel 4.19.0+1, and this is 6.1.0-50-amd64: it would not load",
        fixed=True),
    heading("0000:05:00.0", "0000:05:00.0 LSI MegaRAID SAS 1078, storage: no driver"),
    row("m2", "megaraid_sas 7.719 from 'LSI storage drivers'",
        "'LSI storage drivers' is signed by key A1B2 C3D4 E5F6 0718, which is not known here", checked=True),
    heading("0000:06:00.0", "0000:06:00.0 Realtek RTL8139, network: driven by 8139too"),
    row("m3", "8139too 0.9.28 from 'Realtek drivers'", "it is loaded already", checked=True, fixed=True),
]
FINDINGS = [
    finding("foreign-rhel-driver-disk", "/dev/sdb1",
            "'/dev/sdb1' holds a driver disk made for RHEL 8, which this system cannot use",
            "Ask the vendor for the driver disk made for XenServer or XCP-ng."),
]
SOURCES = [
    {"location": "/dev/sr0", "text": "CD-ROM QEMU DVD-ROM, 'DRIVERS', 12 MiB", "status": "3 packs"},
    {"location": "/dev/sdb1", "text": "removable Kingston DataTraveler, partition 1, 'BACKUP', 15 GiB",
     "status": "no pack"},
]


def packs(**changes):
    return {"id": 2, "ask": "packs", "title": "Drivers Found", "rows": ROWS, "findings": FINDINGS,
            "sources": SOURCES, "verify": True, **changes}


def trust(**changes):
    return {"id": 3, "ask": "trust", "title": "Not Trusted", "pack": "LSI storage drivers 7.719",
            "location": "/dev/sr0", "state": "unknown-key", "key": KEY,
            "user_id": "LSI Driver Team <drivers@example.com>",
            "text": "It is signed by a key that this installer does not know.",
            "advice": "Use it only if you got this disk from somebody you trust, and compare the "
                      "fingerprint with the one that the vendor publishes.", **changes}


def confirm(**changes):
    return {"id": 4, "ask": "confirm", "title": "Load These Drivers?", "text": "This will be done now:",
            "rows": ["Install e1000e-3.8.7-1.x86_64 (312 KiB)", "Load module e1000e 3.8.7",
                     "Wait until 0000:04:00.0 is driven"],
            "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "default": "next", "danger": False, "button": "Load", **changes}


def danger():
    return confirm(title="Replace Drivers?", default="back", danger=True, button="Replace",
                   rows=["Install e1000e-3.8.7-1.x86_64 (312 KiB)", "Load module e1000e 3.8.7",
                         "Take 0000:04:00.0 from 'e1000' and give it to the new driver"])


LICENCE = "\n\n".join(
    f"{n}. The licensee may use this software with the hardware it is made for, and shall not hold "
    "anybody liable for what it does to other hardware, to data, or to sleep." for n in range(1, 9))


def licence(**changes):
    return {"id": 5, "ask": "licence", "title": "Licence", "pack": "Intel e1000e driver 3.8.7",
            "text": LICENCE, **changes}


def form(**changes):
    return {"id": 6, "ask": "form", "title": "Name and Password",
            "text": "'http://server/drivers/' asks for a name and a password.",
            "fields": [{"key": "user", "label": "Name:", "value": "admin", "secret": False},
                       {"key": "password", "label": "Password:", "value": "", "secret": True}], **changes}


def proof(**changes):
    return {"id": 7, "ask": "proof", "title": "Drivers Working", "outcome": "done", "exit": 0,
            "text": "Loaded, and seen to work:",
            "rows": [{"address": "0000:04:00.0", "text": "is driven by e1000e: eth0, link up, 1000 Mb/s",
                      "ok": True}],
            "findings": [], "more": True, **changes}


def proof_failed():
    return proof(title="Drivers Not Working", outcome="not-bound", exit=17,
                 text="What was loaded does not drive its device:",
                 rows=[{"address": "0000:04:00.0", "text": "is driven by e1000e: eth0, no link", "ok": True},
                       {"address": "0000:05:00.0", "text": "has no driver", "ok": False}],
                 findings=[finding("not-bound", "0000:05:00.0",
                                   "megaraid_sas is loaded, and 0000:05:00.0 is still without a driver",
                                   "Look at the kernel's messages on the second console.")])


def problem(**changes):
    return {"id": 8, "ask": "problem", "title": "Drivers Not Loaded",
            "text": "The driver of 0000:04:00.0 could not be loaded.",
            "findings": [finding("load-unknown-symbol", "e1000e",
                                 "The kernel refused module e1000e: it needs symbol ptp_clock_register, "
                                 "which no loaded module provides",
                                 "Use a driver disk that was made for kernel 6.1.0-50-amd64.")],
            "retry": True, **changes}


def upgrade(**changes):
    return {"id": 9, "ask": "upgrade", "title": "Packs of the Host to Be Upgraded",
            "text": "Do not go on: after the upgrade this host could not be reached any more. The new release "
                    "has no driver for what is marked LOST. Insert the driver disk for the new release, or go "
                    "back; nothing was changed so far.",
            "rows": [heading(None, "Intel e1000e driver 3.8.7: LOST"),
                     row(None, "LOST: management interface: 0000:04:00.0 Intel Corporation 82574L Gigabit "
                         "Network Connection", "neither XenServer 9.0.0 nor a pack at hand has a driver for "
                         "it", plain=True),
                     heading(None, "LSI storage drivers 7.719: renewed by a pack at hand"),
                     row(None, "boot disk: 0000:05:00.0 LSI MegaRAID SAS 1078",
                         "'LSI storage drivers' at hand drives it", plain=True),
                     row("p0", "install 'LSI storage drivers 7.720' with the upgrade", "/dev/sr0",
                         checked=True)],
            "findings": [finding("would-lose", "0000:04:00.0",
                                 "0000:04:00.0 Intel Corporation 82574L Gigabit Network Connection would lose "
                                 "its driver 'e1000e': the management interface is on it",
                                 "Get the pack for the new release and have it at hand before the upgrade.")],
            "danger": True, "button": "Go On Without", **changes}


def upgrade_covered():
    return upgrade(text="These packs are on the host that is to be upgraded. What is ticked goes to the new "
                        "one.", danger=False, button="Ok", findings=[],
                   rows=[heading(None, "Intel e1000e driver 3.8.7: covered by the new release"),
                         row(None, "management interface: 0000:04:00.0 Intel Corporation 82574L",
                             "module 'e1000e' of XenServer 9.0.0 claims it", plain=True)])


def nothing_found():
    return packs(rows=[], sources=SOURCES)


def no_media():
    return source(media=[], orphans=[])


def many_devices():
    rows = []
    for n in range(20):
        rows.append(heading(f"0000:{n:02x}:00.0", f"0000:{n:02x}:00.0 Network card {n}, network: no driver"))
        rows.append(row(f"m{n}", f"driver{n} 1.{n} from 'Network drivers'", f"claims card {n} exactly",
                        checked=True))
    return packs(rows=rows)


def verified(**changes):
    return {"id": 10, "ask": "verified", "title": "All Packages Are Good",
            "text": "5 packages are good, 2043 KiB.",
            "rows": [{"text": "'Intel e1000e driver 3.8.7': 3 packages good, 1204 KiB, 3 signed by a trusted key",
                      "ok": True},
                     {"text": "'LSI storage drivers 7.719': 2 packages good, 839 KiB; the pack is not trusted: "
                      "unknown-key", "ok": True}],
            "findings": [], **changes}


def verified_bad():
    return verified(title="Not All Is Good",
                    text="3 packages are good, 1122 KiB. 2 are bad: do not use what is named below.",
                    rows=[{"text": "'Intel e1000e driver 3.8.7': 1 of 3 packages bad", "ok": False},
                          {"text": "'LSI storage drivers 7.719': 1 of 2 packages bad; the pack is not trusted: "
                           "unknown-key", "ok": False}],
                    findings=[
                        finding("damaged-package", "Packages/e1000e-3.8.7-1.x86_64.rpm",
                                "'Intel e1000e driver 3.8.7': 'Packages/e1000e-3.8.7-1.x86_64.rpm': its digest "
                                "is not the one that the pack names", "Get the pack again from its vendor, and "
                                "check the copy against its checksum."),
                        finding("missing-package", "Packages/megaraid_sas-7.719-1.x86_64.rpm",
                                "'LSI storage drivers 7.719': 'Packages/megaraid_sas-7.719-1.x86_64.rpm' is not "
                                "there, though the pack names it", "Copy the whole pack to the medium: a file "
                                "that it names is not there.")])


def fetch():
    return confirm(title="Fetch the Rest?", digest="", button="Fetch", other="Do Not Fetch",
                   text="These packages hold nothing for the running kernel, and were not fetched from their "
                        "server. They can be verified only when they are here:",
                   rows=["'LSI storage drivers 7.719': 4 packages, 20480 KiB, at http://server/drivers/"])


# What each looks like is kept in golden/.
ALL = {
    "source": source(), "source-no-media": no_media(), "packs": packs(), "packs-nothing": nothing_found(),
    "packs-many": many_devices(), "trust": trust(), "confirm": confirm(), "confirm-danger": danger(),
    "licence": licence(), "form": form(), "proof": proof(), "proof-failed": proof_failed(),
    "verified": verified(), "verified-bad": verified_bad(), "fetch": fetch(),
    "problem": problem(), "upgrade": upgrade(), "upgrade-covered": upgrade_covered(),
}
