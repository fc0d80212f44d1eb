"""The weekly summary: what changed, what to do about it, and what is withheld."""

from dataclasses import dataclass
from datetime import date

from bot.alarms.evidence import Told
from bot.alarms.mood_trend import MoodSeen
from bot.model.alliance import Alliance, Side
from bot.model.cards import Block, Card, Choice, Choices, Facts, Quote, RunCommand, Series, Text, Trend
from bot.privacy.comment_gate import Readable
from bot.privacy.views import LeadView
from bot.wording import alert, score
from bot.wording.dates import day, short_day


@dataclass(frozen=True, slots=True)
class Week:
    """What a digest tells one side's leads."""

    view: LeadView
    pooled: bool
    learning: bool
    """The alarms do not know yet what is usual."""
    closed: date | None
    """Local date of the newest closed round."""
    rates: tuple[tuple[Side, str], ...]
    alarms: tuple[Told, ...]
    """Raised since the digest before, watch level and single dimensions included."""
    mood: MoodSeen
    comments: tuple[Readable, ...]
    missed: tuple[date, ...]


def digest(alliance: Alliance, week: Week) -> Card:
    """One card, in the scope of one side's leads."""
    return Card(
        f"{alliance.name}: the week for {alliance.organisation(week.view.own.side).name}",
        (
            Text(_summary(alliance, week)),
            Facts(_figures(alliance, week)),
            *_trend(week),
            *_noticed(alliance, week),
            *_sides(alliance, week),
            *_comments(alliance, week),
            score.explained(week.pooled),
            Choices(
                (
                    Choice("Details", RunCommand(f"score {alliance.key}")),
                    Choice("What was noticed lately", RunCommand(f"alerts {alliance.key}")),
                )
            ),
        ),
    )


def noticed(alliance: Alliance, alarms: tuple[Told, ...]) -> Card:
    """The newest alarms, with who has taken note."""
    rows = tuple((day(one.slot), _line(alliance, one)) for one in reversed(alarms[-12:]))
    nothing = (Text("Nothing was noticed. In the first eight rounds the bot only learns what is usual."),)
    return Card(f"{alliance.name}: noticed lately", (Facts(rows),) if rows else nothing)


def _summary(alliance: Alliance, week: Week) -> str:
    urgent = [one for one in week.alarms if one.urgent]
    if urgent:
        return f"Worth a word with your counterpart: {alert.headline(alliance, urgent[-1])}."
    if "down" in (week.view.headline.arrow, week.view.own.arrow):
        return "Lower than four rounds ago, by more than chance. See since when, and where, below."
    if week.alarms:
        return f"Something to watch, not yet to act on: {alert.headline(alliance, week.alarms[-1])}."
    if week.view.headline.arrow == "up":
        return "Higher than four rounds ago, by more than chance."
    if week.learning:
        return "The bot is learning what is usual here: alarms begin after eight rounds. What moved is within chance."
    return "Nothing unusual: what moved is within chance."


def _figures(alliance: Alliance, week: Week) -> tuple[tuple[str, str], ...]:
    headline, own = week.view.headline, week.view.own
    rows = [("Your side", score.moved(own.score, own.arrow))]
    if week.pooled:
        rows = [("Level, everyone together", score.number(headline.level))]
    else:
        rows.insert(0, ("Alignment", score.moved(headline.alignment, headline.arrow)))
        rows.append(("Agreement between the sides", score.number(headline.agreement)))
    rows.append(("Against thirteen rounds ago", score.ARROWS[headline.quarter]))
    rows += [
        (f"Answered, {alliance.organisation(side).name}", rate or "too few people to say")
        for side, rate in week.rates
    ]
    rows.append(("Mood of your threads", score.mood(week.mood)))
    if week.missed:
        rows.append(("Rounds that could not be asked", ", ".join(short_day(one) for one in week.missed[-5:])))
    return tuple(rows)


def _trend(week: Week) -> tuple[Block, ...]:
    track = week.view.headline.trend
    if sum(point is not None for point in track.points) < 2:
        return ()
    labels = tuple(short_day(one) for one in track.dates)
    own = dict(zip(week.view.own.trend.dates, week.view.own.trend.points, strict=True))
    series = (
        Series("Level" if week.pooled else "Alignment", track.points),
        *(() if week.pooled else (Series("Your side", tuple(own.get(one) for one in track.dates)),)),
    )
    return (Trend("The last half year", labels, series),)


def _sides(alliance: Alliance, week: Week) -> tuple[Block, ...]:
    if week.pooled:
        return (Text("One number for both companies together: nothing is shown of one side.", quiet=True),)
    return (*score.gaps(alliance, week.view), *score.unseen(week.view))


def _noticed(alliance: Alliance, week: Week) -> tuple[Block, ...]:
    rows = tuple((day(one.slot), _line(alliance, one)) for one in week.alarms)
    return (Text("Noticed"), Facts(rows)) if rows else ()


def _line(alliance: Alliance, one: Told) -> str:
    kind = "to watch: " if one.watch else "still: " if one.reminder else ""
    seen = f" (seen by {' and '.join(one.seen_by)})" if one.seen_by else ""
    parts = (alert.headline(alliance, one), alert.since_when(one.since), alert.where(one))
    return f"{kind}{', '.join(part for part in parts if part)}{seen}"


def _comments(alliance: Alliance, week: Week) -> tuple[Block, ...]:
    return tuple(one for block in week.comments for one in _said(alliance, week, block))


def _said(alliance: Alliance, week: Week, block: Readable) -> tuple[Block, ...]:
    whose = (
        "Comments of your side"
        if block.side is week.view.own.side
        else f"Comments that people at {alliance.organisation(block.side).name} share with you"
    )
    title = f"{whose}, of at least four rounds up to {short_day(block.slot)}, in no order"
    return (Text(title), *(Quote(one) for one in block.texts))
