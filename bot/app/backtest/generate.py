"""Generate answers as alliances give them, from a seed: for tests, for trying settings, for the demo."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from zlib import crc32

import numpy as np

from bot.model.alliance import Answer, Item, Side
from bot.model.closing import Asked, Invitation
from bot.privacy.release_gate import is_measured
from bot.scoring.answer_matrix import Bools, Floats, History, Ints, build_columns

WEEKS_A_YEAR = 52
HOLIDAY_WEEKS = (30, 31, 50, 51)
"""Weeks of a year that are marked as holidays."""


@dataclass(frozen=True, slots=True)
class World:
    """How people answer. Standard deviations are in points of the 1–5 scale, before rounding to an option.

    The defaults come out, after rounding, near the variances that the alarms plan with.
    """

    people: tuple[int, int] = (15, 15)
    """On the roster: sponsor, CRO."""
    level: float = 3.6
    person_sd: float = 0.55
    occasion_sd: float = 0.27
    """Of a person's week, autocorrelated."""
    error_sd: float = 0.58
    round_sd: float = 0.15
    """Of a side's week, autocorrelated."""
    autocorrelation: float = 0.3
    """Of weeks, from each to the next."""
    item_sd: float = 0.25
    response: float = 0.65
    """Mean probability to answer a round."""
    response_sd: float = 0.15
    """Between people."""
    mood_response: float = 0.05
    """How much likelier an answer is for each point that a person is happier than they usually are."""
    holiday_response: float = 0.4
    """Factor on the probability to answer in a holiday week."""
    cant_judge: float = 0.03
    leaving: float = 0.005
    """Probability a week that a person leaves and another comes."""
    bad_weeks: float = 0.0
    """Share of weeks that are one point worse for everyone."""
    season: float = 0.0
    """Swing of everybody within half a year, points from the lowest to the highest."""


@dataclass(frozen=True, slots=True)
class Change:
    """An event that happens to one side, or to both (None), in the weeks `first` … `last`."""

    first: int
    side: Side | None = None
    shift: float = 0.0
    """Points of the 1–5 scale."""
    response: float = 1.0
    """Factor on the probability to answer."""
    last: float = inf
    turnover: float = 0.0
    """Share of the roster replaced in week `first`."""

    def is_touching(self, side: Side, week: int) -> bool:
        return self.side in (None, side) and self.first <= week <= self.last


