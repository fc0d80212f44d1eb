"""Channels of an alliance reordered, removed, added and brought back in its TOML while a round is open.

By the command line alone: `apply`, `tick`, and what then stands in each channel of the sandbox.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import pytest

import storage
from adapters.sandbox.chat_log import Posted, from_json
from bot.model.alliance import Channel
from bot.model.cards import AnswerWith, Card, Choices
from tests.app.shell import ALLIANCE, Shell
from tests.use_cases.sandbox_bot import CLOSING, HOUR, SLOT, WEEK

T = TypeVar("T")
Standing = dict[str, list[str]]


def channel(address: str) -> str:
    return f'[[alliance.channel]]\nplatform = "sandbox"\nworkspace = "sandbox"\naddress = "{address}"\n'


class Operator:
    """At a shell, with a clock that is only told."""

    def __init__(self, folder: Path) -> None:
        self.shell = Shell(folder)
        self.file = folder / "alliance.toml"
        self.shell("migrate")

    def apply(self, *addresses: str) -> None:
        self.file.write_text(ALLIANCE.replace(channel("joint"), "".join(map(channel, addresses))))
        self._well("apply", str(self.file))

    def tick(self, at: datetime) -> None:
        self._well("tick", "--now", at.isoformat(), "--yes")

    def move(self, address: str, to: str) -> None:
        assert self.read(
            lambda store: store.alliances.move_channel(Channel("sandbox", "sandbox", address), to)
        )

    def standing(self) -> Standing:
        """Channel → its pulses' cards, oldest first: "asks" or "closed"."""
        found: Standing = {}
        for place, card in self.read(_cards):
            if ": pulse of" in card.heading:
                found.setdefault(place.removeprefix("channel:"), []).append(
                    "asks" if asks(card) else "closed"
                )
        return found

    def read(self, look: Callable[[storage.DatabaseStore], Awaitable[T]]) -> T:
        async def opened() -> T:
            told = self.shell.environment
            store = storage.open_store(told["DATABASE_URL"], [told["PULSE_PRIVACY__ENCRYPTION_KEYS"]])
            try:
                return await look(store)
            finally:
                await store.aclose()

        return asyncio.run(opened())

    def _well(self, *words: str) -> None:
        done = self.shell(*words)
        assert done.exit_code == 0, done.output


async def _cards(store: storage.DatabaseStore) -> list[tuple[str, Card]]:
    lines = sorted(await store.chat.lines(), key=lambda line: line.id)
    bodies = [(line.place, from_json(line.body)) for line in lines]
    return [(place, body.card) for place, body in bodies if isinstance(body, Posted)]


def asks(card: Card) -> bool:
    choices = (option for block in card.blocks if isinstance(block, Choices) for option in block.options)
    return any(isinstance(choice.action, AnswerWith) for choice in choices)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


@pytest.mark.parametrize(
    ("edits", "left"),
    [
        pytest.param([("second", "joint")], {"joint": "closed", "second": "closed"}, id="reordered"),
        pytest.param([("second",)], {"joint": "asks", "second": "closed"}, id="the first removed"),
        pytest.param([("joint",)], {"joint": "closed", "second": "asks"}, id="the last removed"),
        pytest.param(
            [("third", "joint", "second")], {"joint": "closed", "second": "closed"}, id="one added before"
        ),
        pytest.param([("third", "second")], {"joint": "asks", "second": "closed"}, id="the first exchanged"),
        pytest.param(
            [("second",), ("third", "second", "joint")],
            {"joint": "closed", "second": "closed"},
            id="removed and brought back",
        ),
    ],
)
def test_each_question_closes_where_it_was_asked_and_nothing_is_asked_twice(
    operator: Operator, edits: list[tuple[str, ...]], left: dict[str, str]
) -> None:
    """A channel that is no longer the alliance's is left alone; one that came later is asked from the next round on."""
    operator.apply("joint", "second")
    operator.tick(SLOT)
    for edit in edits:
        operator.apply(*edit)
        operator.tick(SLOT + HOUR)
    assert operator.standing() == {"joint": ["asks"], "second": ["asks"]}
    operator.tick(CLOSING)
    expected = {place: [state] for place, state in left.items()}
    assert operator.standing() == expected
    operator.tick(SLOT + WEEK)
    for place in edits[-1]:
        expected.setdefault(place, []).append("asks")
    assert operator.standing() == expected


def test_a_channel_that_moved_is_the_same_under_either_name(operator: Operator) -> None:
    operator.apply("joint", "second")
    operator.tick(SLOT)
    operator.move("second", "shared")
    operator.apply("shared", "joint")
    operator.tick(CLOSING)
    assert operator.standing() == {"joint": ["closed"], "second": ["closed"]}
