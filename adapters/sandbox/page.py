"""Render the page and its parts for one person in one place. Pure: log and clock are parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from adapters.sandbox import view
from adapters.sandbox.cast import PEOPLE, Company, Person, find_person
from adapters.sandbox.chat_log import BOT
from adapters.sandbox.demo_clock import WEEKS, ClockFace
from adapters.sandbox.log_cache import Entry
from adapters.sandbox.places import Spot
from adapters.sandbox.render import Fragment, render_template
from adapters.sandbox.view import Room, Seen, ShownLine


@dataclass(frozen=True, slots=True)
class PageContext:
    """Hold the reader, the open place, and all data that the page shows."""

    who: Person
    here: Spot
    rooms: Sequence[Room]
    entries: Sequence[Entry]
    seen: Seen
    clock: ClockFace | None
    """None where the bot keeps real time."""

    @property
    def zone(self) -> str:
        of_here = [room.zone for room in self.rooms if room.channel.address == self.here.of]
        return next(iter([*of_here, *(room.zone for room in self.rooms)]), "UTC")


@dataclass(frozen=True, slots=True)
class PageParts:
    """Hold the parts of the page that live updates replace."""

    messages: tuple[Fragment, ...]
    places: Fragment
    clock: Fragment | None
    status: str
    """Text for screen readers besides the messages."""


def render_parts(context: PageContext) -> PageParts:
    """Return the messages, the list of places and the clock as HTML."""
    lines = view.list_lines(context.entries, context.who, context.here)
    links = view.list_links(context.entries, context.who, context.here, context.rooms, context.seen)
    return PageParts(
        tuple(_render_message(line, context) for line in lines),
        Fragment("places", render_template("places.html", {"who": context.who, "links": links})),
        _render_clock(context),
        context.clock.status if context.clock else "",
    )


def render_page(context: PageContext, nonce: str) -> str:
    """Return the whole page; with its `nonce`, a form that is sent twice gives one message."""
    now = render_parts(context)
    values = {
        "who": context.who,
        "here": context.here,
        "companies": list_companies(),
        "messages": now.messages,
        "places": now.places,
        "clock": now.clock,
        "nonce": nonce,
        "weeks": WEEKS,
    }
    return render_template("page.html", values | _choose_words(context))


def render_welcome() -> str:
    """Return the page on which the reader chooses a person."""
    return render_template("welcome.html", {"companies": list_companies()})


def render_problem(message: str, action: str, fields: dict[str, str]) -> str:
    """Return a page with a refusal for readers without scripts; their text stays in its box."""
    return render_template("problem.html", {"message": message, "action": action, "fields": fields})


def list_companies() -> list[tuple[Company, list[Person]]]:
    return [(company, list(people)) for company, people in groupby(PEOPLE, key=lambda person: person.company)]


def format_local_time(at: datetime, zone: str) -> str:
    """Return a time such as “Tue 24 Nov, 09:00” in that zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def _render_message(line: ShownLine, context: PageContext) -> Fragment:
    values = {
        "line": line,
        "author": find_person(line.entry.author),
        "bot": BOT,
        "who": context.who,
        "here": context.here,
        "when": format_local_time(line.entry.at, context.zone),
    }
    return Fragment(f"m{line.entry.id}", render_template("message.html", values))


def _render_clock(context: PageContext) -> Fragment | None:
    if context.clock is None:
        return None
    local = context.clock.now.astimezone(ZoneInfo(context.zone))
    values = {
        "who": context.who,
        "here": context.here,
        "at": local,
        "day": f"{local:%A} {local.day} {local:%B %Y}",
        "zone": context.zone,
        "progress": context.clock.progress,
        "note": context.clock.note,
        "weeks": WEEKS,
    }
    return Fragment("clock", render_template("clock.html", values))


def _choose_words(context: PageContext) -> dict[str, str]:
    here = context.here
    commands = "Commands: /pulse help, or mention @pulse. Enter sends, Shift+Enter starts a new line."
    match here.kind:
        case "dm":
            return {
                "title": "Pulse",
                "topic": "Direct messages: only you and the bot can read them.",
                "empty": "Nothing here yet. Type “help”.",
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
    room = next((room for room in context.rooms if room.spot == here), None)
    return {
        "title": f"# {here.of}",
        "topic": ": ".join(filter(None, (room.title, room.topic))) if room else "",
        "empty": "No questions yet. The first pulse will appear here by itself.",
        "prompt": f"Message everyone in # {here.of}",
        "hint": commands,
    }
