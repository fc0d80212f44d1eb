"""The privacy gate, second half: a number as people may see it. Only what was released can become one."""

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date
from math import sqrt
from typing import Final, Literal

from bot.model.cards import Point
from bot.model.closing import Release
from bot.privacy.bands import band_text, bounded_text, half_up, signed
from bot.privacy.estimates import (
    FEW_TOPICS,
    WIDEST,
    Limits,
    bound_few,
    estimate_cell,
    estimate_side,
    find_limits,
)
from bot.privacy.smoothing import Smoothed
from bot.scoring.scores import AllianceScore, Estimate, clipped
from bot.scoring.t_quantile import quantile

NOT_ENOUGH = "not enough answers"
NOT_ENOUGH_BOTH = "not enough answers on both sides"
NOT_SHARED = "not shared under the charter"
POOLED = "both sides are pooled in this alliance"


class _Seal:
    """Only this module has one."""


_SEAL: Final = _Seal()


@dataclass(frozen=True, slots=True)
class Shown:
    """A number that passed the gate, or the reason why there is none. Cannot be made anywhere else."""

    state: Literal["fresh", "held", "hidden"]
    """Released by the newest closing, by an earlier one, or not to be seen."""
    text: str
    """`74`, `≤10`, `≥90` (`≤20`, `≥80` of 5–9 people), a gap with its sign; `–` where hidden."""
    interval: str = ""
    """95 % interval, `62–86`."""
    band: str = ""
    """How many people, as a band: `5–9`."""
    reason: str = ""
    """Why it is hidden, or held."""
    as_of: date | None = None
    """Local date of the round that released it."""
    point: Point | None = None
    """The value where a chart draws it: whole, within its limits, at most 10 … 90 (gaps −80 … 80)."""
    seal: InitVar[_Seal] = field(kw_only=True)

    def __post_init__(self, seal: _Seal) -> None:
        if seal is not _SEAL:
            raise TypeError("a number is shown by the privacy gate only: take it from a Board")


def hidden(reason: str) -> Shown:
    return Shown("hidden", "–", reason=reason, seal=_SEAL)


def cell(number: Smoothed | None, round: int, reason: str = NOT_ENOUGH) -> Shown:
    """One side's dimension as last released, if that is not more than 8 rounds ago."""
    if number is None:
        return hidden(reason)
    found = estimate_cell(number)
    return _value(found.mean, found.half(), (number,), round, find_limits((number,)), band_text(found.n))


def side_score(
    numbers: Sequence[Smoothed], round: int, weights: Mapping[str, float], reason: str = NOT_ENOUGH
) -> Shown:
    """A side's score: the weighted mean of its dimensions on show."""
    if not numbers:
        return hidden(reason)
    found = estimate_side(bound_few(numbers), weights)
    limits = find_limits(numbers if len(numbers) < FEW_TOPICS else ())
    return _value(found.mean, found.half(), numbers, round, limits, band_text(found.n))


def combined(
    value: float, half: float | None, numbers: Sequence[Smoothed], round: int, limits: Limits = WIDEST
) -> Shown:
    """Something of both sides, from the numbers it rests on; hidden from everyone without any."""
    return _value(value, half, numbers, round, limits, "") if numbers else hidden(NOT_ENOUGH_BOTH)


def gap(
    sponsor: Estimate, cro: Estimate, numbers: Sequence[Smoothed], round: int, about: bool = False
) -> Shown:
    """Sponsor minus CRO in points; where a side is beyond its limits, about how much, from the limits."""
    bounded = _within(sponsor.mean) - _within(cro.mean)
    about = about or bounded != sponsor.mean - cro.mean
    half = quantile(0.975, min(sponsor.df, cro.df)) * sqrt(sponsor.se**2 + cro.se**2)
    point = half_up(bounded)
    return Shown(
        *_age(numbers, round),
        text=("about " if about else "") + signed(point),
        interval=f"{signed(half_up(bounded - half))} to {signed(half_up(bounded + half))}",
        as_of=max(number.release.slot for number in numbers),
        point=Point(point),
        reason=_held_reason(numbers, round),
        seal=_SEAL,
    )


def favourable(release: Release | None) -> str:
    """Percent favourable of the own side, `70 % (40–89)`; empty where it is not to be seen."""
    if release is None or release.favourable is None:
        return ""
    share, low, high = release.favourable
    return f"{bounded_text(share)} % ({low}–{high})"


def word(whole: AllianceScore) -> str:
    """strong ≥ 75, sound ≥ 60, strained ≥ 45, else poor; with "about" where the half-width is above 12."""
    value = half_up(whole.alignment)
    name = "strong" if value >= 75 else "sound" if value >= 60 else "strained" if value >= 45 else "poor"
    return name if whole.half() <= 12 else f"about {name}"


def _value(
    value: float, half: float | None, numbers: Sequence[Smoothed], round: int, limits: Limits, band: str
) -> Shown:
    return Shown(
        *_age(numbers, round),
        text=bounded_text(half_up(value), limits),
        interval="" if half is None else _interval(value, half, limits),
        band=band,
        reason=_held_reason(numbers, round),
        as_of=max(number.release.slot for number in numbers),
        point=Point(half_up(_within(value, limits))),
        seal=_SEAL,
    )


def _interval(value: float, half: float, limits: Limits) -> str:
    """Laid around the value as shown, so that its ends do not betray one beyond the limits."""
    low, high = clipped(_within(value, limits), half)
    return f"{half_up(low)}–{half_up(high)}"


def _age(numbers: Sequence[Smoothed], round: int) -> tuple[Literal["fresh", "held"]]:
    return ("fresh",) if any(number.release.round == round for number in numbers) else ("held",)


def _held_reason(numbers: Sequence[Smoothed], round: int) -> str:
    return "" if _age(numbers, round) == ("fresh",) else "no new number since"


def _within(value: float, limits: Limits = WIDEST) -> float:
    low, high = limits
    return min(float(high), max(float(low), value))
