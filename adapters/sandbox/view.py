"""What one person sees of the chat log in one place. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.sandbox.cast import Person
from adapters.sandbox.chat_log import Gone, Posted, Whispered, Words
from adapters.sandbox.log_cache import Entry
from adapters.sandbox.places import Spot, private
from bot.model.alliance import Channel
from bot.model.cards import Action, Block, Card, Choices

NEWEST = 200
"""Lines shown of one place; older ones stay in the log."""
THREADS = 5
"""Threads listed beside the messages."""


@dataclass(frozen=True, slots=True)
class Room:
    """A channel of the sandbox as the page shows it; `zone` is an IANA name."""

    channel: Channel
    title: str
    topic: str
    zone: str

    @property
    def spot(self) -> Spot:
        return Spot("channel", self.channel.address)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line in its place; `nested` lines belong to the one above."""

    entry: Entry
    replies: int = 0
    nested: bool = False
    card: Card | None = None
    """What the bot shows here, with the reader's own answers marked."""


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the list, with how many lines there are new to the reader."""

    spot: Spot
    title: str
    unread: int
    here: bool


Seen = Mapping[tuple[str, str], int]
"""(person, place) to the id of the newest line that was shown there."""


def shown(entries: Sequence[Entry], who: Person, where: Spot) -> list[Shown]:
    """The lines of `where` for `who`, in order, private ones below the line they belong to."""
    replies = Counter(one.place for one in entries if not isinstance(one.body, Gone))
    mine = [one for one in entries if one.place == private(who.id) and isinstance(one.body, Whispered)]
    top = [one for one in entries if one.place == where.place or one.id == where.root]
    free = [one for one in mine if _under(one) is None and _where(one) == where.place]
    lines: list[Shown] = []
    for one in sorted([*top, *free], key=lambda one: one.id)[-NEWEST:]:
        thread = Spot("thread", where.of, one.id).place
        below = [whisper for whisper in mine if _under(whisper) == one.id]
        answers = frozenset().union(*(_chosen(_card(whisper)) for whisper in below))
        lines.append(Shown(one, replies[thread], card=_marked(_card(one), answers)))
        lines.extend(Shown(whisper, nested=True, card=_card(whisper)) for whisper in below)
    return lines


def links(entries: Sequence[Entry], who: Person, here: Spot, rooms: Iterable[Room], seen: Seen) -> list[Link]:
    """The places this person can open: channels, their newest threads, and the bot."""
    places = {one.place for one in entries}
    found: list[Link] = []
    for room in rooms:
        found.append(_link(entries, who, here, room.spot, f"# {room.channel.address}", seen))
        roots = [one for one in entries if one.place == room.spot.place]
        threads = [(Spot("thread", room.channel.address, one.id), one) for one in roots]
        alive = [pair for pair in threads if pair[0].place in places or pair[0] == here][-THREADS:]
        found.extend(_link(entries, who, here, spot, excerpt(root), seen) for spot, root in alive)
    found.append(_link(entries, who, here, Spot("dm", who.id), "Pulse", seen))
    return found


def newest(entries: Iterable[Entry], where: Spot) -> int:
    """Id of the newest line there; 0 if there is none."""
    return max((one.id for one in entries if one.place == where.place), default=0)


def excerpt(entry: Entry) -> str:
    """A few words to know a thread by: of a card, its heading without the alliance's name."""
    match entry.body:
        case Words(text):
            words = " ".join(text.split())
        case Posted(card) | Whispered(card):
            words = card.heading.rpartition(": ")[2]
        case Gone():
            words = "Deleted message"
    return words if len(words) <= 40 else f"{words[:39]}…"


def may_see(entry: Entry, who: Person) -> bool:
    """Private lines and direct messages are seen by one person."""
    kind, _, of = entry.place.partition(":")
    return of == who.id if kind in ("private", "dm") else True


def _link(entries: Sequence[Entry], who: Person, here: Spot, spot: Spot, title: str, seen: Seen) -> Link:
    last = seen.get((who.id, spot.place), 0)
    new = [one for one in entries if one.place == spot.place and one.id > last and one.author != who.id]
    unread = sum(not isinstance(one.body, Gone) for one in new)
    return Link(spot, title, 0 if spot == here else unread, spot == here)


def _card(entry: Entry) -> Card | None:
    return entry.body.card if isinstance(entry.body, Posted | Whispered) else None


def _chosen(card: Card | None) -> frozenset[Action]:
    scales = (block for block in card.blocks if isinstance(block, Choices)) if card else ()
    return frozenset(
        option.action for scale in scales for option in scale.options if option.style == "chosen"
    )


def _marked(card: Card | None, answers: frozenset[Action]) -> Card | None:
    if card is None or not answers:
        return card
    return replace(card, blocks=tuple(_with_answers(block, answers) for block in card.blocks))


def _with_answers(block: Block, answers: frozenset[Action]) -> Block:
    if not isinstance(block, Choices):
        return block
    options = (replace(one, style="chosen") if one.action in answers else one for one in block.options)
    return replace(block, options=tuple(options))


def _under(entry: Entry) -> int | None:
    return entry.body.under if isinstance(entry.body, Whispered) else None


def _where(entry: Entry) -> str | None:
    return entry.body.where if isinstance(entry.body, Whispered) else None
