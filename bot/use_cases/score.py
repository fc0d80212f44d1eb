"""Show how aligned the two sides are, from released numbers only."""

from collections.abc import Sequence

from bot.alarms.evidence import word_alarm
from bot.alarms.mood_trend import show_mood
from bot.model.alliance import Alliance, Side
from bot.model.cards import Card
from bot.model.closing import Release
from bot.ports import Store
from bot.privacy.board import Board, Charter, make_board
from bot.privacy.permissions import find_small_sides, may_see
from bot.privacy.pseudonym import name_leads
from bot.questions.bank import find_bank
from bot.wording import digest
from bot.wording import score as wording
from bot.wording.figures import to_figures, to_rows


async def score(store: Store, alliance: Alliance, lead: Side | None, secret: bytes) -> Card:
    """Return the headline for any member; a lead also sees their own side and the gap."""
    view = await board_of(store, alliance)
    if view is None:
        return wording.report_no_score(alliance)
    small = await list_small_sides(store, alliance, view, secret)
    if lead is None or view.pooled:
        return wording.write_score_for_member(alliance, view.for_member(), view.pooled, small)
    return wording.write_score_for_lead(
        alliance, view.for_lead(lead), show_mood(await store.closings.list_mood(alliance.key), lead), small
    )


async def list_small_sides(store: Store, alliance: Alliance, board: Board, secret: bytes) -> tuple[Side, ...]:
    """List the sides that have no number and, with the people of the newest round's roster, can have none."""
    last = await store.rounds.find_last_closed(alliance.key)
    if last is None or board.pooled:
        return ()
    people = await store.rounds.count_roster(last.id, name_leads(alliance, secret))
    return tuple(side for side in find_small_sides(alliance, people) if not board.has_numbers(side))


async def figures(store: Store, alliance: Alliance) -> dict[str, object]:
    """Return the member's view for programs."""
    view = await board_of(store, alliance)
    if view is None:
        return {"alignment": None, "reason": "no round has closed"}
    return to_figures(view.for_member())


async def table(store: Store, alliance: Alliance) -> tuple[dict[str, object], ...]:
    """Return what both sides' leads could see after each closing with a release, for programs, oldest first."""
    releases = await store.closings.list_releases(alliance.key)
    closings = sorted({release.round: release.slot for release in releases}.items())
    boards = ((slot, _at(alliance, releases, index)) for index, slot in closings)
    return tuple(
        row for slot, board in boards for row in to_rows(alliance, slot, board.for_lead(Side.SPONSOR))
    )


async def alerts(store: Store, alliance: Alliance, side: Side) -> Card:
    """List the latest alerts that concern that side's leads."""
    raised = await store.alarms.list_raised(alliance.key)
    mine = (item for item in raised if may_see(alliance, item.alarm, side, item.shared))
    return digest.write_alert_list(
        alliance, tuple(word_alarm(item.alarm, item.slot, item.acknowledged, side) for item in mine)
    )


async def board_of(store: Store, alliance: Alliance) -> Board | None:
    """Return what can be seen after the newest closing; None before the first."""
    last = await store.rounds.find_last_closed(alliance.key)
    if last is None:
        return None
    return _at(alliance, await store.closings.list_releases(alliance.key), last.index)


def _at(alliance: Alliance, releases: Sequence[Release], round_index: int) -> Board:
    return make_board(
        releases, round_index, find_bank(alliance), Charter(alliance.share_dimensions), alliance.pooled
    )
