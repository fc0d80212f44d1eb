"""Word numbers of people and shares: bands, quarters and tens instead of what was counted."""

from math import floor
from typing import Literal

LOWEST, HIGHEST = 10, 90
"""Values beyond are only said to be there: a near-unanimous group is not shown to be one."""
FEWEST_TOLD = 5
"""People from which on a number of them is told."""
QUARTERS_FROM, TENTHS_FROM = 8, 20
"""People invited from whom on response rates are told in quarters, and in tens."""


def write_band(people: int) -> str:
    """Write `5–9`, `10–19` or `20+`; `under 5` where that is all that may be said."""
    return "20+" if people >= 20 else "10–19" if people >= 10 else "5–9" if people >= 5 else "under 5"


def band_turnout(people: int) -> Literal[0, 1, 5, 10, 20]:
    """Return how many answered, as everybody may know: the lower bound of nobody, 1–4, 5–9, 10–19, 20 and more."""
    return 20 if people >= 20 else 10 if people >= 10 else 5 if people >= 5 else 1 if people else 0


def word_response_rate(answered: int, invited: int) -> str:
    """Word the share who answered so that two numbers of people at least fit it, everybody and nobody never alone.

    In tens from 20 invited on, in quarters from 8 on; empty below.
    """
    if invited < QUARTERS_FROM:
        return ""
    return word_tenths(answered / invited) if invited >= TENTHS_FROM else word_quarters(answered / invited)


def word_quarters(share: float) -> str:
    """Word a share to the nearest quarter: `about half`."""
    quarter = round_half_up(4 * share)
    return "a quarter or less" if quarter <= 1 else "three quarters or more" if quarter >= 3 else "about half"


def word_tenths(share: float) -> str:
    """Word a share to the nearest 10 %: `about 60 %`; beyond the ends only that it is."""
    tenth = round_half_up(10 * share)
    return "10 % or less" if tenth <= 1 else "90 % or more" if tenth >= 9 else f"about {10 * tenth} %"


def round_half_up(value: float) -> int:
    """Return the nearest whole number, halves upwards."""
    return floor(value + 0.5)


def write_signed(value: int) -> str:
    """Write `+7`, `0`, `−7`."""
    return f"+{value}" if value > 0 else f"−{-value}" if value < 0 else "0"


def write_bounded(value: int, limits: tuple[int, int] = (LOWEST, HIGHEST)) -> str:
    """Write a value, at and beyond the limits as `≤10` and `≥90`."""
    low, high = limits
    return f"≤{low}" if value <= low else f"≥{high}" if value >= high else str(value)


def report_moved(key: str, people: int) -> str:
    """Return a line for the operator: how many people's answers changed side. Empty if nobody's did.

    Hides small numbers: a company may be one person.
    """
    many = str(people) if people >= FEWEST_TOLD else f"fewer than {FEWEST_TOLD}"
    return f"alliance {key}: unreleased answers of {many} people changed side" if people else ""
