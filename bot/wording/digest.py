"""The weekly summary: what changed, what to do about it, and what is withheld."""

from dataclasses import dataclass
from datetime import date, timedelta

from bot.alarms.evidence import Told
from bot.alarms.mood_trend import MoodSeen
from bot.model.alliance import Alliance, Side
from bot.model.cards import Block, Card, Choice, Choices, Facts, Quote, RunCommand, Series, Text, Trend
from bot.privacy.bands import write_bounded
from bot.privacy.comment_gate import Readable
from bot.privacy.views import LeadView
from bot.wording import alert, score
from bot.wording.dates import format_day, format_short_day

_ALIGNMENT_ROSE = "Alignment is higher than four rounds ago, by more than chance."
_POOLED_ROSE = "Answers are higher than four rounds ago, by more than chance."
_ALIGNMENT_FELL = "Alignment is lower than {rounds} rounds ago, by more than chance. The details are below."
_POOLED_FELL = "Answers are lower than {rounds} rounds ago, by more than chance. The details are below."
_COMPANY_FELL = (
    "Answers at {company} are lower than {rounds} rounds ago, by more than chance. The details are below."
)


@dataclass(frozen=True, slots=True)
class Week:
    """Hold what a digest tells one side's leads."""

    view: LeadView
    pooled: bool
    learning: bool
    """The alarms do not know yet what is usual."""
    closed: date | None
    """Local date of the newest closed round."""
    rates: tuple[tuple[Side, str], ...]
    opened: tuple[Told, ...]
    """Alerts that are open, what is new first."""
    alarms: tuple[Told, ...]
    """Raised since the digest before and no open alert: watch level and single dimensions."""
    mood: MoodSeen
    comments: tuple[Readable, ...]
    missed: tuple[date, ...]
    small: tuple[Side, ...] = ()
    """Sides with too few people for a number."""


