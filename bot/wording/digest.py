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
from bot.wording.dates import format_day, format_short_day


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


def write_digest(alliance: Alliance, week: Week) -> Card:
    """One card, in the scope of one side's leads."""
    return Card(
        f"{alliance.name}: the week for {alliance.organisation(week.view.own.side).name}",
        (
            Text(_summarise_week(alliance, week)),
            Facts(_list_figures(alliance, week)),
            *_draw_trend(week),
            *_list_alarms(alliance, week),
            *_compare_sides(alliance, week),
            *_quote_comments(alliance, week),
            score.explain_numbers(week.pooled),
            Choices(
                (
                    Choice("Show the score", RunCommand(f"score {alliance.key}")),
                    Choice("Latest alerts", RunCommand(f"alerts {alliance.key}")),
                )
            ),
        ),
    )


def write_alert_list(alliance: Alliance, alarms: tuple[Told, ...]) -> Card:
    """The newest alarms, with who has taken note."""
    rows = tuple((format_day(one.slot), _describe_alarm(alliance, one)) for one in reversed(alarms[-12:]))
    nothing = (Text("No alerts so far. In the first eight rounds I only learn what is usual."),)
    return Card(f"{alliance.name}: noticed lately", (Facts(rows),) if rows else nothing)


def _summarise_week(alliance: Alliance, week: Week) -> str:
    urgent = [one for one in week.alarms if one.urgent]
    if urgent:
        return f"Worth a word with your counterpart: {alert.name_alarm(alliance, urgent[-1])}."
    if "down" in (week.view.headline.arrow, week.view.own.arrow):
        return "Answers are lower than four rounds ago, by more than chance. The details are below."
    if week.alarms:
        return f"Worth watching, no action needed yet: {alert.name_alarm(alliance, week.alarms[-1])}."
    if week.view.headline.arrow == "up":
        return "Answers are higher than four rounds ago, by more than chance."
    if week.learning:
        return "I am still learning what is usual here. Alerts start after eight rounds."
    return "Nothing unusual. Any change is within chance."


def _list_figures(alliance: Alliance, week: Week) -> tuple[tuple[str, str], ...]:
    headline, own = week.view.headline, week.view.own
    rows = [("Your side", score.format_change(own.score, own.arrow))]
    if week.pooled:
        rows = [("Level, everyone together", score.format_number(headline.level))]
    else:
        rows.insert(0, ("Alignment", score.format_change(headline.alignment, headline.arrow)))
        rows.append(("Agreement between the sides", score.format_number(headline.agreement)))
    rows.append(("Against thirteen rounds ago", score.ARROWS[headline.quarter]))
    rows += [
        (f"Answered, {alliance.organisation(side).name}", rate or "too few people to say")
        for side, rate in week.rates
    ]
    rows.append(("Tone of your threads", score.describe_tone(week.mood)))
    if week.missed:
        rows.append(("Pulses that were missed", ", ".join(format_short_day(one) for one in week.missed[-5:])))
    return tuple(rows)


def _draw_trend(week: Week) -> tuple[Block, ...]:
    track = week.view.headline.trend
    if sum(point is not None for point in track.points) < 2:
        return ()
    labels = tuple(format_short_day(one) for one in track.dates)
    own = dict(zip(week.view.own.trend.dates, week.view.own.trend.points, strict=True))
    series = (
        Series("Level" if week.pooled else "Alignment", track.points),
        *(() if week.pooled else (Series("Your side", tuple(own.get(one) for one in track.dates)),)),
    )
    return (Trend("The last half year", labels, series),)


def _compare_sides(alliance: Alliance, week: Week) -> tuple[Block, ...]:
    if week.pooled:
        return (
            Text("One number covers both companies together. Nothing is shown for one company.", quiet=True),
        )
    return (*score.list_gaps(alliance, week.view), *score.explain_withheld(week.view))


def _list_alarms(alliance: Alliance, week: Week) -> tuple[Block, ...]:
    rows = tuple((format_day(one.slot), _describe_alarm(alliance, one)) for one in week.alarms)
    return (Text("Alerts"), Facts(rows)) if rows else ()


def _describe_alarm(alliance: Alliance, one: Told) -> str:
    kind = "to watch: " if one.watch else "still open: " if one.reminder else ""
    seen = f" (seen by {' and '.join(one.seen_by)})" if one.seen_by else ""
    parts = (alert.name_alarm(alliance, one), alert.say_since_when(one.since), alert.name_topics(one))
    return f"{kind}{', '.join(part for part in parts if part)}{seen}"


def _quote_comments(alliance: Alliance, week: Week) -> tuple[Block, ...]:
    return tuple(one for block in week.comments for one in _quote_block(alliance, week, block))


def _quote_block(alliance: Alliance, week: Week, block: Readable) -> tuple[Block, ...]:
    whose = (
        "Comments of your side"
        if block.side is week.view.own.side
        else f"Comments that people at {alliance.organisation(block.side).name} share with you"
    )
    title = f"{whose}, of at least four rounds up to {format_short_day(block.slot)}, in no order"
    return (Text(title), *(Quote(one) for one in block.texts))
