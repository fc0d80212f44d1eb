"""Hold the views of a member and of a lead as values: made by a `Board` and put into words elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from bot.model.alliance import Side
from bot.model.cards import Point
from bot.model.closing import Direction
from bot.privacy.published import Shown

Arrow: TypeAlias = Direction | Literal["nothing to compare"]
"""The direction of a number; the last where none was released so long ago."""


@dataclass(frozen=True, slots=True)
class Track:
    """A chart: a point for each closing that released something; None where nothing was to be seen."""

    dates: tuple[date, ...]
    points: tuple[Point | None, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """The view of every member."""

    alignment: Shown
    level: Shown
    agreement: Shown
    word: str
    """strong, sound, strained or poor, perhaps with "about"; empty where hidden."""
    arrow: Arrow
    """Alignment against four rounds earlier or more."""
    quarter: Arrow
    """Alignment against thirteen rounds earlier or more."""
    trend: Track
    """Of the alignment; of the level in a pooled alliance."""
    far_apart: bool = False
    """The sides are far apart on at least one topic, whatever they are on the whole."""


@dataclass(frozen=True, slots=True)
class OwnSide:
    """A side's own numbers, for its own leads."""

    side: Side
    score: Shown
    arrow: Arrow
    quarter: Arrow
    dimensions: Mapping[str, Shown]
    """Core dimensions in the bank's order."""
    supplements: Mapping[str, Shown]
    """Those that can be seen just now."""
    favourable: Mapping[str, str]
    """Dimension → percent favourable with its interval, where ten people or more answered."""
    split: tuple[str, ...]
    """Dimensions on which the side is divided."""
    trend: Track
    """Of the side's score."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One dimension on both sides. In a mirror each side's number is how it sees the other."""

    dimension: str
    sponsor: Shown
    cro: Shown
    gap: Shown
    """Sponsor minus CRO."""
    alignment: Shown
    far_apart: bool = False


@dataclass(frozen=True, slots=True)
class LeadView:
    """The view of a lead."""

    headline: Headline
    own: OwnSide
    gap: Shown
    """Between the two side scores, sponsor minus CRO."""
    comparisons: tuple[Comparison, ...]
    """Core dimensions in the bank's order."""
    mirrors: tuple[Comparison, ...]
    blind_spot: Shown
    """The own side's guess of the other's overall answer, minus that answer."""
