"""Write alerts for leads: what dropped, since when, and what to do next."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from bot.alarms.control_charts import KINDS
from bot.alarms.evidence import Told
from bot.alarms.mood_trend import MoodSeen
from bot.model.alarm_kind import parse_kind
from bot.model.alliance import Alliance, Side
from bot.model.cards import Block, Card, Choice, Choices, Facts, RunCommand, Text
from bot.model.closing import Recovery
from bot.wording.dates import format_day, name_topic

_NEXT = (
    "Talk to your counterpart before you talk about numbers. Ask what changed around that time, agree on one thing "
    "to do, and tell the channel what you heard and did."
)

_EXTENT = {
    "slight": "less than half a point",
    "half": "about half a point",
    "whole": "a point or more",
}
"""On the scale from 1 to 5."""
_PAIRED = {
    "down": "It is the same people as before, so it isn't turnover.",
    "no clear change": "Among the people who answered before too, the change isn't clear yet.",
    "up": "The people who answered before are not lower: different people answer now.",
}


def write_alert(alliance: Alliance, alarms: Sequence[Told], mood: MoodSeen) -> Card:
    """One alert for one lead: everything that a closing noticed and that concerns this lead's side."""
    first, *others = alarms
    still = "still open: " if all(alarm_.reminder for alarm_ in alarms) else ""
    rows = [(f"Also: {name_alarm(alliance, other)}", describe_evidence(other)) for other in others]
    rows += [("Tone of your threads", f"{mood.word} (not part of this alert)")] if mood.word else []
    return Card(
        f"{alliance.name}: {still}{name_alarm(alliance, first)}",
        (
            Text(describe_evidence(first)),
            *((Facts(tuple(rows)),) if rows else ()),
            *(Text(words) for words in dict.fromkeys(_explain_comparison(alarm) for alarm in alarms)),
            Text(_NEXT),
            Choices(
                (
                    *_offer_new_normal(alliance, alarms),
                    Choice("Got it", RunCommand(f"ack {first.id} {alliance.key}")),
                    Choice("Show the score", RunCommand(f"score {alliance.key}")),
                )
            ),
        ),
    )


def name_alarm(alliance: Alliance, alarm: Told) -> str:
    """Say what was noticed, in a few words."""
    named = name_kind(alliance, alarm.kind)
    match alarm.lower:
        case [side]:
            return f"{named}: lower answers at {_name_company(alliance, side)}"
        case [_, _]:
            return f"{named}: people at both companies answer lower than usual"
    return named


def name_kind(alliance: Alliance, kind: str) -> str:
    """Say what an alert is about, in a few words."""
    about = parse_kind(kind)
    company = _name_company(alliance, about.side)
    match about.subject:
        case "level":
            return "alignment has dropped"
        case "gap":
            return "the two companies have moved apart"
        case "blind_spot":
            return "one company misjudges how the other sees things"
        case "side":
            return f"{company} answers lower than usual"
        case "participation":
            return f"fewer people at {company} answer than usual"
        case "silence":
            return f"nobody at {company} answers any more"
        case "topic":
            return f"{name_topic(about.topic)}: lower than usual"


def confirm_new_normal() -> Card:
    return Card(
        "Accepted as the new normal",
        (
            Text(
                "From the next round on, answers are compared with this level. You get an alert if they move "
                "again."
            ),
        ),
    )


def refuse_new_normal() -> Card:
    return Card(
        "Nothing to accept here",
        (Text("This alert is over, or it isn't about how people answer."),),
    )


def write_recovery(alliance: Alliance, over: Sequence[Recovery], is_open: Sequence[str]) -> Card:
    """Tell that alerts are over; `is_open` are the kinds of alarm that still are not."""
    first, *others = over
    rows = tuple((f"Also: {name_recovery(alliance, other.kind)}", _date_recovery(other)) for other in others)
    still = [name_kind(alliance, kind) for kind in is_open]
    return Card(
        f"{alliance.name}: {name_recovery(alliance, first.kind)}",
        (
            Text(f"{_date_recovery(first)} The alert is closed."),
            *((Facts(rows),) if rows else ()),
            *((Text(f"Still open: {'; '.join(still)}."),) if still else ()),
            Choices((Choice("Show the score", RunCommand(f"score {alliance.key}")),)),
        ),
    )


