"""Judge whether a side misjudges the other: its guess against the other's released answer."""

from collections.abc import Iterable
from dataclasses import replace
from math import sqrt

from bot.alarms.state import State
from bot.model.alarm_kind import AlarmKind
from bot.model.alliance import ItemKind, Side
from bot.model.closing import Alarm, Asked, Cell, Release
from bot.scoring.scores import DIMENSION_SD, PRIOR_DF
from bot.scoring.t_quantile import find_quantile

_KIND = str(AlarmKind("blind_spot"))
WIDE = 25.0
"""Points of misjudgement that matter, 0–100."""
CLEAR = 10.0
"""Points that the 95 % interval must leave out."""
WAVES = 2


def judge_blind_spots(state: State, now: Asked, fresh: Iterable[Release]) -> tuple[State, tuple[Alarm, ...]]:
    """Judge a round that asked for guesses: two waves running are an alert, more of them reminders.

    `fresh` is what this closing released; a wave whose guess or answer was not released breaks the run. Leads are not
    told which side misjudges the other: where both do, that is one alarm.
    """
    guesses, answers = _list_dimensions(now, "prediction"), _list_dimensions(now, "overall")
    if not guesses or not answers:
        return state, ()
    cells = {release.cell: release for release in fresh}
    alarms = []
    for side in Side:
        guess, answer = cells.get(Cell(side, guesses[0])), cells.get(Cell(side.other, answers[0]))
        size = find_misjudgement(guess, answer) if guess and answer else None
        waves = state.blind.get(side, 0) + 1 if size is not None else 0
        state = replace(state, blind={**state.blind, side: waves})
        if size is not None and waves >= WAVES:
            alarms.append(Alarm(_KIND, "alert", now.index, now.index, size / 25, (), waves > WAVES, side))
    state = replace(state, episodes=_open_episodes(state))
    return state, tuple(sorted(alarms, key=lambda alarm: alarm.reminder)[:1])


def find_misjudgement(guess: Release, answer: Release) -> float | None:
    """Return guess minus answer, −100 … 100, if it is at least 25 points and its 95 % interval leaves out ±10.

    Interval from the prior spread, n the lower bounds of the bands: t(min ν)·√(24²/n + 24²/n).
    """
    difference = guess.value - answer.value
    df = PRIOR_DF + min(guess.band, answer.band) - 1
    half = find_quantile(0.975, df) * DIMENSION_SD * sqrt(1 / guess.band + 1 / answer.band)
    return difference if abs(difference) >= WIDE and abs(difference) - half > CLEAR else None


def _open_episodes(state: State) -> dict[str, str]:
    """Return the episodes; keep this one as long as a side misjudges the other."""
    others = {kind: name for kind, name in state.episodes.items() if kind != _KIND}
    is_open = any(waves >= WAVES for waves in state.blind.values())
    return {**others, _KIND: _KIND} if is_open else others


def _list_dimensions(now: Asked, kind: ItemKind) -> list[str]:
    return [item.dimension for item in now.items if item.kind == kind]
