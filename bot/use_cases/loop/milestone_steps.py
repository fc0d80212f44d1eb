"""Mark, correct and remove milestones; the other leads hear of each change."""

import re
from collections.abc import Callable, Sequence
from datetime import date

from bot.model.cards import Card
from bot.model.delivery import Delivery
from bot.model.milestone import MILESTONE_KINDS, Milestone
from bot.privacy.permissions import find_led_side
from bot.use_cases.loop.tap import Tap, write_to
from bot.wording.loop import milestones as wording

_NUMBER = re.compile(r"[0-9]{1,3}")
_DATE = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


async def list_milestones(tap: Tap, _: Sequence[str]) -> Card:
    """List the milestones of the alliance."""
    return wording.list_milestones(tap.alliance, await tap.store.milestones.list_milestones(tap.alliance.key))


async def mark_milestone(tap: Tap, words: Sequence[str]) -> Card:
    """Mark `amendment 3 2027-01-20`, or remove `amendment 3 drop`; anything else gets the form."""
    match [word.lower().rstrip(",") for word in words if word != tap.alliance.key]:
        case [kind, number, day] if _NUMBER.fullmatch(number):
            return await _carry_out(tap, kind, int(number), day)
        case [kind, day]:
            return await _carry_out(tap, kind, 0, day)
    return wording.write_milestone_form(tap.alliance)


async def _carry_out(tap: Tap, word: str, number: int, day: str) -> Card:
    kind = next((item for item in MILESTONE_KINDS if item == word), None)
    when = tap.now.date() if day == "drop" else _read_date(day)
    if kind is None or when is None:
        return wording.write_milestone_form(tap.alliance)
    milestone = Milestone(tap.alliance.key, kind, number, when, tap.side)
    detail = f"{tap.side.value} {kind} {number}"
    entry = tap.trail.make_entry("milestone", tap.alliance.key, tap.by, tap.now, detail)
    if day == "drop":
        told = _tell(tap, milestone, wording.tell_removal, "removed")
        is_done = await tap.store.milestones.remove(milestone, told, entry)
        return wording.confirm_removal(milestone) if is_done else wording.refuse_removal()
    await tap.store.milestones.mark(milestone, _tell(tap, milestone, wording.tell_milestone, day), entry)
    return wording.confirm_milestone(milestone)


def _read_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _tell(tap: Tap, milestone: Milestone, write: Callable[..., Card], what: str) -> tuple[Delivery, ...]:
    """Make the messages to all other leads of both sides, once for each change."""
    key = f"milestone:{tap.alliance.key}:{milestone.kind}:{milestone.number}:{what}:{tap.now.isoformat()}"
    card = write(tap.alliance, tap.side, milestone)
    others = [lead for lead in tap.alliance.leads if lead != tap.by]
    hearers = [(side, lead) for lead in others if (side := find_led_side(tap.alliance, lead))]
    return write_to(tap.alliance, key, hearers, lambda _: card, tap.trail.secret)
