"""The security guide names tests that exist, and every requirement once."""

import re
from pathlib import Path

from bench.breaks import find_misfits, read_breaks

GUIDE = Path("SECURITY.md").read_text()
ROWS = [line for line in GUIDE.splitlines() if re.match(r"\| V\d", line)]
SECTIONS = {
    "V1": (2, 9, 11, 3, 2), "V2": (3, 3, 4, 1), "V3": (0, 2, 4, 6, 5, 0, 2), "V4": (3, 1, 2, 4), "V5": (1, 3, 2, 3),
    "V8": (2, 3, 1, 1), "V9": (3, 4), "V11": (2, 3, 3, 4, 1, 1), "V12": (3, 2, 4), "V13": (1, 5, 2, 5),
    "V14": (2, 4, 3), "V15": (3, 3, 7), "V16": (1, 5, 4, 3, 3),
}  # fmt: skip
"""How many requirements of level 1 and 2 each section has, in the chapters that apply (5.0.0)."""


def expected() -> set[str]:
    return {
        f"{chapter}.{section}.{number}"
        for chapter, counts in SECTIONS.items()
        for section, count in enumerate(counts, 1)
        for number in range(1, count + 1)
    }


def named() -> list[str]:
    found = []
    for row in ROWS:
        for part in row.split("|")[1].split(","):
            first, _, last = (piece.strip() for piece in part.partition("–"))
            found += _between(first, last or first)
    return found


def _between(first: str, last: str) -> list[str]:
    every = sorted(expected() | {first, last}, key=lambda id: [int(n) for n in id[1:].split(".")])
    return every[every.index(first) : every.index(last) + 1]


def test_each_test_that_it_names_exists() -> None:
    told = re.findall(r"`([\w/]+\.py)::(test_\w+)`", GUIDE)
    assert len(told) > 80
    for file, name in told:
        path = Path("tests") / file
        assert path.exists(), file
        assert f"def {name}(" in path.read_text(), f"{file}::{name}"


def test_a_break_stands_ready_for_each_test_that_it_names() -> None:
    told = {f"{file}::{name}" for file, name in re.findall(r"`([\w/]+\.py)::(test_\w+)`", GUIDE)}
    assert told - {entry.test for entry in read_breaks()} == set()


def test_each_break_still_fits_the_code() -> None:
    """Where code or test have another name now, the entry of bench/breaks.toml wants it too."""
    assert find_misfits(read_breaks()) == []


def test_every_requirement_that_applies_has_one_row() -> None:
    ours = [requirement for requirement in named() if not requirement.startswith("V10.")]
    assert sorted(ours) == sorted(set(ours))
    assert set(ours) == expected()


def test_each_row_says_how_it_stands() -> None:
    states = {row.split("|")[3].strip() for row in ROWS}
    assert states == {"met", "n/a", "operator", "**partly**"}
