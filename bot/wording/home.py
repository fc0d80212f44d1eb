"""A person's own page: what is open for them, what they answered, and what they lead."""

from dataclasses import dataclass

from bot.model.alliance import Alliance
from bot.model.cards import Block, Card, Choice, Choices, RunCommand, Text
from bot.wording.help import report_nothing_open

HEADING = "Alliance Pulse"
IN_FULL = 3
"""Alliances that are shown in full; the others by a button."""


@dataclass(frozen=True, slots=True)
class Part:
    """One alliance of the person's own. `score` is there for its leads."""

    alliance: Alliance
    pulse: Card | None
    score: Card | None


def write_home(parts: tuple[Part, ...], others: tuple[Alliance, ...]) -> Card:
    return Card(
        HEADING, (*(block for part in parts for block in _write_part(part)), *_offer_alliances(others))
    )


def put_on_top(said: Card, page: Card) -> Card:
    """Put the newest reply on top of the page."""
    told = (block for block in said.blocks if isinstance(block, Text))
    return Card(page.heading, (Text(said.heading), *told, *page.blocks))


def _write_part(part: Part) -> tuple[Block, ...]:
    pulse = part.pulse or report_nothing_open(part.alliance)
    score = (Text(part.score.heading), *part.score.blocks) if part.score else ()
    return (Text(pulse.heading), *pulse.blocks, *score, _offer_commands(part))


def _offer_commands(part: Part) -> Choices:
    words = ("digest", "alerts") if part.score else ("score",)
    return Choices(
        tuple(
            Choice(word.capitalize(), RunCommand(f"{word} {part.alliance.key}"))
            for word in (*words, "charter", "vision", "privacy")
        ),
        part.alliance.name,
    )


def _offer_alliances(alliances: tuple[Alliance, ...]) -> tuple[Block, ...]:
    options = tuple(
        Choice(alliance.name[:70], RunCommand(f"pulse {alliance.key}")) for alliance in alliances[:20]
    )
    return (Choices(options, "Your other alliances"),) if options else ()
