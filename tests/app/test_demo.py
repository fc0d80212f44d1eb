"""The demo, without a browser: what a visitor finds, and what the clock's steps do to the round in front of them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

import storage
from adapters.sandbox.cast import find_person
from adapters.sandbox.chat_log import Posted, from_json
from bot.app.backtest.generate import simulate_history
from bot.app.config.load import BadSettings
from bot.app.demo import demo
from bot.app.demo.cast import DROP, DemoPeople, _simulate_crowd
from bot.app.demo.player import Player
from bot.app.runtime.bot import Bot
from bot.app.runtime.worker import tick_once
from bot.app.wiring import open_bot
from bot.closing.replay import replay_rounds
from bot.model.alliance import Round, Side
from bot.model.cards import to_plain_text
from bot.model.closing import Asked
from bot.model.events import Answered
from bot.privacy.permissions import is_told
from bot.privacy.pseudonym import make_pseudonym
from bot.questions.bank import load_builtin
from bot.questions.rotation import rotate_items


@pytest.fixture
async def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    """A demo that has just been started for the first time."""
    monkeypatch.chdir(tmp_path)
    settings = demo.make_demo_settings()
    storage.migrate(settings.database.url.get_secret_value())
    async with open_bot(settings) as bot:
        await bot.store.alliances.declare(
            [table.to_alliance() for table in settings.alliance], bot.clock.now()
        )
        await demo.begin_demo(bot)
        await tick_once(bot, bot.clock.now())
        yield bot


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PULSE_WEB__PUBLIC_URL", "https://pulse.example.com", "not with web.public_url"),
        ("PULSE_WEB__HOST", "0.0.0.0", "only with web.host on loopback"),
    ],
)
def test_where_others_could_reach_it_the_demo_does_not_start(
    name: str, value: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=says):
        demo.make_demo_settings()


async def told(bot: Bot, place: str) -> list[str]:
    bodies = [from_json(line.body) for line in await bot.store.chat.lines() if line.place == place]
    return [to_plain_text(body.card) for body in bodies if isinstance(body, Posted)]


async def round_of(bot: Bot) -> Round:
    (round,) = await bot.store.rounds.list_open("northwind-meridian", bot.clock.now())
    return round


async def test_a_visitor_finds_the_bots_hello_and_then_a_pulse_to_answer(bot: Bot) -> None:
    hello, question = await told(bot, "channel:joint")
    assert hello.startswith("Hello, I am the pulse of Northwind × Meridian")
    assert "4 · Agree" in question
    await demo.begin_demo(bot)
    assert len(await told(bot, "channel:joint")) == 2


async def test_before_a_round_closes_the_others_answer_and_the_visitors_answer_stays(bot: Bot) -> None:
    round, liam = await round_of(bot), find_person("liam")
    assert liam
    await bot.inbox.take(
        Answered(by=liam.member, at=bot.clock.now(), round=round.id, item=round.items[0].id, value=1)
    )
    player = Player(bot, DemoPeople(bot))
    assert "got a private reminder" in await player.advance("reminder")
    assert "has been sent" in await player.advance("reminder")
    assert len(await bot.store.answers.list_respondents(round.id)) == 1
    assert "closed" in await player.advance("closing")
    turnout = await bot.store.rounds.count_turnout(round.id)
    assert all(turnout.answered[side] >= 5 for side in Side)
    own = make_pseudonym(bot.inbox.secret, round.alliance, liam.member, "answer")
    assert await bot.store.answers.list_own(round.id, own) == {round.items[0].id: 1}
    assert await bot.store.closings.list_releases(round.alliance)


async def test_going_on_to_next_week_closes_a_round_with_its_people_too(bot: Bot) -> None:
    first = await round_of(bot)
    await Player(bot, DemoPeople(bot)).advance("next_week")
    assert (await round_of(bot)).slot > first.slot
    assert await bot.store.closings.list_releases(first.alliance)


async def test_where_nothing_is_to_be_asked_the_clock_says_so_and_stands_still(bot: Bot) -> None:
    (declared,) = await bot.store.alliances.list_all()
    paused = tuple(replace(pulse, paused=True) for pulse in declared.pulses)
    await bot.store.alliances.declare([replace(declared, pulses=paused)])
    player, before = Player(bot, DemoPeople(bot)), bot.clock.now()
    assert "paused" in await player.advance("next_week")
    assert [step async for step in player.play(2)] == []
    assert bot.clock.now() - before < timedelta(minutes=1)


def test_alerts_of_the_demo_are_about_what_its_people_do_and_nothing_else() -> None:
    """The CRO's people are lower in the rounds of `DROP`, and nobody else ever is."""
    rounds = tuple(
        Asked(index, rotate_items(load_builtin(), index), date(2026, 12, 1) + timedelta(weeks=index))
        for index in range(44)
    )
    past = simulate_history(_simulate_crowd(), rounds)
    told, over = [], {}
    for lived in replay_rounds(past, frozenset({"anna", "ben"})):
        told += [alarm for alarm in lived.outcome.alarms if is_told(alarm)]
        over |= {ended.kind: lived.history.now.index for ended in lived.outcome.recoveries}
    assert {alarm.kind for alarm in told} == {"level", "cro"} == over.keys()
    assert {alarm.lower for alarm in told if alarm.kind == "level"} == {(Side.CRO,)}
    assert min(alarm.round for alarm in told) <= DROP.first + 2
    assert all(DROP.first <= alarm.start_round <= DROP.last for alarm in told)
    assert all(alarm.round <= DROP.last for alarm in told)
    assert all(DROP.last < index <= DROP.last + 10 for index in over.values())


def test_the_words_beside_the_clock_say_when_people_are_unhappy() -> None:
    words = (files("adapters.sandbox") / "templates" / "clock.html").read_text(encoding="utf-8")
    assert f"unhappy from week {DROP.first + 1} to week {int(DROP.last) + 1}." in words
    guide = (files("adapters.sandbox") / "templates" / "page.html").read_text(encoding="utf-8")
    assert f"grow unhappy in week {DROP.first + 1}." in guide


async def test_the_clock_does_not_claim_that_everybody_answered(bot: Bot) -> None:
    told = await Player(bot, DemoPeople(bot)).advance("closing")
    assert told.startswith("Most of the others have answered, and the round is closed.")
    turnout = await bot.store.rounds.count_turnout(
        (await bot.store.rounds.find_last_closed("northwind-meridian")).id
    )
    assert 9 <= sum(turnout.answered.values()) <= 18
