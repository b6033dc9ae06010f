# SPDX-License-Identifier: GPL-2.0-or-later
"""The entry that starts by itself, and arguments for its kernel: isolinux's configuration and
grub's. Everything else in them stays as it is."""
import re

from medium import Refused


def add_to_line(line, words):
    return line.rstrip() + " " + words


def check_new(line, words):
    for word in words.split():
        name = word.split("=")[0]
        if re.search(r"(^|\s)%s(=|\s|$)" % re.escape(name), line):
            raise Refused("the entry that starts by itself has '%s' already" % name)


# ---- isolinux ------------------------------------------------------------------------------------

def add_to_append(line, words):
    """Behind the kernel's part: mboot.c32 separates hypervisor, kernel and image by '---'."""
    parts = re.split(r"\s---\s", line)
    for number, part in enumerate(parts):
        if len(parts) > 1 and "vmlinuz" in part.split()[0]:
            check_new(part, words)
            parts[number] = part.rstrip() + " " + words
            return " --- ".join(parts)
    if len(parts) > 1:
        raise Refused("isolinux's configuration starts no kernel called vmlinuz")
    check_new(line, words)
    return add_to_line(line, words)


def isolinux(text, words):
    lines = text.split("\n")
    default = next((line.split()[1] for line in lines
                    if re.match(r"\s*default\s+\S", line, re.I)), None)
    label, labels, menu_default = None, {}, None
    for number, line in enumerate(lines):
        found = re.match(r"\s*label\s+(\S+)", line, re.I)
        if found:
            label = found.group(1)
        elif label and re.match(r"\s*menu\s+default\b", line, re.I):
            menu_default = label
        elif label and re.match(r"\s*append\s", line, re.I):
            labels.setdefault(label, number)
    name = menu_default or (default if default in labels else next(iter(labels), None))
    if not name:
        raise Refused("isolinux's configuration has no entry that starts a kernel")
    lines[labels[name]] = add_to_append(lines[labels[name]], words)
    return "\n".join(lines)


# ---- grub --------------------------------------------------------------------------------------

def grub_entries(lines):
    """(title, id, first line, last line) of each entry."""
    entries, depth, open_at = [], 0, None
    for number, line in enumerate(lines):
        found = re.match(r"\s*menuentry\s+(?:\"([^\"]*)\"|'([^']*)'|(\S+))(.*)", line)
        if found and open_at is None:
            name = re.search(r"--id[ =]+[\"']?([^\"'\s{]+)", found.group(4))
            open_at = number, depth
            entries.append([next(filter(None, found.groups()[:3]), ""), name and name.group(1),
                            number, number])
        depth += line.count("{") - line.count("}")
        if open_at is not None and number > open_at[0] and depth <= open_at[1]:
            entries[-1][3] = number
            open_at = None
    return entries


def grub(text, words):
    lines = text.split("\n")
    entries = grub_entries(lines)
    chosen = [found.group(1) for found in
              (re.match(r"\s*set\s+default=[\"']?([^\"']*)[\"']?\s*$", line) for line in lines) if found]
    chosen = chosen[-1] if chosen else "0"
    for number, (title, name, first, last) in enumerate(entries):
        if chosen in (str(number), title, name):
            break
    else:
        raise Refused("grub's configuration has no entry '%s', which is its default" % chosen)
    for number in range(first, last + 1):
        if re.match(r"\s*(module2?|linux(efi|16)?)\s+\S*vmlinuz", lines[number]):
            check_new(lines[number], words)
            lines[number] = add_to_line(lines[number], words)
            return "\n".join(lines)
    raise Refused("grub's entry '%s' starts no kernel called vmlinuz" % title)
