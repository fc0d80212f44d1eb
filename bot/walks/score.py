"""Someone asks how aligned the two sides are: read what was released, show what they may see."""

from bot.cards import Card
from bot.model import Alliance, Side
from bot.ports import Store
from bot.rules.bank import bank_of
from bot.rules.board import Board, Charter, board
from bot.rules.permissions import may_see
from bot.wording import digest
from bot.wording import score as wording


async def score(store: Store, alliance: Alliance, lead: Side | None) -> Card:
    """The headline for any member; a lead sees the own side and the gap as well."""
    seen = await board_of(store, alliance)
    if seen is None:
        return wording.nothing_yet(alliance)
    if lead is None or alliance.pooled:
        return wording.for_member(alliance, seen.for_member(), alliance.pooled)
    return wording.for_lead(alliance, seen.for_lead(lead), alliance.pooled)


async def figures(store: Store, alliance: Alliance) -> dict[str, object]:
    """The member's view, for programs."""
    seen = await board_of(store, alliance)
    if seen is None:
        return {"alignment": None, "reason": "no round has closed"}
    return wording.as_figures(seen.for_member())


async def alerts(store: Store, alliance: Alliance, side: Side) -> Card:
    """What was noticed lately, as far as it concerns that side's leads."""
    raised = await store.alarms(alliance.key)
    return digest.noticed(alliance, tuple(one for one in raised if may_see(one.alarm, side)))


async def board_of(store: Store, alliance: Alliance) -> Board | None:
    """What can be seen after the newest closing; None before the first."""
    last = await store.last_round(alliance.key)
    if last is None:
        return None
    charter = Charter(alliance.share_dimensions)
    return board(
        await store.releases(alliance.key), last.index, bank_of(alliance), charter, pooled=alliance.pooled
    )
