"""The score as cards. Every number comes from a board: nothing here can show what was not released."""

from collections.abc import Mapping

from bot.alarms.mood_trend import MoodSeen
from bot.model.alliance import Alliance, Side
from bot.model.cards import Block, Card, Choice, Choices, Facts, RunCommand, Series, Text, Trend
from bot.privacy.published import NOT_ENOUGH, NOT_ENOUGH_BOTH, Shown
from bot.privacy.views import Arrow, Comparison, Headline, LeadView, OwnSide, Track
from bot.wording.dates import format_short_day, name_topic

ARROWS: Mapping[Arrow, str] = {
    "up": "↑ higher",
    "down": "↓ lower",
    "no clear change": "→ no clear change",
    "nothing to compare": "nothing to compare yet",
}

_SCALE = (
    "Scale 0–100; 10 or less is shown as ≤10, 90 or more as ≥90. Topics of fewer than ten people are cut at ≤20 and "
    "≥80. The range in brackets is the margin of error. An arrow marks a move that is too large to be chance."
)
_SIDES = (
    "Both companies count the same. Agreement is 100 when both answer alike. When they clearly disagree, alignment is "
    "close to the score of the less satisfied company."
)

_LATER = (
    "A number appears once its topic has enough new answers. Each topic is asked in three of eight rounds."
)

MOST_NAMED = 2
"""Topics that a headline names; of more it says how many."""


def write_score_for_member(
    alliance: Alliance, headline: Headline, pooled: bool, small: tuple[Side, ...] = ()
) -> Card:
    """Write the score that every member may see."""
    return Card(
        _write_title(alliance, headline, pooled, _say_apart(headline)),
        (
            Facts(_list_headline(headline, pooled, _say_apart(headline))),
            *explain_small_sides(alliance, small),
            *_draw_track("Level" if pooled else "Alignment", headline.trend),
            explain_numbers(pooled),
        ),
    )


def write_score_for_lead(
    alliance: Alliance, view: LeadView, seen: MoodSeen, small: tuple[Side, ...] = ()
) -> Card:
    """Write the headline, the own side, and what the charter allows of the other side."""
    own, apart = view.own, name_apart(view)
    return Card(
        _write_title(alliance, view.headline, False, apart),
        (
            Facts(_list_headline(view.headline, False, apart)),
            *explain_small_sides(alliance, small),
            *_draw_track("Alignment", view.headline.trend),
            Text(f"Your side, {alliance.organisation(own.side).name}"),
            Facts(
                (*list_own_side(own), *list_supplements(view), ("Tone of your threads", describe_tone(seen)))
            ),
            *_draw_track("Your side", own.trend),
            *list_gaps(alliance, view),
            *explain_withheld(view, small),
            explain_numbers(pooled=False),
        ),
    )


def explain_numbers(pooled: bool) -> Text:
    """Explain in a few lines what the numbers of a card mean."""
    return Text(_SCALE if pooled else f"{_SCALE} {_SIDES}", quiet=True)


def list_gaps(alliance: Alliance, view: LeadView) -> tuple[Block, ...]:
    """Topic by topic: sponsor, CRO, and the gap between them."""
    seen = [
        comparison for comparison in (*view.comparisons, *view.mirrors) if comparison.gap.state != "hidden"
    ]
    other = alliance.organisation(view.own.side.other).name
    overall = [
        ("Gap between the side scores", format_number(view.gap)),
        (
            f"Your guess of {other}'s satisfaction, minus what {other} says",
            format_number(view.blind_spot),
        ),
    ]
    title = (
        f"{alliance.sponsor.name} · {alliance.cro.name} · gap (minus means {alliance.sponsor.name} is lower)"
    )
    note = "A gap may be chance if its range includes 0. Rounding can make a gap differ by 1 from its two numbers."
    rows = [(name_topic(item.dimension), _format_both(item)) for item in seen]
    return (Text(title), Facts((*rows, *overall)), Text(note, quiet=True))


def format_agreement(headline: Headline, apart: str) -> str:
    """Format the agreement; it never stands alone where a topic is far apart."""
    return f"{format_number(headline.agreement)}{apart}"


def name_apart(view: LeadView) -> str:
    """Return `, far apart on roles`, for a lead; empty where no topic is."""
    topics = [name_topic(item.dimension) for item in view.comparisons if item.far_apart]
    named = topics if len(topics) <= MOST_NAMED else [f"{len(topics)} topics"]
    return f", far apart on {' and '.join(named)}" if named else ""


def _say_apart(headline: Headline) -> str:
    """Say it to members, who see no topics."""
    return ", far apart on at least one topic" if headline.far_apart else ""


def list_own_side(own: OwnSide) -> tuple[tuple[str, str], ...]:
    """List the side's score and topics, with percent favourable and whether the side is divided."""
    rows = [
        ("Score", format_change(own.score, own.arrow)),
        ("Against thirteen rounds ago", ARROWS[own.quarter]),
    ]
    for dimension, shown in own.dimensions.items():
        notes = [f"{own.favourable[dimension]} favourable"] if own.favourable.get(dimension) else []
        notes += ["your side is divided here"] if dimension in own.split else []
        rows.append((name_topic(dimension), "; ".join([format_number(shown), *notes])))
    return tuple(rows)


