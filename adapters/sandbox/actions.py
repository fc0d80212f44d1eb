"""What a person does in the chat: the log keeps it, the inbox hears of it, and the bot's reply is shown."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from adapters.sandbox import parse
from adapters.sandbox.cast import Person
from adapters.sandbox.chat_log import BOT, Gone, Log, Posted, Whispered, Words, to_json
from adapters.sandbox.log_cache import Entry, Transcript
from adapters.sandbox.places import Spot, private
from adapters.sandbox.view import Room, may_see
from adapters.shared.rejection import Refusal
from bot.model.alliance import Channel
from bot.model.cards import Card
from bot.model.events import Commanded, Deleted, Edited, Said
from bot.ports import Inbox, Now

Rooms = Callable[[], Awaitable[Sequence[Room]]]
"""The channels of the sandbox that alliances have declared."""


@dataclass(frozen=True, slots=True)
class Chat:
    """What every act needs. Acts raise Refusal for bad input and StoreUnavailable when nothing was kept;
    both leave the log so that doing the same again completes it."""

    inbox: Inbox
    log: Log
    transcript: Transcript
    now: Now
    rooms: Rooms


async def say(chat: Chat, who: Person, where: Spot, text: str, nonce: str) -> None:
    """Write a message, or give a command; the same nonce and text twice is one message."""
    channel = await channel_of(chat, where)
    command = parse.command(text, direct=where.kind == "dm")
    if parse.is_slash(text) and where.kind != "dm":
        card = await _command(chat, who, channel, command or "")
        reply = Whispered(card, where.place, command=text)
        await _whisper(chat, who, reply, f"slash:{_key(who, nonce, text)}")
        return
    key = f"said:{_key(who, nonce, text)}"
    line = await chat.log.append(where.place, who.id, to_json(Words(text)), chat.now(), key)
    if command is None and channel:
        await chat.inbox.take(_said(chat, who, where, channel, line, text))
    elif where.kind == "dm":
        card = await _command(chat, who, None, command or "")
        await chat.log.append(where.place, BOT, to_json(Posted(card)), chat.now(), f"reply:{line}")
    else:
        card = await _command(chat, who, channel, command or "")
        await _whisper(chat, who, Whispered(card, where.place, line), f"reply:{line}")


async def press(chat: Chat, who: Person, where: Spot, line: int, fields: Mapping[str, str]) -> int | None:
    """Press a button under a line; the id of the private line that answers, if one does."""
    channel = await channel_of(chat, where)
    action = parse.action(fields)
    pressed = await _line(chat, who, line)
    card = await chat.inbox.take(parse.pressed(action, fields, who, channel, chat.now()))
    if card is None:
        return None
    body = pressed.body
    root = body.under or line if isinstance(body, Whispered) else line
    about = parse.subject(action)
    if isinstance(body, Whispered) and body.card.is_form:
        older: int | None = line
        about = body.about
    else:
        older = await _older(chat, who, root, about)
    reply = Whispered(card, where.place, root, about)
    if older is None:
        return await _whisper(chat, who, reply, None)
    await chat.log.replace(older, to_json(reply))
    return older


async def edit(chat: Chat, who: Person, where: Spot, line: int, text: str) -> None:
    channel, entry = await _own(chat, who, where, line)
    await chat.log.replace(line, to_json(Words(text, edited=True)))
    said = _said(chat, who, where, channel, entry.id, text)
    await chat.inbox.take(
        Edited(by=said.by, at=said.at, channel=channel, message=said.message, thread=said.thread, text=text)
    )


async def delete(chat: Chat, who: Person, where: Spot, line: int) -> None:
    channel, _ = await _own(chat, who, where, line)
    await chat.inbox.take(Deleted(at=chat.now(), channel=channel, message=str(line)))
    await chat.log.replace(line, to_json(Gone()))


async def channel_of(chat: Chat, where: Spot) -> Channel | None:
    """The channel that a place belongs to, None for direct messages. Raises Refusal for a place that is not."""
    if where.kind == "dm":
        return None
    room = next((room for room in await chat.rooms() if room.channel.address == where.of), None)
    if room is None:
        raise Refusal(404, "There is no such channel. It may not be declared yet, or not any more.")
    if where.kind == "thread":
        entries = await chat.transcript.entries()
        if not any(one.id == where.root and one.place == room.spot.place for one in entries):
            raise Refusal(404, "There is no such thread.")
    return room.channel


async def _command(chat: Chat, who: Person, channel: Channel | None, text: str) -> Card:
    event = Commanded(by=who.member, at=chat.now(), channel=channel, text=text)
    return await chat.inbox.take(event) or Card("Done")


def _said(chat: Chat, who: Person, where: Spot, channel: Channel, line: int, text: str) -> Said:
    thread = str(where.root) if where.kind == "thread" and where.root != line else None
    return Said(by=who.member, at=chat.now(), channel=channel, message=str(line), thread=thread, text=text)


async def _whisper(chat: Chat, who: Person, body: Whispered, key: str | None) -> int:
    return await chat.log.append(private(who.id), BOT, to_json(body), chat.now(), key)


async def _older(chat: Chat, who: Person, root: int, about: str) -> int | None:
    """The private line below `root` about the same thing."""
    for one in await chat.transcript.entries():
        body = one.body
        if (
            one.place == private(who.id)
            and isinstance(body, Whispered)
            and (body.under, body.about) == (root, about)
        ):
            return one.id
    return None


async def _line(chat: Chat, who: Person, line: int) -> Entry:
    entries = await chat.transcript.entries()
    found = next((one for one in entries if one.id == line and may_see(one, who)), None)
    if found is None:
        raise Refusal(404, "That message is not there any more. Reload the page.")
    return found


async def _own(chat: Chat, who: Person, where: Spot, line: int) -> tuple[Channel, Entry]:
    entry = await _line(chat, who, line)
    channel = await channel_of(chat, where)
    if channel is None or entry.place not in (where.place, Spot("channel", where.of).place):
        raise Refusal(404, "That message is not in this place.")
    if entry.author != who.id or not isinstance(entry.body, Words):
        raise Refusal(403, "Only its author can change or delete a message.")
    return channel, entry


def _key(who: Person, nonce: str, text: str) -> str:
    return blake2b(f"{who.id}\n{nonce}\n{text}".encode(), digest_size=12).hexdigest()
