"""What leads are told when alignment drops: in words, with since when, and what to do next."""

from collections.abc import Mapping, Sequence
from datetime import date

from bot.cards import Card, Choice, Choices, Facts, RunCommand, Text
from bot.ledger import Alarm, MoodLine
from bot.model import Alliance, Side
from bot.wording.moments import day

_NEXT = (
    "Talk to your counterpart before you talk about numbers: ask what changed around that time, agree on one "
    "thing to do, and tell the channel what you heard and did."
)


def raised(
    alliance: Alliance, alarms: Sequence[Alarm], slots: Mapping[int, date], mood: MoodLine | None
) -> Card:
    """One alert for one lead: everything that a closing noticed and that concerns this lead's side."""
    first = alarms[0]
    still = "still: " if all(one.reminder for one in alarms) else ""
    facts = tuple((_sentence(headline(alliance, one)), _evidence(one, slots)) for one in alarms)
    moods = (("Thread messages of your side", mood.word),) if mood and mood.word else ()
    return Card(
        f"{alliance.name}: {still}{headline(alliance, first)}",
        (
            Facts((*facts, *moods)),
            *(Text(one) for one in dict.fromkeys(_meaning(alarm) for alarm in alarms)),
            Text(_NEXT),
            Choices(
                (
                    Choice("I have seen it", RunCommand(f"ack {first.round} {alliance.key}")),
                    Choice("Show me the score", RunCommand(f"score {alliance.key}")),
                )
            ),
        ),
    )


def headline(alliance: Alliance, alarm: Alarm) -> str:
    """What was noticed, in a few words."""
    match alarm.kind.split(":"):
        case ["level"]:
            return "both sides together answer clearly lower than usual"
        case ["gap"]:
            return "the two sides have moved apart"
        case ["blind_spot"]:
            return "one side sees the other's view quite differently"
        case ["sponsor" | "cro" as side]:
            return f"{_name(alliance, side)} answers clearly lower than usual"
        case ["part_sponsor" | "part_cro" as kind]:
            return f"fewer people at {_name(alliance, kind.removeprefix('part_'))} answer than usual"
        case ["silent_sponsor" | "silent_cro" as kind]:
            return f"nobody at {_name(alliance, kind.removeprefix('silent_'))} answers any more"
        case ["dim", dimension]:
            return f"{dimension}: lower than usual on both sides"
    return "something changed"


def since_when(since: date | None) -> str:
    return f"probably since the pulse of {day(since)}" if since else "since some time ago"


def acknowledged() -> Card:
    return Card("Noted: your side has seen it", (Text("It stays in the digest until the answers recover."),))


def unknown() -> Card:
    return Card(
        "This alert is not known here", (Text("It may have been resolved. “alerts” lists the newest."),)
    )


def _meaning(alarm: Alarm) -> str:
    if alarm.kind.startswith(("part_", "silent_")):
        return "Compared with how regularly the same people answered before, holidays left out."
    if alarm.kind == "blind_spot":
        return "Compared with how the other side answered the same question, two waves running."
    return (
        "Compared with what the same people usually answer to the same questions, over at least two rounds."
    )


def _evidence(alarm: Alarm, slots: Mapping[int, date]) -> str:
    parts = [since_when(slots.get(alarm.start_round))]
    if alarm.size is not None and not alarm.kind.startswith(("part_", "silent_", "blind_spot")):
        parts.append(_size(abs(alarm.size)))
    if alarm.dimensions:
        parts.append(f"most of it in {', '.join(alarm.dimensions)}")
    return "; ".join(parts)


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _size(points: float) -> str:
    """In words: a finer number would say more than the page does."""
    if points < 0.4:
        return "by less than half a step of the answer scale"
    if points < 0.8:
        return "by about half a step of the answer scale"
    return "by about a whole step of the answer scale, or more"


def _name(alliance: Alliance, side: str) -> str:
    return alliance.organisation(Side(side)).name
