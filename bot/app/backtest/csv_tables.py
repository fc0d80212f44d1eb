"""Read the tables of a backtest: checked row by row, sorted by alliance without holding them all."""

import csv
import heapq
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TypeAlias

RESPONSES = ("alliance", "side", "person", "week", "item", "value")
POSTS = ("alliance", "week", "item", "dimension", "reverse", "holiday")
ROSTER = ("alliance", "side", "person", "from_week", "to_week")
"""Columns of the three tables."""
CHUNK = 200_000
"""Rows held at a time."""

Row: TypeAlias = tuple[str, ...]
"""Line number, then the wanted columns."""


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

    def load_rows(self, file: IO[str]) -> Iterator[Row]:
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
            yield (str(reader.line_num), *picked)

    def open_file(self) -> IO[str]:
        """Open the file; raise TableError if it cannot be read."""
        try:
            return self.path.open(newline="", encoding="utf-8-sig")
        except OSError as error:
            raise TableError(f"{self.path}: {error.strerror}") from None

    def count_rows(self) -> tuple[int, bool]:
        """Return the number of rows, and whether they are sorted by alliance."""
        number, last, ordered = 0, "", True
        with self.open_file() as file:
            try:
                for row in self.load_rows(file):
                    number += 1
                    ordered = ordered and last <= row[1]
                    last = row[1]
            except (UnicodeDecodeError, csv.Error) as error:
                raise TableError(f"{self.path}: not a CSV file in UTF-8: {error}") from None
        return number, ordered

    def group_rows(self, stack: ExitStack, ordered: bool) -> Iterator[tuple[str, list[Row]]]:
        """Yield the rows of each alliance, alliances in order; an unsorted file is sorted on disk first."""
        rows = self.load_rows(stack.enter_context(self.open_file()))
        merged = rows if ordered else self._sort_rows(rows, stack)
        for alliance, group in groupby(merged, key=itemgetter(1)):
            yield alliance, list(group)

    def _sort_rows(self, rows: Iterator[Row], stack: ExitStack) -> Iterator[Row]:
        runs = []
        while chunk := sorted(islice(rows, CHUNK), key=itemgetter(1)):
            runs.append(_spill_rows(chunk, stack.enter_context(_open_temporary())))
        return heapq.merge(*runs, key=itemgetter(1))


def _open_temporary() -> IO[str]:
    return TemporaryFile("w+", newline="", encoding="utf-8")


def _spill_rows(chunk: Iterable[Row], run: IO[str]) -> Iterator[Row]:
    """Write the rows to disk and return them from there."""
    csv.writer(run).writerows(chunk)
    run.seek(0)
    return map(tuple, csv.reader(run))


def join_tables(
    leading: Iterator[tuple[str, list[Row]]], others: Sequence[Iterator[tuple[str, list[Row]]] | None]
) -> Iterator[tuple[str, list[Row], list[list[Row] | None]]]:
    """Yield each alliance of any table with its rows in each; an absent table stays None. All sorted alike."""
    streams = [leading, *(other or iter(()) for other in others)]
    heads = [next(stream, None) for stream in streams]
    while any(heads):
        alliance = min(head[0] for head in heads if head)
        parts = [head[1] if head and head[0] == alliance else [] for head in heads]
        heads = [
            next(stream, None) if head and head[0] == alliance else head
            for stream, head in zip(streams, heads, strict=True)
        ]
        yield (
            alliance,
            parts[0],
            [None if other is None else part for other, part in zip(others, parts[1:], strict=True)],
        )
