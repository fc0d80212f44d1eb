"""Toychat as a world of the contract suite."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from bot.model.alliance import Channel, Member, MessageRef, Place
from tests.contract.toy.adapter import NAME, ToyPlatform, Webhook, to_member, to_place
from tests.contract.toy.far import PEOPLE, TOKEN, FarToy, serve_toychat
from tests.contract.world import Fault, RecordingInbox, Shown, Skill, World

CHANNEL = Channel(NAME, "toy", "#joint")


@dataclass(slots=True)
class ToyWorld:
    far: FarToy
    platform: ToyPlatform
    inbox: RecordingInbox
    channel: Channel = CHANNEL
    people: tuple[Member, ...] = tuple(to_member(person) for person in PEOPLE)
    can: frozenset[Skill] = frozenset({"edit", "delete", "form", "fail", "threads", "find"})
    said: int = 0

    async def messages(self, place: Place) -> list[Shown]:
        here = [message for message in self.far.messages if message["place"] == to_place(place)["place"]]
        return [
            Shown(
                MessageRef(message["place"], message["id"]),
                message["text"],
                tuple(button["label"] for button in message["buttons"]),
            )
            for message in here
        ]

    async def press(self, who: Member, place: Place, ref: MessageRef, label: str, /) -> None:
        (message,) = [message for message in self.far.messages if message["id"] == ref.id]
        value = next(b["value"] for b in message["buttons"] if f"{b['label']} ".startswith(f"{label} "))
        channel = place.address if isinstance(place, Channel) else ""
        await self.far.tell(who.id, {"type": "pressed", "value": value, "channel": channel})

    async def say(self, who: Member, text: str, thread: str | None = None) -> str:
        self.said += 1
        await self._say(who, {"type": "said", "id": f"m{self.said}", "thread": thread, "text": text})
        return f"m{self.said}"

    async def edit(self, who: Member, message: str, text: str) -> None:
        await self._say(who, {"type": "edited", "id": message, "text": text})

    async def delete(self, who: Member, message: str) -> None:
        await self._say(who, {"type": "deleted", "id": message})

    async def echo(self, ref: MessageRef) -> None:
        await self.far.echo(ref.id)

    async def command(self, who: Member, text: str) -> None:
        await self._say(who, {"type": "commanded", "text": text})

    async def write(self, who: Member, text: str) -> None:
        await self.command(who, text)

    async def private(self, who: Member) -> list[str]:
        return [card["text"] for card in self.far.private.get(who.id, [])]

    async def send_form(self, who: Member, text: str, share: bool) -> None:
        (send,) = self.far.private[who.id][-1]["buttons"]
        await self._say(who, {"type": "pressed", "value": send["value"], "text": text, "share": share})

    def fail_next(self, fault: Fault) -> None:
        self.far.fault = fault

    async def _say(self, who: Member, event: dict[str, object]) -> None:
        await self.far.tell(who.id, {"channel": self.channel.address, **event})


@asynccontextmanager
async def toy_world() -> AsyncIterator[World]:
    inbox = RecordingInbox()
    app = web.Application()
    app.add_routes([web.post("/toy/events", Webhook(inbox, TOKEN).take_event)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with serve_toychat() as far, aiohttp.ClientSession() as session:
            far.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield ToyWorld(far, ToyPlatform(session, far.url, TOKEN), inbox)
    finally:
        await runner.cleanup()
