"""Changes to a sentence that should change nothing for the guard."""

import re
from collections.abc import Callable, Mapping
from random import Random

_DIGIT = re.compile(r"\d")
_NAMES = ("Anna", "Olumide", "Søren", "Chiara", "Yuki", "Dragan", "Mei", "Fatou")
_COMPANIES = ("Northwind", "Meridian", "Fjordlab", "Acme Pharma", "Kestrel Research", "Boreal Bio")
_KNOWN_NAMES = re.compile(
    r"\b(?:Schmidt|Hoffmann|Lindqvist|Okafor|Lehmann|Carter|Leeds|Oslo|Hamburg|Izmir|Lagos|Brno|Gdynia|Kiel|Lille|Murcia)\b"
)
_LONG_WORD = re.compile(r"[A-Za-z]{5,}")


def change_numbers(text: str, number: int) -> str:
    """Replace each digit by another one; a leading zero stays, since it tells an identifier."""
    chance = Random(number)
    return _DIGIT.sub(lambda digit: "0" if digit[0] == "0" else str(chance.randint(1, 9)), text)


def change_names(text: str, number: int) -> str:
    return _KNOWN_NAMES.sub(_NAMES[number % len(_NAMES)], text)


def add_company(text: str, number: int) -> str:
    return f"{_COMPANIES[number % len(_COMPANIES)]}: {text}"


def add_name(text: str, number: int) -> str:
    return f"{_NAMES[number % len(_NAMES)]}, {text}"


def swap_letters(text: str, number: int, count: int = 1) -> str:
    """Make slips of the keyboard: two neighbouring letters of a long word change places."""
    chance = Random(number)
    for _ in range(count):
        if places := [match.start() for match in _LONG_WORD.finditer(text)]:
            at = chance.choice(places) + chance.randint(1, 2)
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text


VARIANTS: Mapping[str, Callable[[str, int], str]] = {
    "other digits": change_numbers,
    "other names": change_names,
    "a company before it": add_company,
    "a name before it": add_name,
    "lower case": lambda text, _: text.lower(),
    "upper case": lambda text, _: text.upper(),
    "one slip of a key": swap_letters,
    "two slips of a key": lambda text, number: swap_letters(text, number, 2),
    '"Best, Anna" after it': lambda text, _: f"{text}\nBest,\nAnna",
    '"Kind regards" after it': lambda text, _: f"{text}\n\nKind regards,\nDr. Tom Berg\nMeridian CRO",
    '"Hi team," before it': lambda text, _: f"Hi team,\n{text}",
    '"Thanks." after it': lambda text, _: f"{text} Thanks.",
}
