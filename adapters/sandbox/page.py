"""The page and its parts, for one person in one place. Pure: the log and the clock are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from adapters.sandbox import view
from adapters.sandbox.cast import PEOPLE, Company, Person, person
from adapters.sandbox.chat_log import BOT
from adapters.sandbox.demo_clock import WEEKS, Face
from adapters.sandbox.log_cache import Entry
from adapters.sandbox.places import Spot
from adapters.sandbox.render import Fragment, render
from adapters.sandbox.view import Room, Seen, Shown


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks at what, and everything there is to be seen."""

    who: Person
    here: Spot
    rooms: Sequence[Room]
    entries: Sequence[Entry]
    seen: Seen
    clock: Face | None
    """None where the bot keeps real time."""

    @property
    def zone(self) -> str:
        of_here = [room.zone for room in self.rooms if room.channel.address == self.here.of]
        return next(iter([*of_here, *(room.zone for room in self.rooms)]), "UTC")


@dataclass(frozen=True, slots=True)
class Parts:
    """What live updates replace."""

    messages: tuple[Fragment, ...]
    places: Fragment
    clock: Fragment | None
    status: str
    """What a screen reader is told besides the messages."""


def parts(sight: Sight) -> Parts:
    lines = view.shown(sight.entries, sight.who, sight.here)
    links = view.links(sight.entries, sight.who, sight.here, sight.rooms, sight.seen)
    return Parts(
        tuple(_message(one, sight) for one in lines),
        Fragment("places", render("places.html", {"who": sight.who, "links": links})),
        _clock(sight),
        sight.clock.status if sight.clock else "",
    )


def page(sight: Sight, nonce: str) -> str:
    """The whole page; `nonce` makes sending the same form twice send its message once."""
    now = parts(sight)
    values = {
        "who": sight.who,
        "here": sight.here,
        "companies": companies(),
        "messages": now.messages,
        "places": now.places,
        "clock": now.clock,
        "nonce": nonce,
        "weeks": WEEKS,
    }
    return render("page.html", values | _words(sight))


def welcome() -> str:
    return render("welcome.html", {"companies": companies()})


def problem(message: str, action: str, fields: dict[str, str]) -> str:
    """A refusal for readers without scripts; what they wrote stays in its box."""
    return render("problem.html", {"message": message, "action": action, "fields": fields})


def companies() -> list[tuple[Company, list[Person]]]:
    return [(company, list(people)) for company, people in groupby(PEOPLE, key=lambda one: one.company)]


def moment(at: datetime, zone: str) -> str:
    """Tue 24 Nov, 09:00, in that zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def _message(one: Shown, sight: Sight) -> Fragment:
    values = {
        "one": one,
        "author": person(one.entry.author),
        "bot": BOT,
        "who": sight.who,
        "here": sight.here,
        "when": moment(one.entry.at, sight.zone),
    }
    return Fragment(f"m{one.entry.id}", render("message.html", values))


def _clock(sight: Sight) -> Fragment | None:
    if sight.clock is None:
        return None
    local = sight.clock.now.astimezone(ZoneInfo(sight.zone))
    values = {
        "who": sight.who,
        "here": sight.here,
        "at": local,
        "day": f"{local:%A} {local.day} {local:%B %Y}",
        "zone": sight.zone,
        "progress": sight.clock.progress,
        "note": sight.clock.note,
        "weeks": WEEKS,
    }
    return Fragment("clock", render("clock.html", values))


def _words(sight: Sight) -> dict[str, str]:
    here = sight.here
    commands = "Commands: /pulse help, or mention @pulse. Enter sends, Shift+Enter starts a new line."
    match here.kind:
        case "dm":
            return {
                "title": "Pulse",
                "topic": "Direct messages: only you and the bot read them.",
                "empty": "Nothing here yet. Say “help”.",
                "prompt": "Message Pulse",
                "hint": "Try “score” or “help”. Enter sends, Shift+Enter starts a new line.",
            }
        case "thread":
            return {
                "title": f"Thread in # {here.of}",
                "topic": "",
                "empty": "",
                "prompt": "Reply in this thread",
                "hint": commands,
            }
    room = next((room for room in sight.rooms if room.spot == here), None)
    return {
        "title": f"# {here.of}",
        "topic": ": ".join(filter(None, (room.title, room.topic))) if room else "",
        "empty": "Nothing has been asked yet. The first pulse appears here by itself.",
        "prompt": f"Message everyone in # {here.of}",
        "hint": commands,
    }