def write_digest(alliance: Alliance, week: Week) -> Card:
    """One card, in the scope of one side's leads."""
    return Card(
        f"{alliance.name}: the week for {alliance.organisation(week.view.own.side).name}",
        (
            Text(summarise_week(alliance, week)),
            Facts(_list_figures(alliance, week)),
            *score.explain_small_sides(alliance, week.small),
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
    """List the newest alarms, with who has seen them."""
    rows = tuple(
        (format_day(alarm.slot), _describe_alarm(alliance, alarm)) for alarm in reversed(alarms[-12:])
    )
    nothing = (Text("No alerts so far. In the first eight rounds I only learn what is usual."),)
    return Card(f"{alliance.name}: noticed lately", (Facts(rows),) if rows else nothing)


def summarise_week(alliance: Alliance, week: Week) -> str:
    """Return a digest's first line: "nothing unusual" only where no alert is open and nothing is clearly lower."""
    own = week.view.own
    if week.opened:
        return _summarise_open(alliance, week.opened)
    if fall := _summarise_fall(alliance, week):
        return fall
    if week.alarms:
        return f"Worth watching, no action needed yet: {alert.name_alarm(alliance, week.alarms[-1])}."
    if week.view.headline.arrow == "up":
        return _POOLED_ROSE if week.pooled else _ALIGNMENT_ROSE
    if own.side in week.small:
        return (
            f"Too few people at {alliance.organisation(own.side).name} to say whether anything has changed."
        )
    if week.learning:
        return "I am still learning what is usual here. Alerts start after eight rounds."
    if week.pooled:
        return "Nothing unusual. Any change is within chance."
    return f"Nothing unusual at {alliance.organisation(own.side).name}. Any change there is within chance."


def _summarise_fall(alliance: Alliance, week: Week) -> str:
    """Say what is clearly lower: the own company's answers, or else the alignment; empty if nothing is."""
    headline, own = week.view.headline, week.view.own
    arrows = (("four", headline.arrow, own.arrow), ("thirteen", headline.quarter, own.quarter))
    for rounds, whole, mine in arrows:
        if "down" in (whole, mine):
            sentence = _COMPANY_FELL if mine == "down" else _POOLED_FELL if week.pooled else _ALIGNMENT_FELL
            return sentence.format(company=alliance.organisation(own.side).name, rounds=rounds)
    return ""


def _summarise_open(alliance: Alliance, opened: tuple[Told, ...]) -> str:
    first, *others = opened
    said = alert.name_alarm(alliance, first)
    news = f"Still open: {said}, {alert.say_since_when(first.since)}."
    if not first.reminder:
        news = f"Worth a word with your counterpart: {said}."
    return f"{news} {len(others)} more below." if others else news


def _list_figures(alliance: Alliance, week: Week) -> tuple[tuple[str, str], ...]:
    headline, own = week.view.headline, week.view.own
    rows = [("Your side", score.format_change(own.score, own.arrow))]
    if week.pooled:
        rows = [("Level, everyone together", score.format_number(headline.level))]
    else:
        rows.insert(0, ("Alignment", score.format_change(headline.alignment, headline.arrow)))
        agreement = score.format_agreement(headline, score.name_apart(week.view))
        rows.append(("Agreement between the sides", agreement))
    rows += _compare_with_before(week)
    rows.append(("Against thirteen rounds ago", score.ARROWS[headline.quarter]))
    rows += [
        (f"Answered, {alliance.organisation(side).name}", rate or "too few people to say")
        for side, rate in week.rates
    ]
    rows.append(("Tone of your threads", score.describe_tone(week.mood)))
    if week.missed:
        rows.append(
            ("Pulses that were missed", ", ".join(format_short_day(item) for item in week.missed[-5:]))
        )
    return tuple(rows)


def _compare_with_before(week: Week) -> list[tuple[str, str]]:
    """Return the headline of one and three months ago; the own side's if there is no headline."""
    tracks = (week.view.headline.trend, week.view.own.trend)
    track = next((track_ for track_ in tracks if any(track_.points)), None)
    if track is None or week.closed is None:
        return []
    rows = []
    for name, days in (("One month ago", 28), ("Three months ago", 91)):
        past = [
            (day, point)
            for day, point in zip(track.dates, track.points, strict=True)
            if point is not None and day <= week.closed - timedelta(days=days)
        ]
        if past:
            rows.append((name, f"{write_bounded(past[-1][1])} ({format_short_day(past[-1][0])})"))
    return rows


def _draw_trend(week: Week) -> tuple[Block, ...]:
    track = week.view.headline.trend
    if sum(point is not None for point in track.points) < 2:
        return ()
    labels = tuple(format_short_day(day) for day in track.dates)
    days = tuple(day.isoformat() for day in track.dates)
    own = dict(zip(week.view.own.trend.dates, week.view.own.trend.points, strict=True))
    series = (
        Series("Level" if week.pooled else "Alignment", track.points),
        *(() if week.pooled else (Series("Your side", tuple(own.get(day) for day in track.dates)),)),
    )
    return (Trend("The last half year", labels, series, days=days),)


def _compare_sides(alliance: Alliance, week: Week) -> tuple[Block, ...]:
    if week.pooled:
        return (
            Text("One number covers both companies together. Nothing is shown for one company.", quiet=True),
        )
    return (*score.list_gaps(alliance, week.view), *score.explain_withheld(week.view, week.small))


def _list_alarms(alliance: Alliance, week: Week) -> tuple[Block, ...]:
    shown = (*week.opened, *week.alarms)
    rows = tuple((format_day(item.slot), _describe_alarm(alliance, item)) for item in shown)
    return (Text("Alerts"), Facts(rows), *alert.offer_new_normal(alliance, week.opened)) if rows else ()


def _describe_alarm(alliance: Alliance, alarm: Told) -> str:
    kind = "to watch: " if alarm.watch else "still open: " if alarm.reminder else ""
    seen = _say_seen(alliance, alarm)
    parts = (alert.name_alarm(alliance, alarm), alert.say_since_when(alarm.since), alert.name_topics(alarm))
    return f"{kind}{', '.join(part for part in parts if part)}{seen}"


def _say_seen(alliance: Alliance, alarm: Told) -> str:
    """Which company has taken note, and which has not yet."""
    names = [
        alert.join_words(alliance.organisation(side).name for side in sides) if sides else ""
        for sides in (alarm.seen_by, alarm.unseen_by)
    ]
    said = (f"seen by {names[0]}" if names[0] else "", f"not yet seen by {names[1]}" if names[1] else "")
    words = ", ".join(filter(None, said))
    return f" ({words})" if words else ""


def _quote_comments(alliance: Alliance, week: Week) -> tuple[Block, ...]:
    return tuple(item for block in week.comments for item in _quote_block(alliance, week, block))


def _quote_block(alliance: Alliance, week: Week, block: Readable) -> tuple[Block, ...]:
    whose = (
        "Comments of your side"
        if block.side is week.view.own.side
        else f"Comments that people at {alliance.organisation(block.side).name} share with you"
    )
    title = f"{whose}, of at least four rounds up to {format_short_day(block.slot)}, in no order"
    return (Text(title), *(Quote(text) for text in block.texts))
