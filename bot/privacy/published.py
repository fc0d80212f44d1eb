"""Show a number as people may see it, the second half of the privacy gate. Only a released one can be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date
from math import sqrt
from typing import Final, Literal

from bot.model.cards import Point
from bot.model.closing import Release
from bot.privacy.bands import round_half_up, write_band, write_bounded, write_signed
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
from bot.scoring.scores import AllianceScore, Estimate, clip_interval
from bot.scoring.t_quantile import find_quantile

NOT_ENOUGH = "not enough answers"
NOT_ENOUGH_BOTH = "not enough answers on both sides"
NOT_SHARED = "not shared under the charter"
NOT_SHARED_YET = "not shared yet: from questions asked before sharing began"
POOLED = "both sides are pooled in this alliance"
FAR = 25.0
"""Points between the sides from which a topic is far apart, if that is more than chance."""


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


def hide_number(reason: str) -> Shown:
    return Shown("hidden", "–", reason=reason, seal=_SEAL)


def show_cell(number: Smoothed | None, round_index: int, reason: str = NOT_ENOUGH) -> Shown:
    """Show one side's dimension as last released, if that is not more than 8 rounds ago."""
    if number is None:
        return hide_number(reason)
    found = estimate_cell(number)
    return _show_value(
        found.mean, found.half_width(), (number,), round_index, find_limits((number,)), write_band(found.n)
    )


def show_side_score(
    numbers: Sequence[Smoothed], round_index: int, weights: Mapping[str, float], reason: str = NOT_ENOUGH
) -> Shown:
    """Show a side's score: the weighted mean of its dimensions on show."""
    if not numbers:
        return hide_number(reason)
    found = estimate_side(bound_few(numbers), weights)
    limits = find_limits(numbers if len(numbers) < FEW_TOPICS else ())
    return _show_value(found.mean, found.half_width(), numbers, round_index, limits, write_band(found.n))


def show_combined(
    value: float, half: float | None, numbers: Sequence[Smoothed], round_index: int, limits: Limits = WIDEST
) -> Shown:
    """Show a number of both sides, from the numbers it rests on; hidden from everyone without any."""
    return (
        _show_value(value, half, numbers, round_index, limits, "")
        if numbers
        else hide_number(NOT_ENOUGH_BOTH)
    )


def show_gap(
    sponsor: Estimate, cro: Estimate, numbers: Sequence[Smoothed], round_index: int, about: bool = False
) -> Shown:
    """Show sponsor minus CRO in points; where a side is beyond its limits, about how much, from the limits."""
    bounded = _limit_value(sponsor.mean) - _limit_value(cro.mean)
    about = about or bounded != sponsor.mean - cro.mean
    half = _measure_half(sponsor, cro)
    point = round_half_up(bounded)
    return Shown(
        *_find_age(numbers, round_index),
        text=("about " if about else "") + write_signed(point),
        interval=f"{write_signed(round_half_up(bounded - half))} to {write_signed(round_half_up(bounded + half))}",
        as_of=max(number.release.slot for number in numbers),
        point=Point(point),
        reason=_find_reason(numbers, round_index),
        seal=_SEAL,
    )


def is_far_apart(sponsor: Estimate, cro: Estimate) -> bool:
    """Return whether two sides are at least 25 points apart as they are shown, by more than chance."""
    distance = abs(_limit_value(sponsor.mean) - _limit_value(cro.mean))
    return distance >= FAR and distance > _measure_half(sponsor, cro)


def show_favourable(release: Release | None) -> str:
    """Write percent favourable of the own side, `70 % (40–89)`; empty where it is not to be seen."""
    if release is None or release.favourable is None:
        return ""
    share, low, high = release.favourable
    return f"{write_bounded(share)} % ({low}–{high})"


def word_alignment(whole: AllianceScore) -> str:
    """Return strong ≥ 75, sound ≥ 60, strained ≥ 45, else poor; with "about" where the half-width is above 12."""
    value = round_half_up(whole.alignment)
    name = "strong" if value >= 75 else "sound" if value >= 60 else "strained" if value >= 45 else "poor"
    return name if whole.half_width() <= 12 else f"about {name}"


def _measure_half(sponsor: Estimate, cro: Estimate) -> float:
    """Return the half-width of a gap's 95 % range, points."""
    return find_quantile(0.975, min(sponsor.df, cro.df)) * sqrt(sponsor.se**2 + cro.se**2)


def _show_value(
    value: float, half: float | None, numbers: Sequence[Smoothed], round_index: int, limits: Limits, band: str
) -> Shown:
    return Shown(
        *_find_age(numbers, round_index),
        text=write_bounded(round_half_up(value), limits),
        interval="" if half is None else _write_interval(value, half, limits),
        band=band,
        reason=_find_reason(numbers, round_index),
        as_of=max(number.release.slot for number in numbers),
        point=Point(round_half_up(_limit_value(value, limits))),
        seal=_SEAL,
    )


def _write_interval(value: float, half: float, limits: Limits) -> str:
    """Lay the interval around the value as shown, so that its ends do not betray one beyond the limits."""
    low, high = clip_interval(_limit_value(value, limits), half)
    return f"{round_half_up(low)}–{round_half_up(high)}"


def _find_age(numbers: Sequence[Smoothed], round_index: int) -> tuple[Literal["fresh", "held"]]:
    return ("fresh",) if any(number.release.round == round_index for number in numbers) else ("held",)


def _find_reason(numbers: Sequence[Smoothed], round_index: int) -> str:
    return "" if _find_age(numbers, round_index) == ("fresh",) else "no new number since"


def _limit_value(value: float, limits: Limits = WIDEST) -> float:
    low, high = limits
    return min(float(high), max(float(low), value))