def name_recovery(alliance: Alliance, kind: str) -> str:
    """Say what is as usual again, in a few words."""
    about = parse_kind(kind)
    company = _name_company(alliance, about.side)
    match about.subject:
        case "level":
            return "alignment is back to usual"
        case "gap":
            return "the two companies are as close as usual again"
        case "blind_spot":
            return "neither company clearly misjudges the other any more"
        case "side":
            return f"answers at {company} are back to usual"
        case "participation":
            return f"as many people at {company} answer as usual again"
        case "silence":
            return f"people at {company} answer again"
        case "topic":
            return f"{name_topic(about.topic)} is back to usual"


def _date_recovery(over: Recovery) -> str:
    return f"Since the pulse of {format_day(over.since)}." if over.since else "For some time now."


def offer_new_normal(alliance: Alliance, alarms: Sequence[Told]) -> tuple[Block, ...]:
    """Offer in a digest what reminders offer."""
    offered = _offer_new_normal(alliance, alarms)
    return (Choices(offered),) if offered else ()


def _offer_new_normal(alliance: Alliance, alarms: Sequence[Told]) -> tuple[Choice, ...]:
    """Offer to accept a level that stays low."""
    still = [alarm for alarm in alarms if alarm.reminder and alarm.kind in KINDS.values()]
    return tuple(
        Choice("Accept as the new normal", RunCommand(f"normal {item.id} {alliance.key}"))
        for item in still[:1]
    )


def name_topics(alarm: Told) -> str:
    """Name the topics that moved most; nothing where the alarm is about one of them."""
    if not alarm.dimensions or parse_kind(alarm.kind).subject == "topic":
        return ""
    return f"most in {join_words(map(name_topic, alarm.dimensions))}"


def join_words(words: Iterable[str]) -> str:
    """Return `vision`, `vision and roles`, `vision, roles and change`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def say_since_when(since: date | None) -> str:
    return f"since around {format_day(since)}" if since else "for some time"


def confirm_alert_seen() -> Card:
    return Card(
        "Noted: your company has seen it",
        (Text("The alert stays in the digest until the answers recover."),),
    )


def refuse_unknown_alert() -> Card:
    return Card("I don't know this alert", (Text("It may be over. Type “alerts” to see the latest."),))


def _explain_comparison(alarm: Told) -> str:
    if parse_kind(alarm.kind).is_about_turnout:
        return "This compares how regularly the same people answered before. Holidays are left out."
    if parse_kind(alarm.kind).subject == "blind_spot":
        return "This compares a guess with what the other company really answered, twice in a row."
    return "This compares the same people on the same questions, over at least two rounds."


def describe_evidence(alarm: Told) -> str:
    """Say since when, by how much, whether it is the same people, and where."""
    began = f"It started around {format_day(alarm.since)}." if alarm.since else "It started some time ago."
    return " ".join(filter(None, (began, *_describe_size(alarm), _say_where(alarm))))


def _describe_size(alarm: Told) -> Iterator[str]:
    if alarm.extent:
        extent = _EXTENT[alarm.extent]
        if parse_kind(alarm.kind).subject == "gap":
            yield f"The gap has grown by {extent} on the 5-point scale."
        else:
            yield f"The drop is {extent} on the 5-point scale."
    if alarm.paired:
        yield _PAIRED[alarm.paired]


def _say_where(alarm: Told) -> str:
    topics = name_topics(alarm)
    return f"It shows {topics}." if topics else ""


def _name_company(alliance: Alliance, side: Side | None) -> str:
    return alliance.organisation(side).name if side else ""
