"""What leads are told when alignment drops: in words, with since when, and what to do next."""

from datetime import date

from bot.cards import Card, Choice, Choices, Facts, RunCommand, Text
from bot.ledger import Alarm, MoodLine, alarm_id
from bot.model import Alliance, Side
from bot.wording.moments import day

_NEXT = (
    "Talk to your counterpart before you talk about numbers: ask what changed around that time, agree on one "
    "thing to do, and tell the channel what you heard and did."
)


def raised(alliance: Alliance, alarm: Alarm, since: date | None, mood: MoodLine | None) -> Card:
    """One alert for one lead."""
    still = "Still: " if alarm.reminder else ""
    return Card(
        f"{alliance.name}: {still}{headline(alliance, alarm)}",
        (
            Text(_meaning(alarm)),
            Facts(_evidence(alarm, since, mood)),
            Text(_NEXT),
            Choices(
                (
                    Choice(
                        "I have seen it", RunCommand(f"ack {alarm_id(alliance.key, alarm)} {alliance.key}")
                    ),
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


def _evidence(alarm: Alarm, since: date | None, mood: MoodLine | None) -> tuple[tuple[str, str], ...]:
    rows = [("Began", since_when(since))]
    if alarm.size is not None and not alarm.kind.startswith(("part_", "silent_", "blind_spot")):
        rows.append(("How much", _size(abs(alarm.size))))
    if alarm.dimensions:
        rows.append(("Most of it in", ", ".join(alarm.dimensions)))
    if mood and mood.word:
        rows.append(("Thread messages of your side", mood.word))
    return tuple(rows)


def _size(points: float) -> str:
    """In words: a finer number would say more than the page does."""
    if points < 0.4:
        return "a little: less than half a step on the answer scale"
    if points < 0.8:
        return "clearly: about half a step on the answer scale"
    return "strongly: about a whole step on the answer scale, or more"


def _name(alliance: Alliance, side: str) -> str:
    return alliance.organisation(Side(side)).name
