"""Everything that an alliance's people are shown over a history: cards, digests, exports, figures for programs."""

import json
from collections.abc import Iterable, Iterator
from datetime import time

from bot.alarms.evidence import word_alarm
from bot.alarms.mood_trend import MoodSeen
from bot.closing.replay import Lived
from bot.model.alliance import Alliance, Organisation, Pulse, Side
from bot.model.cards import to_plain_text
from bot.model.closing import Release
from bot.privacy.bands import band_turnout, word_response_rate
from bot.privacy.board import make_board
from bot.privacy.permissions import may_see
from bot.questions.bank import load_builtin
from bot.scoring.answer_matrix import History
from bot.wording import alert, digest, figures, score
from bot.wording.digest import Week

ALLIANCE = Alliance(
    "northwind-meridian",
    "Northwind × Meridian",
    "Europe/Berlin",
    Organisation("Northwind Pharma", frozenset({("sandbox", "northwind")})),
    Organisation("Meridian CRO", frozenset({("sandbox", "meridian")})),
    pulses=(Pulse("weekly", frozenset({1}), time(9)),),
)
QUIET = MoodSeen(None, "")


def shown(lived: Iterable[Lived], alarms: bool = True, every: int = 1) -> Iterator[tuple[str, str]]:
    """(who, words) after each closing, or every so many; without `alarms` what is said of them is left out."""
    releases: list[Release] = []
    for week in lived:
        releases += week.outcome.releases
        if week.history.now.index % every == 0:
            yield from _at(week, tuple(releases), alarms)


def _at(lived: Lived, releases: tuple[Release, ...], alarms: bool) -> Iterator[tuple[str, str]]:
    found = make_board(releases, lived.history.now.index, load_builtin())
    headline = found.for_member()
    yield "member", to_plain_text(score.write_score_for_member(ALLIANCE, headline, pooled=False))
    yield "program", json.dumps(figures.to_figures(headline), ensure_ascii=False)
    yield "program", json.dumps(figures.to_rows(ALLIANCE, lived.history.now.slot, found.for_lead(Side.CRO)))
    people = {side: _turnout(lived.history, side) for side in Side}
    yield "member", str(band_turnout(sum(answered for answered, _ in people.values())))
    for side in Side:
        view = found.for_lead(side)
        own = [alarm for alarm in lived.outcome.alarms if alarms and may_see(ALLIANCE, alarm, side)]
        seen = tuple(word_alarm(alarm, lived.history.now.slot) for alarm in own)
        rates = tuple((side_of, word_response_rate(*people[side_of])) for side_of in Side)
        week = Week(view, False, False, lived.history.now.slot, rates, (), seen, QUIET, (), ())
        yield side, to_plain_text(score.write_score_for_lead(ALLIANCE, view, QUIET))
        yield side, to_plain_text(digest.write_digest(ALLIANCE, week))
        if urgent := [told for told in seen if told.urgent]:
            yield f"alert to {side}", to_plain_text(alert.write_alert(ALLIANCE, urgent, QUIET))


def _turnout(history: History, side: Side) -> tuple[int, int]:
    columns = history.sides[side]
    here = columns.present[:, history.place], columns.responded[:, history.place]
    return int(here[1].sum()), int(here[0].sum())