def list_supplements(view: LeadView) -> tuple[tuple[str, str], ...]:
    """List the own side's answers to questions outside the score that are not among the gaps."""
    compared = {mirror.dimension for mirror in view.mirrors if mirror.gap.state != "hidden"}
    return tuple(
        (f"{name_topic(dimension)} (outside the score)", format_number(shown))
        for dimension, shown in view.own.supplements.items()
        if dimension not in compared
    )


def format_number(shown: Shown) -> str:
    """`74 (62–86), 5–9 people, as of 23 Feb`, or why there is none."""
    if shown.state == "hidden":
        return f"withheld: {shown.reason}"
    interval = f" ({shown.interval})" if shown.interval else ""
    people = f", {shown.band} people" if shown.band else ""
    held = f", as of {format_short_day(shown.as_of)}" if shown.state == "held" and shown.as_of else ""
    return f"{shown.text}{interval}{people}{held}"


def format_change(shown: Shown, arrow: Arrow) -> str:
    """Format a number with its arrow against four rounds ago, if there is one."""
    return format_number(shown) + ("" if arrow == "nothing to compare" else f"  {ARROWS[arrow]}")


def describe_tone(seen: MoodSeen) -> str:
    """Describe the tone of threads, which is never part of the score."""
    if seen.word is None:
        return "too few messages, people or weeks to say"
    return f"{seen.word}, not part of the score; {seen.coverage} of the messages could be read"


def list_withheld(view: LeadView) -> tuple[str, ...]:
    """List what is withheld, one line a reason. A topic that lacks own answers is not listed again for its gap."""
    own = (
        (f"{dimension_.reason} of your side", name, dimension_)
        for name, dimension_ in view.own.dimensions.items()
    )
    lacking = {
        (NOT_ENOUGH_BOTH, name)
        for name, dimension_ in view.own.dimensions.items()
        if dimension_.reason == NOT_ENOUGH
    }
    compared = (
        (comparison.gap.reason, comparison.dimension, comparison.gap) for comparison in view.comparisons
    )
    both = (item for item in compared if item[:2] not in lacking)
    told: dict[str, list[str]] = {}
    for reason, dimension, item in (*own, *both):
        if item.state == "hidden":
            told.setdefault(reason, []).append(name_topic(dimension))
    return tuple(f"{reason}: {', '.join(topics)}" for reason, topics in told.items())


def explain_small_sides(alliance: Alliance, small: tuple[Side, ...]) -> tuple[Block, ...]:
    """Say of each side that is too small for a number that it is, and what can be done."""
    return tuple(
        Text(
            f"{name} has fewer than {alliance.minimum} people here besides its leads. A number rests on at least "
            f"{alliance.minimum} people of one company, so there can be none for {name} and none for both companies. "
            "One number for everyone together is possible: ask the operator of this bot for “pooled = true”."
        )
        for name in (alliance.organisation(side).name for side in small)
    )


def explain_withheld(view: LeadView, small: tuple[Side, ...] = ()) -> tuple[Block, ...]:
    """Say what is withheld and why, and when more answers will show it: never where a side is too small."""
    rows = list_withheld(view)
    comes = not small and any(row.startswith(NOT_ENOUGH) for row in rows)
    later = f" {_LATER}" if comes else ""
    return (Text(f"Withheld: {'; '.join(rows)}.{later}", quiet=True),) if rows else ()


def _write_title(alliance: Alliance, headline: Headline, pooled: bool, apart: str) -> str:
    if pooled:
        return f"{alliance.name}: level {headline.level.text}"
    if headline.alignment.state == "hidden":
        return f"{alliance.name}: no score to show yet"
    return f"{alliance.name}: alignment {headline.alignment.text}, {headline.word}{apart}"


def _list_headline(headline: Headline, pooled: bool, apart: str) -> tuple[tuple[str, str], ...]:
    level = ("Level, both sides averaged", format_number(headline.level))
    arrows = (
        ("Against four rounds ago", ARROWS[headline.arrow]),
        ("Against thirteen rounds ago", ARROWS[headline.quarter]),
    )
    if pooled:
        return (level, *arrows)
    return (
        ("Alignment", format_number(headline.alignment)),
        level,
        ("Agreement between the sides", format_agreement(headline, apart)),
        *arrows,
    )


def _format_both(comparison: Comparison) -> str:
    return f"{comparison.sponsor.text} · {comparison.cro.text} · gap {format_number(comparison.gap)}"


def _draw_track(name: str, track: Track) -> tuple[Block, ...]:
    if sum(point is not None for point in track.points) < 2:
        return ()
    labels = tuple(format_short_day(day) for day in track.dates)
    days = tuple(day.isoformat() for day in track.dates)
    return (Trend(f"{name} over time", labels, (Series(name, track.points),), days=days),)


def report_no_score(alliance: Alliance) -> Card:
    """No round has closed."""
    return Card(
        f"{alliance.name}: no score yet",
        (
            Text(
                "The first score appears when a round has closed and enough people at both companies have answered."
            ),
            Choices((Choice("The open question", RunCommand(f"pulse {alliance.key}")),)),
        ),
    )
