"""Half a year of the demo alliance, read as its two leads read it."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from adapters.sandbox.cast import find_person
from adapters.sandbox.chat_log import Posted, from_json
from bot.app.clock.clock import Clock
from bot.app.demo import demo
from bot.app.demo.cast import DROP, DemoPeople
from bot.app.demo.player import Player
from bot.app.runtime.bot import Bot
from bot.app.wiring import assemble_bot
from bot.model.cards import to_plain_text
from bot.model.events import Commanded
from storage import migrate

WEEKS = 26


@dataclass(frozen=True, slots=True)
class HalfYear:
    digests: dict[str, list[str]]
    """Lead → one a week, oldest first."""
    alerts: dict[str, list[tuple[int, str]]]
    """Lead → (digests before it, words)."""
    cards: dict[tuple[str, str], str]
    """(who, command) → what it shows in the end."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HalfYear]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("demo"))
        yield asyncio.run(_live())


async def _live() -> HalfYear:
    settings = demo.make_demo_settings()
    migrate(settings.database.url.get_secret_value())
    async with assemble_bot(settings, Clock()) as bot:
        await bot.store.alliances.declare([table.to_alliance() for table in settings.alliance])
        await demo.begin_demo(bot)
        async for _ in Player(bot, DemoPeople(bot)).play(WEEKS):
            pass
        wanted = [(who, word) for who in ("anna", "ben", "liam") for word in ("score", "digest", "alerts")]
        cards = {(who, word): await _type(bot, who, word) for who, word in wanted}
        letters = {lead: [letter async for letter in _letters(bot, lead)] for lead in ("anna", "ben")}
    digests = {
        lead: [letter for letter in told if "the week for" in letter] for lead, told in letters.items()
    }
    alerts = {
        lead: [
            (sum("the week for" in other for other in told[:place]), letter)
            for place, letter in enumerate(told)
            if "Talk to your counterpart" in letter
        ]
        for lead, told in letters.items()
    }
    return HalfYear(digests, alerts, cards)


async def _type(bot: Bot, who: str, words: str) -> str:
    found = find_person(who)
    assert found
    card = await bot.inbox.take(Commanded(by=found.member, at=bot.clock.now(), channel=None, text=words))
    assert card
    return to_plain_text(card)


async def _letters(bot: Bot, lead: str):  # type: ignore[no-untyped-def]
    for line in sorted(await bot.store.chat.lines(), key=lambda line: line.id):
        body = from_json(line.body)
        if line.place == f"dm:{lead}" and isinstance(body, Posted):
            yield to_plain_text(body.card)


def test_every_week_each_lead_gets_one_digest(lived: HalfYear) -> None:
    assert {lead: len(told) for lead, told in lived.digests.items()} == {"anna": WEEKS, "ben": WEEKS}


def test_the_first_weeks_say_that_the_bot_learns_and_what_is_withheld_and_until_when(lived: HalfYear) -> None:
    first = lived.digests["anna"][0]
    assert "learning what is usual" in first
    assert "Withheld: not enough answers of your side: collaboration, trust, value, roles, change" in first
    assert "Each topic is asked in three of eight rounds" in first
    assert "Withheld" not in lived.digests["anna"][5]
    assert "learning" not in lived.digests["anna"][8]


def test_the_drop_is_told_within_three_rounds_with_its_evidence(lived: HalfYear) -> None:
    week, words = next(
        alert for alert in lived.alerts["ben"] if "Meridian CRO answers lower than usual" in alert[1]
    )
    assert DROP.first < week + 1 <= DROP.first + 3
    assert re.search(
        r"It started around \d+ \w+ \d{4}\. The drop is a point or more on the 5-point scale", words
    )
    assert "It is the same people as before, so it isn't turnover." in words
    assert "It shows most in" in words
    assert "This compares the same people on the same questions" in words


def test_nothing_is_alerted_without_a_reason(lived: HalfYear) -> None:
    for told in lived.alerts.values():
        assert told and all(week >= DROP.first for week, _ in told)
        first = [words for _, words in told if "still" not in words.splitlines()[0]]
        assert len(first) <= 2


def test_the_other_sides_lead_hears_of_both_together_and_never_of_the_cro_alone(lived: HalfYear) -> None:
    assert any("alignment has dropped" in words for _, words in lived.alerts["anna"])
    told = [
        *(words for _, words in lived.alerts["anna"]),
        *lived.digests["anna"],
        lived.cards["anna", "alerts"],
    ]
    assert not [
        words for words in told if "Meridian CRO answers" in words or "at Meridian CRO answer" in words
    ]


def test_a_lead_reads_score_gap_and_mood_and_a_member_the_headline(lived: HalfYear) -> None:
    card = lived.cards["ben", "score"]
    for row in (
        r"Alignment: \d+ \(\d+–\d+\)",
        r"Your side, Meridian CRO",
        r"Score: \d+ \(\d+–\d+\), 5–9 people",
        r"trust: \d+ · \d+ · gap [+−]?\d+ \([+−]?\d+ to [+−]?\d+\)",
        r"Tone of your threads: .*not part of the score; .* of the messages could be read",
        r"A gap may be chance if its range includes 0",
    ):
        assert re.search(row, card), row
    headline = lived.cards["liam", "score"]
    assert "Alignment: " in headline and "trust" not in headline and "Your side" not in headline
    assert "For the alliance leads" in lived.cards["liam", "digest"]


def test_digests_of_the_drop_say_lower_and_of_the_recovery_higher(lived: HalfYear) -> None:
    told = lived.digests["ben"]
    assert any("↓ lower" in words for words in told[DROP.first : DROP.first + 6])
    assert "↑ higher" in told[-1]
    assert not [words for words in told[: DROP.first - 1] if "↓ lower" in words]
