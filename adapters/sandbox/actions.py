"""Carry out what a person does in the chat: write it to the log, tell the inbox, and show the bot's reply."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from adapters.sandbox import parse
from adapters.sandbox.cast import Person
from adapters.sandbox.chat_log import BOT, ChatLog, Gone, Posted, Whispered, Words, to_json
from adapters.sandbox.log_cache import Entry, Transcript
from adapters.sandbox.places import Spot, private_place
from adapters.sandbox.view import Room, may_read_line
from adapters.shared.rejection import Refusal
from bot.model.alliance import Channel
from bot.model.cards import Card
from bot.model.events import Commanded, Deleted, Edited, Said
from bot.ports import Inbox, Now
from bot.wording.question import conceal_answers

ListRooms = Callable[[], Awaitable[Sequence[Room]]]
"""Returns the channels of the sandbox that alliances declare."""


@dataclass(frozen=True, slots=True)
class ChatServices:
    """Hold what every action needs.

    Actions raise Refusal for bad input, and StoreUnavailable when nothing was saved. Repeating the action after either
    completes it.
    """

    inbox: Inbox
    log: ChatLog
    transcript: Transcript
    now: Now
    rooms: ListRooms


async def send_text(chat: ChatServices, who: Person, where: Spot, text: str, nonce: str) -> None:
    """Send a message or a command; the same nonce and text twice give one message."""
    channel = await find_channel(chat, where)
    command = parse.find_command(text, direct=where.kind == "dm")
    if parse.is_slash(text) and where.kind != "dm":
        card = await _run_command(chat, who, channel, command or "")
        reply = Whispered(card, where.place, command=text)
        await _add_private_line(chat, who, reply, f"slash:{_build_key(who, nonce, text)}")
        return
    key = f"said:{_build_key(who, nonce, text)}"
    line = await chat.log.append(where.place, who.id, to_json(Words(text)), chat.now(), key)
    if command is None and channel:
        await chat.inbox.take(_build_said(chat, who, where, channel, line, text))
    elif where.kind == "dm":
        card = await _run_command(chat, who, None, command or "")
        await chat.log.append(
            where.place, BOT, to_json(Posted(conceal_answers(card))), chat.now(), f"reply:{line}"
        )
    else:
        card = await _run_command(chat, who, channel, command or "")
        await _add_private_line(chat, who, Whispered(card, where.place, line), f"reply:{line}")


async def press_button(
    chat: ChatServices, who: Person, where: Spot, line: int, fields: Mapping[str, str]
) -> int | None:
    """Press a button under a line; return the id of the private line that replies, or None."""
    channel = await find_channel(chat, where)
    action = parse.read_action(fields)
    pressed = await _find_line(chat, who, line)
    card = await chat.inbox.take(parse.to_event(action, fields, who, channel, chat.now()))
    if card is None:
        return None
    body = pressed.body
    root = body.under or line if isinstance(body, Whispered) else line
    about = parse.name_subject(action)
    if isinstance(body, Whispered) and body.card.is_form:
        older: int | None = line
        about = body.about
    else:
        older = await _find_older_line(chat, who, root, about)
    reply = Whispered(card, where.place, root, about)
    if older is None:
        return await _add_private_line(chat, who, reply, None)
    await chat.log.replace(older, to_json(reply))
    return older


async def edit_message(chat: ChatServices, who: Person, where: Spot, line: int, text: str) -> None:
    """Replace the text of the person's own message and tell the inbox."""
    channel, entry = await _find_own_line(chat, who, where, line)
    await chat.log.replace(line, to_json(Words(text, edited=True)))
    said = _build_said(chat, who, where, channel, entry.id, text)
    await chat.inbox.take(
        Edited(by=said.by, at=said.at, channel=channel, message=said.message, thread=said.thread, text=text)
    )


async def delete_message(chat: ChatServices, who: Person, where: Spot, line: int) -> None:
    """Tell the inbox that the person deleted their own message, then drop its words from the log."""
    channel, _ = await _find_own_line(chat, who, where, line)
    await chat.inbox.take(Deleted(at=chat.now(), channel=channel, message=str(line)))
    await chat.log.replace(line, to_json(Gone()))


async def find_channel(chat: ChatServices, where: Spot) -> Channel | None:
    """Return the channel of a place, None for direct messages. Raises Refusal if the place does not exist."""
    if where.kind == "dm":
        return None
    room = next((room for room in await chat.rooms() if room.channel.address == where.of), None)
    if room is None:
        raise Refusal(404, "There is no such channel. Perhaps it is not declared yet, or no longer.")
    if where.kind == "thread":
        entries = await chat.transcript.read_entries()
        if not any(entry.id == where.root and entry.place == room.spot.place for entry in entries):
            raise Refusal(404, "There is no such thread.")
    return room.channel


async def _run_command(chat: ChatServices, who: Person, channel: Channel | None, text: str) -> Card:
    event = Commanded(by=who.member, at=chat.now(), channel=channel, text=text)
    return await chat.inbox.take(event) or Card("Done")


def _build_said(chat: ChatServices, who: Person, where: Spot, channel: Channel, line: int, text: str) -> Said:
    thread = str(where.root) if where.kind == "thread" and where.root != line else None
    return Said(by=who.member, at=chat.now(), channel=channel, message=str(line), thread=thread, text=text)


async def _add_private_line(chat: ChatServices, who: Person, body: Whispered, key: str | None) -> int:
    return await chat.log.append(private_place(who.id), BOT, to_json(body), chat.now(), key)


async def _find_older_line(chat: ChatServices, who: Person, root: int, about: str) -> int | None:
    """Return the id of the person's private line below `root` on the same subject."""
    for entry in await chat.transcript.read_entries():
        body = entry.body
        if (
            entry.place == private_place(who.id)
            and isinstance(body, Whispered)
            and (body.under, body.about) == (root, about)
        ):
            return entry.id
    return None


async def _find_line(chat: ChatServices, who: Person, line: int) -> Entry:
    entries = await chat.transcript.read_entries()
    found = next((entry for entry in entries if entry.id == line and may_read_line(entry, who)), None)
    if found is None:
        raise Refusal(404, "That message is no longer there. Please reload the page.")
    return found


async def _find_own_line(chat: ChatServices, who: Person, where: Spot, line: int) -> tuple[Channel, Entry]:
    entry = await _find_line(chat, who, line)
    channel = await find_channel(chat, where)
    if channel is None or entry.place not in (where.place, Spot("channel", where.of).place):
        raise Refusal(404, "That message is not in this place.")
    if entry.author != who.id or not isinstance(entry.body, Words):
        raise Refusal(403, "Only the author of a message can edit or delete it.")
    return channel, entry


def _build_key(who: Person, nonce: str, text: str) -> str:
    return blake2b(f"{who.id}\n{nonce}\n{text}".encode(), digest_size=12).hexdigest()
