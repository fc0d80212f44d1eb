"""What leads are told when alignment drops: in words, with since when, and what to do next."""

from collections.abc import Sequence
from datetime import date

from bot.alarms.evidence import Told
from bot.alarms.mood_trend import MoodSeen
from bot.model.alliance import Alliance, Side
from bot.model.cards import Card, Choice, Choices, Facts, RunCommand, Text
from bot.wording.dates import format_day, name_topic

_NEXT = (
    "Talk to your counterpart before you talk about numbers: ask what changed around that time, agree on one "
    "thing to do, and tell the channel what you heard and did."
)

_EXTENT = {
    "slight": "by less than half a step of the answer scale",
    "half": "by about half a step of the answer scale",
    "whole": "by about a whole step of the answer scale, or more",
}
_PAIRED = {
    "down": "those who answered before as well are clearly lower themselves",
    "no clear change": "taking only those who answered before as well, the change is not clear yet",
    "up": "those who answered before as well are not lower: other people answer now",
}


def write_alert(alliance: Alliance, alarms: Sequence[Told], mood: MoodSeen) -> Card:
    """One alert for one lead: everything that a closing noticed and that concerns this lead's side."""
    first, *others = alarms
    still = "still: " if all(one.reminder for one in alarms) else ""
    rows = [(f"Also: {name_alarm(alliance, one)}", describe_evidence(one)) for one in others]
    rows += [("Mood of your threads", f"{mood.word}, no part of this alert")] if mood.word else []
    return Card(
        f"{alliance.name}: {still}{name_alarm(alliance, first)}",
        (
            Text(f"{_capitalise_first(describe_evidence(first))}."),
            *((Facts(tuple(rows)),) if rows else ()),
            *(Text(one) for one in dict.fromkeys(_explain_comparison(alarm) for alarm in alarms)),
            Text(_NEXT),
            Choices(
                (
                    *_offer_new_normal(alliance, alarms),
                    Choice("I have seen it", RunCommand(f"ack {first.id} {alliance.key}")),
                    Choice("Show me the score", RunCommand(f"score {alliance.key}")),
                )
            ),
        ),
    )


def name_alarm(alliance: Alliance, alarm: Told) -> str:
    """What was noticed, in a few words."""
    match alarm.kind.split(":"):
        case ["level"]:
            return "both sides together answer clearly lower than usual"
        case ["gap"]:
            return "the two sides have moved apart"
        case ["blind_spot"]:
            return "one side sees the other's view quite differently"
        case ["sponsor" | "cro" as side]:
            return f"{_name_company(alliance, side)} answers clearly lower than usual"
        case ["part_sponsor" | "part_cro" as kind]:
            return f"fewer people at {_name_company(alliance, kind.removeprefix('part_'))} answer than usual"
        case ["silent_sponsor" | "silent_cro" as kind]:
            return f"nobody at {_name_company(alliance, kind.removeprefix('silent_'))} answers any more"
        case ["dim", dimension]:
            return f"{name_topic(dimension)}: lower than usual, both sides taken together"
    return "something changed"


def confirm_new_normal() -> Card:
    return Card(
        "Noted: this is the new normal",
        (
            Text(
                "From the next closing on answers are compared with this level. You hear of it if it moves again."
            ),
        ),
    )


def refuse_new_normal() -> Card:
    return Card(
        "Nothing to accept here",
        (Text("There is no alert of that round about how people answer, or it is over."),),
    )


def _offer_new_normal(alliance: Alliance, alarms: Sequence[Told]) -> tuple[Choice, ...]:
    """A level that stays low may be what it is from now on."""
    still = any(one.reminder for one in alarms)
    return (
        (Choice("It is the new normal", RunCommand(f"normal {alarms[0].id} {alliance.key}")),)
        if still
        else ()
    )


def name_topics(alarm: Told) -> str:
    """The topics that moved most; nothing where the alarm is about one of them."""
    if not alarm.dimensions or alarm.kind.startswith("dim:"):
        return ""
    return f"most of it in {', '.join(map(name_topic, alarm.dimensions))}"


def say_since_when(since: date | None) -> str:
    return f"probably since the pulse of {format_day(since)}" if since else "since some time ago"


def confirm_alert_seen() -> Card:
    return Card("Noted: your side has seen it", (Text("It stays in the digest until the answers recover."),))


def refuse_unknown_alert() -> Card:
    return Card(
        "This alert is not known here", (Text("It may have been resolved. “alerts” lists the newest."),)
    )


def _explain_comparison(alarm: Told) -> str:
    if alarm.kind.startswith(("part_", "silent_")):
        return "Compared with how regularly the same people answered before, holidays left out."
    if alarm.kind == "blind_spot":
        return "Compared with how the other side answered the same question, two waves running."
    return (
        "Compared with what the same people usually answer to the same questions, over at least two rounds."
    )


def describe_evidence(alarm: Told) -> str:
    """Since when, by how much, whether it is the same people, and where."""
    parts = [say_since_when(alarm.since)]
    if alarm.extent:
        parts.append(_EXTENT[alarm.extent])
    if alarm.paired:
        parts.append(_PAIRED[alarm.paired])
    if name_topics(alarm):
        parts.append(name_topics(alarm))
    return "; ".join(parts)


def _capitalise_first(words: str) -> str:
    return words[0].upper() + words[1:]


def _name_company(alliance: Alliance, side: str) -> str:
    return alliance.organisation(Side(side)).name
