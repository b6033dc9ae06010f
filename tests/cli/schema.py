# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/json.md as a program: check(report) raises SchemaError at the first thing that is
not as that page says."""
import re

OUTCOMES = {"done": 0, "failed": 1, "usage": 2, "unreachable": 10, "no-pack": 11,
            "untrusted": 12, "damaged": 13, "requirements": 14, "not-for-this-machine": 15,
            "load-failed": 16, "not-bound": 17, "declined": 18, "would-lose": 19,
            "transaction-failed": 20}


class SchemaError(Exception):
    pass


def optional(kind):
    return lambda value: value is None or is_a(kind, value)


def one_of(*words):
    return lambda value: value in words


def matching(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def is_a(kind, value):
    if isinstance(kind, type):
        return isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    if isinstance(kind, list):
        return isinstance(value, list) and all(is_a(kind[0], item) for item in value)
    if isinstance(kind, dict):
        walk(kind, value)
        return True
    return kind(value)


class Maybe:
    """A key that may be left out."""

    def __init__(self, kind):
        self.kind = kind


FINDING = {"code": matching("[a-z-]+"), "about": optional(str), "text": matching(r"[^\n]+"),
           "advice": str}
DEVICE = {"address": str, "bus": str, "kind": one_of("storage", "network", "display", "bridge",
                                                     "usb", "serial", "other"),
          "vendor": optional(matching("[0-9a-f]{4}")), "device": optional(matching("[0-9a-f]{4}")),
          "subvendor": optional(matching("[0-9a-f]{4}")),
          "subdevice": optional(matching("[0-9a-f]{4}")),
          "class": optional(matching("[0-9a-f]{6}")), "revision": optional(matching("[0-9a-f]{2}")),
          "modalias": str, "name": optional(str), "driver": optional(str),
          "module": optional(str), "interfaces": [str], "disks": [str]}
TRUST = {"state": one_of("trusted", "weak", "unknown-key", "unsigned", "expired", "revoked",
                         "bad", "damaged"),
         "key": optional(matching("[0-9A-F]{16}|[0-9A-F]{40}|[0-9A-F]{64}")),
         "user_id": optional(str), "detail": optional(str), "expires": Maybe(int)}
PACKAGE = {"nevra": str, "type": str, "file": Maybe(str), "size": int, "installed_size": int,
           "verified": bool, "unread": Maybe(bool), "sha256": Maybe(matching("[0-9a-f]{64}")),
           "md5": Maybe(matching("[0-9a-f]{32}")), "signature": Maybe(TRUST["state"])}
MODULE = {"name": matching("[A-Za-z0-9_]+"), "path": str, "aliases": [str], "depends": [str],
          "firmware": [str], "signed": bool, "package": int, "version": Maybe(optional(str)),
          "srcversion": Maybe(optional(str)), "vermagic": Maybe(optional(str))}
PACK = {"format": one_of("update", "legacy", "legacy-text", "rpms"), "id": str,
        "label": Maybe(str), "version": Maybe(str), "location": str, "directory": str,
        "driver_disk": bool, "hidden": bool, "homogeneous": bool, "withheld": Maybe(bool), "trust": TRUST,
        "requires": [str], "packages": [PACKAGE], "modules": [MODULE],
        "report": [{"category": str, "kind": str, "what": str, "detail": str}], "findings": [FINDING]}
MATCH = {"address": str, "module": str, "module_version": optional(str), "pack": str,
         "rank": one_of("subsystem", "device", "vendor", "class"),
         "current_driver": optional(str),
         "verdict": one_of("load", "loaded", "keep", "replace", "refused"),
         "code": optional(matching("[a-z-]+")), "reason": str}
PROOF = {"address": str, "driver": optional(str), "appeared": [str],
         "link": one_of("unknown", "down", "up"), "bound": bool, "complete": bool, "gone": bool}
FATE = one_of("covered", "renewed", "older", "unknown", "lost")
OLD_HOST = {key: optional(str) for key in ("product_brand", "product_version", "platform_name",
                                           "platform_version", "build_number", "primary_disk",
                                           "management_interface")}
RELEASE = {"product": str, "kernel": optional(str), "modules": int}
UPGRADE = {"stop": bool,
           "packs": [{"id": str, "label": str, "version": str, "hidden": bool, "hotfix": bool,
                      "fate": FATE, "text": str, "advice": str, "renewed_by": optional(str)}],
           "devices": [{"address": str, "name": optional(str), "pack": str, "module": str,
                        "fate": FATE, "boot": bool, "storage": bool, "management": bool,
                        "evidence": str}]}
DECISION = {"ask": str, "title": str, "answer": one_of("next", "back", "cancel")}
SOURCE = {"element": one_of("source", "driver-source"), "line": int, "location": str, "required": bool,
          "outcome": one_of(*OUTCOMES), "exit": int, "decisions": [DECISION]}
REPORT = {"suppack": matching(r"[0-9]+(\.[0-9]+)+"), "schema": one_of(1), "command": str,
          "outcome": one_of(*OUTCOMES), "exit": int, "findings": [FINDING],
          "devices": Maybe([DEVICE]), "packs": Maybe([PACK]), "matches": Maybe([MATCH]),
          "proof": Maybe([PROOF]), "place": Maybe([str]), "placed": Maybe([str]), "old_host": Maybe(OLD_HOST),
          "release": Maybe(RELEASE), "sources": Maybe([SOURCE]), "decisions": Maybe([DECISION]), "upgrade": Maybe(UPGRADE), "kernel": Maybe(str), "directory": Maybe(str),
          "verified": Maybe({"packages": int, "good": int, "bad": int, "bytes": int})}


def walk(kinds, value):
    if not isinstance(value, dict):
        raise SchemaError(f"no object: {value!r}")
    for key, kind in kinds.items():
        if isinstance(kind, Maybe):
            if key not in value:
                continue
            kind = kind.kind
        if key not in value:
            raise SchemaError(f"'{key}' is missing in {value!r}")
        if not is_a(kind, value[key]):
            raise SchemaError(f"'{key}' is wrong: {value[key]!r}")


def check(report):
    walk(REPORT, report)
    if OUTCOMES[report["outcome"]] != report["exit"]:
        raise SchemaError(f"'{report['outcome']}' is not {report['exit']}")
    order = [(f["code"], f["about"] or "", f["text"]) for f in report["findings"]]
    if order != sorted(order):
        raise SchemaError("the findings are not sorted")
