"""The sandbox as a world: the real page over a real chat log, read and pressed as a browser without scripts does."""

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

from adapters.sandbox.cast import PEOPLE
from adapters.sandbox.chat_log import BOT
from adapters.sandbox.platform import Sandbox
from bot.model.alliance import Channel, Member, MessageRef, Place
from tests.adapters.sandbox.sandbox_site import CHANNEL, SandboxSite, open_site
from tests.contract.world import Fault, RecordingInbox, Shown, Skill, World

HERE = "channel:joint"
# Spoken of in this order: a sponsor's person first, a CRO's person last.
EVERYONE = tuple(
    person.member for person in sorted(PEOPLE, key=lambda person: person.company.badge, reverse=True)
)


@dataclass(frozen=True, slots=True)
class SandboxWorld:
    site: SandboxSite
    inbox: RecordingInbox
    platform: Sandbox
    channel: Channel = CHANNEL
    people: tuple[Member, ...] = EVERYONE
    can: frozenset[Skill] = frozenset({"edit", "delete", "form", "threads", "find", "direct"})

    async def messages(self, place: Place) -> list[Shown]:
        where = HERE if isinstance(place, Channel) else f"dm:{place.id}"
        reader = PEOPLE[0].id if isinstance(place, Channel) else place.id
        lines = await self._lines(reader, where)
        return [line.shown(where) for line in lines if "whispered" not in line.classes]

    async def press(self, who: Member, _place: Place, ref: MessageRef, label: str) -> None:
        lines = await self._lines(who.id, ref.address)
        line = next(entry for entry in lines if entry.id == f"m{ref.id}")
        value = next(
            value for shown, value in line.buttons if shown == label or shown.startswith(f"{label} ")
        )
        await self._post(who, "press", {"line": ref.id, "value": value, "in": ref.address})

    async def say(self, who: Member, text: str, thread: str | None = None) -> str:
        place = f"thread:{thread}:joint" if thread else HERE
        await self._post(who, "say", {"text": text, "nonce": uuid4().hex, "in": place})
        return (await self._lines(who.id, place))[-1].id.removeprefix("m")

    async def edit(self, who: Member, message: str, text: str) -> None:
        await self._post(who, "edit", {"line": message, "text": text})

    async def delete(self, who: Member, message: str) -> None:
        await self._post(who, "delete", {"line": message})

    async def echo(self, ref: MessageRef) -> None:
        """The log is the bot's own, and tells nobody; somebody on the page can only claim to be the bot."""
        for what in ("say", "edit", "delete"):
            fields = {"as": BOT, "in": HERE, "text": "Pulse of Tue 3 Nov", "line": ref.id}
            assert (await self.site.post(what, fields)).status == 400

    async def command(self, who: Member, text: str) -> None:
        await self._post(who, "say", {"text": f"@pulse {text}", "nonce": uuid4().hex})

    async def write(self, who: Member, text: str) -> None:
        await self._post(who, "say", {"text": text, "nonce": uuid4().hex, "in": f"dm:{who.id}"})

    async def private(self, who: Member) -> list[str]:
        lines = await self._lines(who.id, HERE)
        return [line.shown(HERE).text for line in lines if "whispered" in line.classes]

    async def send_form(self, who: Member, text: str, share: bool) -> None:
        lines = await self._lines(who.id, HERE)
        line, value = next(
            (entry, value) for entry in lines for _, value in entry.buttons if value.startswith(("c|", "w|"))
        )
        fields = {"line": line.id.removeprefix("m"), "value": value, "text": text}
        await self._post(who, "press", fields | ({"share": "on"} if share else {}))

    def fail_next(self, fault: Fault) -> None:
        raise AssertionError(f"the sandbox's own log cannot be made to fail: {fault}")

    async def _lines(self, who: str, place: str) -> list["_Line"]:
        response = await self.site.browser.get("/", params={"as": who, "in": place})
        assert response.status == 200
        reader = _Lines()
        reader.feed(await response.text())
        return reader.lines

    async def _post(self, who: Member, what: str, fields: dict[str, str]) -> None:
        response = await self.site.post(what, {"as": who.id, "in": HERE, **fields})
        assert response.status == 303, await response.text()


class _Line:
    """One message of the page: its words line by line, and its buttons as (label, value)."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.classes = ""
        self.words: list[str] = []
        self.buttons: list[tuple[str, str]] = []

    def shown(self, place: str) -> Shown:
        words = [re.sub(r"\s+", " ", text).strip() for text in self.words]
        ref = MessageRef(place, self.id.removeprefix("m"))
        return Shown(ref, "\n".join(filter(None, words)), tuple(label for label, _ in self.buttons))


class _Lines(HTMLParser):
    """The messages of a page; of each card what a reader sees of it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[_Line] = []
        self._in: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("class") == "slot":
            self.lines.append(_Line(given["id"]))
        elif tag == "article":
            self.lines[-1].classes = given["class"]
        elif tag == "form" and given.get("class") == "card":
            self._in = ["card"]
        elif self._in and tag == "button":
            self.lines[-1].buttons.append(("", given["value"]))
            self._in.append(tag)
        elif "button" not in self._in and self._in and tag not in ("input", "textarea"):
            self.lines[-1].words.append("")
            self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in = []
        elif self._in and tag == self._in[-1]:
            self._in.pop()

    def handle_data(self, data: str) -> None:
        if not self._in:
            return
        if self._in[-1] == "button":
            label, value = self.lines[-1].buttons[-1]
            self.lines[-1].buttons[-1] = (label + data, value)
        elif self._in[-1] != "card":
            self.lines[-1].words[-1] += data


@asynccontextmanager
async def sandbox_world() -> AsyncIterator[World]:
    inbox = RecordingInbox()
    with tempfile.TemporaryDirectory() as folder:
        async with open_site(Path(folder), inbox=inbox, now=lambda: datetime.now(UTC)) as chat:
            yield SandboxWorld(chat, inbox, chat.platform)
