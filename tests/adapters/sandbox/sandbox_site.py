"""The sandbox's page on loopback over a real store, and a browser without scripts to use it."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

import storage
from adapters.sandbox.clock_port import ClockControls
from adapters.sandbox.platform import Sandbox
from adapters.sandbox.view import Room
from adapters.sandbox.webhook import SandboxWebhook
from bot.entrypoints.deduplicate import Once
from bot.entrypoints.inbox import PulseInbox
from bot.entrypoints.ticker import Ticker
from bot.model.alliance import Alliance, Channel, Member, Organisation, Pulse
from bot.mood import read
from bot.ports import Inbox, Now
from bot.use_cases.audit_trail import AuditTrail
from bot.use_cases.deliver import DeliveryPolicy, deliver_waiting
from tests import databases

SECRET = b"a secret of at least thirty-two characters"
TUESDAY = datetime(2026, 11, 24, 8, 0, 30, tzinfo=UTC)
"""Half a minute after the first pulse is due."""
CHANNEL = Channel("sandbox", "sandbox", "joint")
ALLIANCE = Alliance(
    key="northwind-meridian",
    name="Northwind × Meridian",
    timezone="Europe/Berlin",
    sponsor=Organisation(
        "Northwind Pharma", frozenset({("sandbox", "northwind")}), (Member("sandbox", "anna"),)
    ),
    cro=Organisation("Meridian CRO", frozenset({("sandbox", "meridian")}), (Member("sandbox", "ben"),)),
    channels=(CHANNEL,),
    pulses=(Pulse("weekly", frozenset({1}), TUESDAY.replace(hour=9, second=0).time()),),
    vision="One team.",
)


@dataclass(slots=True)
class Clock:
    at: datetime = TUESDAY

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class SandboxSite:
    """`browser` speaks HTTP to the page; `store` is the real one behind it."""

    browser: TestClient[web.Request, web.Application]
    store: storage.DatabaseStore
    platform: Sandbox
    clock: Clock
    where: dict[str, str] = field(default_factory=lambda: {"as": "liam", "in": "channel:joint"})

    async def tick(self) -> None:
        platforms = {"sandbox": self.platform}
        await Ticker(self.store, platforms, SECRET, timedelta(hours=2)).tick(self.clock.now())
        while await deliver_waiting(self.store, platforms, self.clock.now, DeliveryPolicy()):
            pass

    async def page(self, who: str = "liam", place: str = "channel:joint") -> "Page":
        response = await self.browser.get("/", params={"as": who, "in": place})
        assert response.status == 200, await response.text()
        return read_page(await response.text())

    async def post(
        self, what: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> ClientResponse:
        return await self.browser.post(
            f"/sandbox/{what}", data={**self.where, **fields}, headers=headers, allow_redirects=False
        )

    async def press(self, label: str, who: str = "liam", place: str = "channel:joint") -> ClientResponse:
        """Press the last button with that label that the person sees there."""
        page = await self.page(who, place)
        button = [candidate for candidate in page.buttons if candidate.label == label][-1]
        fields = {"as": who, "in": place, "line": button.fields["line"], "value": button.value}
        return await self.post("press", fields)


@asynccontextmanager
async def open_site(
    folder: Path, inbox: Inbox | None = None, controls: ClockControls | None = None, now: Now | None = None
) -> AsyncIterator[SandboxSite]:
    """An alliance is declared; nothing has been asked. `inbox` and `now`: instead of the bot's own."""
    clock = Clock()
    now = now or clock.now
    with databases.fresh("sqlite", folder) as url:
        store = storage.open_store(url, [storage.make_key()], SECRET)
        trail = AuditTrail(store.audit, store.proposals, SECRET)
        await store.alliances.declare([ALLIANCE])
        webhook = SandboxWebhook(
            inbox or PulseInbox(store, read, SECRET, now, trail, Once(store.leases, now)),
            store.chat,
            now,
            _rooms,
            controls,
        )
        app = web.Application()
        app.add_routes(webhook.routes())
        async with TestClient(TestServer(app, host="127.0.0.1")) as browser, webhook.open():
            yield SandboxSite(browser, store, Sandbox(store.chat, now), clock)
        await store.aclose()


async def _rooms() -> tuple[Room, ...]:
    return (Room(CHANNEL, ALLIANCE.name, ALLIANCE.vision, ALLIANCE.timezone),)


@dataclass(slots=True)
class Button:
    value: str
    fields: dict[str, str]
    """Hidden fields of its form."""
    classes: str
    label: str = ""


@dataclass(slots=True)
class Page:
    """What a reader gets of a page: its words, its buttons, and the tags it is made of."""

    text: str = ""
    buttons: list[Button] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._hidden: dict[str, str] = {}
        self._in_button = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.page.tags.append(tag)
        if tag == "form":
            self._hidden = {}
        elif tag == "input" and given.get("type") == "hidden":
            self._hidden[given["name"]] = given["value"]
        elif tag == "button":
            self._in_button = True
            self.page.buttons.append(Button(given.get("value", ""), self._hidden, given.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._in_button = False

    def handle_data(self, data: str) -> None:
        self.page.text += data
        if self._in_button:
            self.page.buttons[-1].label += data


def read_page(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.page.text = re.sub(r"\s+", " ", reader.page.text)
    return reader.page
