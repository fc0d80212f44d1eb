"""Texts on which a pattern that is not linear takes long, made from the pattern itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_ENDS = ("", "\x00", "x", "\n!")
"""What may follow, so that a match that seems near fails in the end."""
_LONGEST_SPAN = 4
"""Neighbouring parts of a pattern that are repeated together."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A beginning that matches, something repeated, and an end that does not."""

    head: str
    pump: str
    end: str

    def text(self, length: int) -> str:
        body = max(0, length - len(self.head) - len(self.end))
        return self.head + (self.pump * (body // len(self.pump) + 1))[:body] + self.end


def hostile_texts(pattern: re.Pattern[str], most: int) -> list[Hostile]:
    """At most so many, spread over all that the pattern suggests.

    Repeated are single characters, pairs of them, the pattern's beginnings, and neighbouring parts of it.
    """
    parsed = parser.parse(pattern.pattern, pattern.flags)
    beginnings = list(dict.fromkeys(["", *_beginnings(parsed)]))
    spans = [*beginnings[1:], *_spans(parsed)]
    characters = list(dict.fromkeys("".join(beginnings) + " \t\n<>@-a1"))
    pairs = ("".join(pair) for pair in product(characters[:12], repeat=2))
    repeated = [*characters, *(span + gap for span in spans for gap in ("", " ", "\n") if span), *pairs]
    heads = ["", max(beginnings, key=len), *beginnings]
    combinations = len(heads) * len(repeated) * len(_ENDS)
    chosen = Random(0).sample(range(combinations), min(most, combinations))
    return [Hostile(*_nth(number, heads, repeated, _ENDS)) for number in chosen]


def _nth(number: int, *choices: Sequence[str]) -> Iterator[str]:
    """One combination of the choices; each has its number."""
    for texts in choices:
        number, place = divmod(number, len(texts))
        yield texts[place]


def _beginnings(parsed: Any) -> Iterator[str]:
    """The shortest texts that match up to each of the pattern's parts, through each of its branches."""
    text = ""
    for code, argument in parsed:
        for inner in _inside(code, argument):
            yield from (text + begun for begun in _beginnings(inner))
        text += _shortest(code, argument)
        yield text


def _spans(parsed: Any) -> Iterator[str]:
    """Texts of up to `_LONGEST_SPAN` neighbouring parts; letters in a row are one part."""
    parts: list[str] = []
    was_letter = False
    for code, argument in parsed:
        for inner in _inside(code, argument):
            yield from _spans(inner)
        is_letter = code is codes.LITERAL
        text = _shortest(code, argument)
        if is_letter and was_letter:
            parts[-1] += text
        elif text:
            parts.append(text)
        was_letter = is_letter
    for first in range(len(parts)):
        for size in range(1, _LONGEST_SPAN + 1):
            yield "".join(parts[first : first + size])


def _inside(code: Any, argument: Any) -> list[Any]:
    if code in _REPEATS:
        return [argument[2]]
    if code is codes.BRANCH:
        return list(argument[1])
    if code is codes.SUBPATTERN:
        return [argument[3]]
    return [argument] if code is codes.ATOMIC_GROUP else []


_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def _shortest(code: Any, argument: Any) -> str:
    """One text that this part matches; of what may be there or not, one of it."""
    if code in _REPEATS:
        least, _, inner = argument
        return _text_of(inner) * max(1, least)
    match code:
        case codes.LITERAL:
            return chr(argument)
        case codes.NOT_LITERAL:
            return "y" if argument != ord("y") else "z"
        case codes.ANY:
            return "y"
        case codes.IN:
            return _of_class(argument)
        case codes.BRANCH:
            return _text_of(argument[1][0])
        case codes.SUBPATTERN:
            return _text_of(argument[3])
        case codes.ATOMIC_GROUP:
            return _text_of(argument)
    return ""


def _text_of(parsed: Any) -> str:
    return "".join(_shortest(code, argument) for code, argument in parsed)


def _of_class(argument: Any) -> str:
    """A character of a class."""
    taken = re.compile("[" + "".join(_class_part(*part) for part in argument) + "]")
    return next(
        char for char in "a1 -x.'_A\n" + "".join(map(chr, range(33, 256))) + "あア中。" if taken.match(char)
    )


def _class_part(code: Any, argument: Any) -> str:
    match code:
        case codes.NEGATE:
            return "^"
        case codes.LITERAL:
            return re.escape(chr(argument))
        case codes.RANGE:
            return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
        case codes.CATEGORY:
            return _CATEGORIES[argument]
    raise NotImplementedError(code)


_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d",
    codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S",
    codes.CATEGORY_WORD: r"\w",
    codes.CATEGORY_NOT_WORD: r"\W",
}
