"""Read the tables of a backtest: checked row by row, grouped by alliance."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from sys import intern
from typing import IO, TypeAlias

RESPONSES = ("alliance", "side", "person", "week", "item", "value")
POSTS = ("alliance", "week", "item", "dimension", "reverse", "holiday")
ROSTER = ("alliance", "side", "person", "from_week", "to_week")
"""Columns of the three tables."""

Row: TypeAlias = tuple[str, ...]
"""Line number, then the wanted columns."""
Grouped: TypeAlias = Mapping[str, list[Row]]
"""Alliance → its rows, in the file's order."""


class TableError(ValueError):
    """A table cannot be used; the message names file, line and column."""


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file with a header. `columns` are read in this order, the first being the alliance."""

    path: Path
    columns: tuple[str, ...]

    def refuse_cell(self, line: str | int, column: str, problem: str) -> TableError:
        return TableError(f"{self.path}, line {line}, column {column}: {problem}")

    def parse_number(self, line: str, column: str, text: str) -> int:
        """Return a number; raise TableError for anything but a whole number of 0 … 99999."""
        if not text.isascii() or not text.isdigit() or len(text) > 5:
            raise self.refuse_cell(line, column, f"{text[:20]!r} is not a whole number from 0 to 99999")
        return int(text)

    def parse_flag(self, line: str, column: str, text: str) -> bool:
        if text not in ("0", "1"):
            raise self.refuse_cell(line, column, f"{text!r} is neither 0 nor 1")
        return text == "1"

    def load_groups(self) -> Grouped:
        """Read the whole file. Raises TableError."""
        groups: dict[str, list[Row]] = {}
        with self._open_file() as file:
            try:
                for row in self._read_rows(file):
                    groups.setdefault(row[1], []).append(row)
            except (UnicodeDecodeError, csv.Error) as error:
                raise TableError(f"{self.path}: not a CSV file in UTF-8: {error}") from None
        return groups

    def _read_rows(self, file: IO[str]) -> Iterator[Row]:
        """Yield every row as it stands. Raises TableError for a missing column, cell or alliance."""
        reader = csv.reader(file)
        header = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
        if missing := [name for name in self.columns if name not in header]:
            raise self.refuse_cell(
                1, missing[0], f"there is no such column; wanted: {','.join(self.columns)}"
            )
        places = [header.index(name) for name in self.columns]
        pick = itemgetter(*places)
        for row in reader:
            if len(row) <= max(places):
                if not row:
                    continue
                short = self.columns[next(i for i, place in enumerate(places) if place >= len(row))]
                raise self.refuse_cell(reader.line_num, short, "the row ends before it")
            picked = pick(row)
            if not picked[0]:
                raise self.refuse_cell(reader.line_num, self.columns[0], "is empty")
            # A cell's text recurs thousands of times: kept once, a million rows fit in a quarter of the memory.
            yield (str(reader.line_num), *map(intern, picked))

    def _open_file(self) -> IO[str]:
        """Open the file; raise TableError if it cannot be read."""
        try:
            return self.path.open(newline="", encoding="utf-8-sig")
        except OSError as error:
            raise TableError(f"{self.path}: {error.strerror}") from None
