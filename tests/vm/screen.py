# SPDX-License-Identifier: GPL-2.0-or-later
"""The screen a person would see behind a serial line: bytes in, rows of text out.

Knows what newt sends for vt102, linux and xterm, and no more; colours are dropped."""
import codecs
import re

SEQUENCE = re.compile(r"\x1b(?:\[([?>]?)([0-9;]*)([@-~])|[()]([0AB])|([^\[()]))")
INCOMPLETE = re.compile(r"\x1b(?:\[[?>]?[0-9;]*|[()])?$")
# The line drawing of VT100, near enough for reading.
LINES = str.maketrans("jklmnqtuvwxa`", "┘┐┌└┼─├┤┴┬│▒◆")
FRAMES = re.compile("[\u2500-\u257f\\s]+")


class Screen:
    def __init__(self, rows=24, columns=80):
        self.rows, self.columns = rows, columns
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.pending = ""
        self.reset()

    def reset(self):
        self.cells = [self.blank_row() for _ in range(self.rows)]
        self.row = self.column = 0
        self.saved = (0, 0)
        self.top, self.bottom = 0, self.rows - 1
        self.sets, self.shifted = {"(": "B", ")": "0"}, False
        self.cursor_visible = True

    def resize(self, rows, columns):
        """As xterm does it: what is outside is lost, what is new is empty."""
        self.cells = [(row + [" "] * columns)[:columns] for row in self.cells[:rows]]
        self.rows, self.columns = rows, columns
        self.cells += [self.blank_row() for _ in range(rows - len(self.cells))]
        self.top, self.bottom = 0, rows - 1
        self.move(self.row, self.column)

    def blank_row(self):
        return [" "] * self.columns

    def text(self):
        """What is on the screen, one line for each row, without trailing blanks."""
        return "\n".join("".join(row).rstrip() for row in self.cells).rstrip("\n")

    def prose(self):
        """The same as one line of words, wherever a window's width broke it."""
        return FRAMES.sub(" ", self.text())

    def feed(self, data):
        text = self.pending + self.decoder.decode(data)
        self.pending = ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self.put(text[at])
                at += 1
                continue
            found = SEQUENCE.match(text, at)
            if found:
                self.obey(found)
                at = found.end()
            elif INCOMPLETE.match(text, at):
                self.pending = text[at:]
                return
            else:
                at += 1

    def put(self, char):
        if char == "\r":
            self.column = 0
        elif char in "\n\v\f":
            self.line_feed()
        elif char == "\b":
            self.column = max(0, self.column - 1)
        elif char == "\t":
            self.column = min(self.columns - 1, (self.column // 8 + 1) * 8)
        elif char in "\x0e\x0f":
            self.shifted = char == "\x0e"
        elif char >= " ":
            self.write(char)

    def write(self, char):
        if self.column >= self.columns:
            self.column = 0
            self.line_feed()
        if self.sets[")" if self.shifted else "("] == "0":
            char = char.translate(LINES)
        self.cells[self.row][self.column] = char
        self.column += 1

    def line_feed(self):
        if self.row == self.bottom:
            self.scroll(self.top, 1)
        else:
            self.row = min(self.rows - 1, self.row + 1)

    def scroll(self, top, count):
        """Rows from top to the region's end move up by count (down, if negative)."""
        region = self.cells[top:self.bottom + 1]
        blank = [self.blank_row() for _ in range(min(abs(count), len(region)))]
        region = region[count:] + blank if count > 0 else blank + region[:count]
        self.cells[top:self.bottom + 1] = region[:self.bottom + 1 - top]

    def obey(self, found):
        private, arguments, final, charset, single = found.groups()
        if charset:
            self.sets[found.group(0)[1]] = charset
        elif single:
            self.obey_single(single)
        elif private:
            if arguments == "25":
                self.cursor_visible = final == "h"
        else:
            numbers = [int(part or 0) for part in arguments.split(";")]
            self.obey_csi(final, numbers)

    def obey_single(self, final):
        if final == "c":
            self.reset()
        elif final == "7":
            self.saved = (self.row, self.column)
        elif final == "8":
            self.row, self.column = self.saved
        elif final == "D":
            self.line_feed()
        elif final == "M" and self.row == self.top:
            self.scroll(self.top, -1)
        elif final == "M":
            self.row -= 1

    def obey_csi(self, final, numbers):
        count = max(1, numbers[0])
        if final in "Hf":
            self.move(count - 1, (max(1, numbers[1]) if len(numbers) > 1 else 1) - 1)
        elif final in "ABCD":
            self.move(self.row + {"A": -count, "B": count}.get(final, 0),
                      self.column + {"C": count, "D": -count}.get(final, 0))
        elif final == "d":
            self.move(count - 1, self.column)
        elif final == "G":
            self.move(self.row, count - 1)
        elif final == "J":
            self.erase_display(numbers[0])
        elif final == "K":
            self.erase_line(numbers[0])
        elif final == "X":
            self.fill(self.column, min(self.columns, self.column + count))
        elif final == "P":
            row = self.cells[self.row]
            self.cells[self.row] = (row[:self.column] + row[self.column + count:]
                                    + self.blank_row())[:self.columns]
        elif final == "@":
            row = self.cells[self.row]
            self.cells[self.row] = (row[:self.column] + [" "] * count
                                    + row[self.column:])[:self.columns]
        elif final in "LM":
            self.scroll(self.row, count if final == "M" else -count)
        elif final == "r":
            self.top = count - 1
            self.bottom = (numbers[1] if len(numbers) > 1 and numbers[1] else self.rows) - 1
            self.move(0, 0)

    def move(self, row, column):
        self.row = min(max(row, 0), self.rows - 1)
        self.column = min(max(column, 0), self.columns - 1)

    def fill(self, start, end):
        self.cells[self.row][start:end] = [" "] * (end - start)

    def erase_line(self, how):
        column = min(self.column, self.columns - 1)
        start, end = [(column, self.columns), (0, column + 1), (0, self.columns)][how]
        self.fill(start, end)

    def erase_display(self, how):
        before = range(0, self.row) if how else ()
        after = range(self.row + 1, self.rows) if how != 1 else ()
        for row in (*before, *after):
            self.cells[row] = self.blank_row()
        self.erase_line(how)
