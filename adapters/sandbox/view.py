"""Select what one person sees of the chat log in one place. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.sandbox.cast import Person
from adapters.sandbox.chat_log import Gone, Posted, Whispered, Words
from adapters.sandbox.log_cache import Entry
from adapters.sandbox.places import Spot, private_place
from bot.model.alliance import Channel
from bot.model.cards import Action, Block, Card, Choices

NEWEST = 200
"""Lines of a place that the page shows; older ones stay in the log."""
THREADS = 5
"""Threads listed beside the messages."""


@dataclass(frozen=True, slots=True)
class Room:
    """Hold a channel of the sandbox as the page shows it; `zone` is an IANA name."""

    channel: Channel
    title: str
    topic: str
    zone: str

    @property
    def spot(self) -> Spot:
        return Spot("channel", self.channel.address)


@dataclass(frozen=True, slots=True)
class ShownLine:
    """Hold a line of the page; `nested` lines belong to the line above."""

    entry: Entry
    replies: int = 0
    nested: bool = False
    card: Card | None = None
    """The bot's card with the reader's own answers marked."""


@dataclass(frozen=True, slots=True)
class Link:
    """Hold an entry of the list of places, with the number of unread lines."""

    spot: Spot
    title: str
    unread: int
    here: bool


Seen = Mapping[tuple[str, str], int]
"""(person, place) → id of the newest line that the person was shown there."""


def list_lines(entries: Sequence[Entry], who: Person, where: Spot) -> list[ShownLine]:
    """Return the lines of a place for one person, in order; private lines follow the line that they belong to."""
    replies = Counter(entry.place for entry in entries if not isinstance(entry.body, Gone))
    mine = [
        entry
        for entry in entries
        if entry.place == private_place(who.id) and isinstance(entry.body, Whispered)
    ]
    top = [entry for entry in entries if entry.place == where.place or entry.id == where.root]
    free = [entry for entry in mine if _find_parent(entry) is None and _find_place(entry) == where.place]
    lines: list[ShownLine] = []
    for entry in sorted([*top, *free], key=lambda entry: entry.id)[-NEWEST:]:
        thread = Spot("thread", where.of, entry.id).place
        below = [whisper for whisper in mine if _find_parent(whisper) == entry.id]
        answers = frozenset().union(*(_find_chosen(_find_card(whisper)) for whisper in below))
        lines.append(ShownLine(entry, replies[thread], card=_mark_answers(_find_card(entry), answers)))
        lines.extend(ShownLine(whisper, nested=True, card=_find_card(whisper)) for whisper in below)
    return lines


def list_links(
    entries: Sequence[Entry], who: Person, here: Spot, rooms: Iterable[Room], seen: Seen
) -> list[Link]:
    """Return the places that the person can open: channels, their newest threads, and direct messages."""
    places = {entry.place for entry in entries}
    found: list[Link] = []
    for room in rooms:
        found.append(_build_link(entries, who, here, room.spot, f"# {room.channel.address}", seen))
        roots = [entry for entry in entries if entry.place == room.spot.place]
        threads = [(Spot("thread", room.channel.address, root.id), root) for root in roots]
        alive = [pair for pair in threads if pair[0].place in places or pair[0] == here][-THREADS:]
        found.extend(_build_link(entries, who, here, spot, make_excerpt(root), seen) for spot, root in alive)
    found.append(_build_link(entries, who, here, Spot("dm", who.id), "Pulse", seen))
    return found


def find_newest_line(entries: Iterable[Entry], where: Spot) -> int:
    """Return the id of the newest line there; 0 if there is none."""
    return max((entry.id for entry in entries if entry.place == where.place), default=0)


def make_excerpt(entry: Entry) -> str:
    """Return a thread's title of at most 40 characters; a card gives its heading without the alliance's name."""
    match entry.body:
        case Words(text):
            words = " ".join(text.split())
        case Posted(card) | Whispered(card):
            words = card.heading.rpartition(": ")[2]
        case Gone():
            words = "Deleted message"
    return words if len(words) <= 40 else f"{words[:39]}…"


def may_read_line(entry: Entry, who: Person) -> bool:
    """Return False for another person's private lines and direct messages."""
    kind, _, of = entry.place.partition(":")
    return of == who.id if kind in ("private", "dm") else True


def _build_link(
    entries: Sequence[Entry], who: Person, here: Spot, spot: Spot, title: str, seen: Seen
) -> Link:
    last = seen.get((who.id, spot.place), 0)
    new = [
        entry for entry in entries if entry.place == spot.place and entry.id > last and entry.author != who.id
    ]
    unread = sum(not isinstance(entry.body, Gone) for entry in new)
    return Link(spot, title, 0 if spot == here else unread, spot == here)


def _find_card(entry: Entry) -> Card | None:
    return entry.body.card if isinstance(entry.body, Posted | Whispered) else None


def _find_chosen(card: Card | None) -> frozenset[Action]:
    scales = (block for block in card.blocks if isinstance(block, Choices)) if card else ()
    return frozenset(
        option.action for scale in scales for option in scale.options if option.style == "chosen"
    )


def _mark_answers(card: Card | None, answers: frozenset[Action]) -> Card | None:
    if card is None or not answers:
        return card
    return replace(card, blocks=tuple(_mark_block(block, answers) for block in card.blocks))


def _mark_block(block: Block, answers: frozenset[Action]) -> Block:
    if not isinstance(block, Choices):
        return block
    options = (
        replace(option, style="chosen") if option.action in answers else option for option in block.options
    )
    return replace(block, options=tuple(options))


def _find_parent(entry: Entry) -> int | None:
    return entry.body.under if isinstance(entry.body, Whispered) else None


def _find_place(entry: Entry) -> str | None:
    return entry.body.where if isinstance(entry.body, Whispered) else None