@dataclass(frozen=True, slots=True)
class Given:
    """A person's answer to one item; None is "can't judge"."""

    side: Side
    person: str
    week: int
    item: Item
    value: int | None


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people of an alliance and how each of their weeks will be."""

    world: World
    seed: int
    names: tuple[str, ...]
    sides: tuple[Side, ...]
    effects: Floats
    responses: Floats
    moods: Floats
    """People × weeks: the side's week and the person's own, without planned changes."""
    present: Bools
    """People × weeks."""
    changes: tuple[Change, ...]

    def answer_week(self, week: int, items: Sequence[Item], holiday: bool = False) -> tuple[Given, ...]:
        """Return the answers of a week, without people who stay silent. The same call returns the same."""
        scaled = [item for item in items if item.kind != "open"]
        chance = np.random.default_rng([self.seed, week, 1])
        answers = chance.random(len(self.names)) < self._find_willingness(week, holiday)
        options, judged = self._draw_options(week, scaled, chance)
        return tuple(
            Given(self.sides[i], self.names[i], week, item, int(options[i, k]) if judged[i, k] else None)
            for i in np.flatnonzero(answers & self.present[:, week]).tolist()
            for k, item in enumerate(scaled)
            if is_measured(item, self.sides[i])
        )

    def _find_willingness(self, week: int, holiday: bool) -> Floats:
        shift, factor = self._plan_changes(week)
        happier = self.world.mood_response * (self.moods[:, week] + shift)
        away = self.world.holiday_response if holiday else 1.0
        willing: Floats = (self.responses + happier) * factor * away
        return willing

    def _draw_options(
        self, week: int, items: Sequence[Item], chance: np.random.Generator
    ) -> tuple[Ints, Bools]:
        shift, _ = self._plan_changes(week)
        effects = np.array([draw_item_effect(item, self.seed, self.world.item_sd) for item in items])
        usual = self.world.level + self.effects[:, None] + effects[None, :]
        mood = np.repeat((self.moods[:, week] + shift)[:, None], len(items), axis=1)
        noise = self.world.error_sd * chance.standard_normal(mood.shape)
        options = np.clip(np.floor(usual + mood + noise + 0.5), 1, 5).astype(np.int64)
        reverse = np.array([item.reverse for item in items], dtype=bool)
        return np.where(reverse, 6 - options, options), chance.random(mood.shape) >= self.world.cant_judge

    def _plan_changes(self, week: int) -> tuple[Floats, Floats]:
        """Return shift and response factor of each person in a week."""
        touching = [
            [change for change in self.changes if change.is_touching(side, week)] for side in self.sides
        ]
        shift = np.array([sum(change.shift for change in own) for own in touching], dtype=float)
        return shift, np.array(
            [np.prod([change.response for change in own]) for own in touching], dtype=float
        )


def make_crowd(
    world: World,
    seed: int,
    weeks: int,
    changes: Iterable[Change] = (),
    people: Sequence[tuple[str, Side]] | None = None,
) -> Crowd:
    """Make a crowd for `weeks` weeks; with `people` given nobody comes or goes."""
    changes = tuple(changes)
    chance = np.random.default_rng([seed, 0])
    roster = [(name, side, 0, weeks - 1) for name, side in people] if people is not None else None
    roster = _draw_roster(world, weeks, changes, chance) if roster is None else roster
    present = np.zeros((len(roster), weeks), dtype=bool)
    for row, (_, _, first, last) in enumerate(roster):
        present[row, first : last + 1] = True
    bad = np.where(chance.random(weeks) < world.bad_weeks, -1.0, 0.0)
    tide = world.season / 2 * np.sin(2 * np.pi * np.arange(weeks) / (WEEKS_A_YEAR / 2))
    side_weeks = {
        side: bad + tide + _draw_series(world.round_sd, world.autocorrelation, (weeks,), chance)
        for side in Side
    }
    own_weeks = _draw_series(world.occasion_sd, world.autocorrelation, (len(roster), weeks), chance)
    moods = own_weeks + np.array([side_weeks[side] for _, side, _, _ in roster]).reshape(-1, weeks)
    effects = world.person_sd * chance.standard_normal(len(roster))
    responses = np.clip(world.response + world.response_sd * chance.standard_normal(len(roster)), 0.1, 0.98)
    names, sides = tuple(person[0] for person in roster), tuple(person[1] for person in roster)
    return Crowd(world, seed, names, sides, effects, responses, moods, present, changes)


def is_holiday(week: int) -> bool:
    """Return whether this is a holiday week."""
    return week % WEEKS_A_YEAR in HOLIDAY_WEEKS


def simulate_history(people: Crowd, asked: Sequence[Asked]) -> History:
    """Simulate a crowd's answers to these rounds, a week apart, as a history for the alarms."""
    given = [answer for week in asked for answer in people.answer_week(week.index, week.items, week.holiday)]
    items = tuple({item.id: item for week in asked for item in week.items}.values())
    roster = [
        Invitation(people.sides[row], people.names[row], week)
        for row, week in np.argwhere(people.present[:, : len(asked)]).tolist()
    ]
    sides = {
        side: build_columns(
            asked,
            items,
            [
                Answer(side, answer.person, answer.week, answer.item.id, answer.value)
                for answer in given
                if answer.side is side and answer.value
            ],
            [invitation for invitation in roster if invitation.side is side],
            {(answer.person, answer.week) for answer in given},
        )
        for side in Side
    }
    return History(tuple(asked), items, sides)


def _draw_roster(
    world: World, weeks: int, changes: Sequence[Change], chance: np.random.Generator
) -> list[tuple[str, Side, int, int]]:
    """Draw (name, side, first week, last week): everyone who leaves is followed by somebody new."""
    roster = []
    for side, seats in zip(Side, world.people, strict=True):
        for seat in range(seats):
            first = 0
            for week in range(1, weeks + 1):
                swept = sum(
                    change.turnover
                    for change in changes
                    if change.side in (None, side) and change.first == week
                )
                if week == weeks or chance.random() < world.leaving + swept:
                    roster.append((f"{side}-{seat}-{first}", side, first, week - 1))
                    first = week
    return roster


def _draw_series(
    sd: float, correlation: float, shape: tuple[int, ...], chance: np.random.Generator
) -> Floats:
    """Draw series along the last axis with standard deviation `sd`, each value x_t = φ·x_{t−1} + √(1 − φ²)·noise."""
    noise = sd * chance.standard_normal(shape)
    for week in range(1, shape[-1]):
        noise[..., week] = correlation * noise[..., week - 1] + (1 - correlation**2) ** 0.5 * noise[..., week]
    return noise


def draw_item_effect(item: Item, seed: int, sd: float) -> float:
    return float(np.random.default_rng([seed, crc32(item.id.encode())]).standard_normal() * sd)
