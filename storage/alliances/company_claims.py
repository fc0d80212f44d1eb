"""Record which side a company belongs to where no declaration names it. A lead claims it; either side can undo that.

What its people said is kept with the company's id until it is counted for good, so that a claim which is taken back
takes their answers back too. Numbers that were released meanwhile stay as they were released.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, or_, select, update

from bot.model.alliance import Alliance, Side
from bot.model.audit import AuditEntry
from bot.model.delivery import Delivery
from storage.alliances.sides import move_to_side, request_rosters
from storage.engine.encryption import Vault
from storage.engine.transactions import write_transaction
from storage.engine.upsert import insert_new
from storage.engine.writer import Writer
from storage.governance.audit_log import append_entry, audit_key
from storage.outbox.enqueue import enqueue_deliveries
from storage.outbox.place_keys import PlaceKeySource
from storage.tables import answers, comments, deliveries, homes, rounds

DISPUTED = "disputed"
"""Instead of a side: neither's, until the claim is withdrawn or a declaration names the company."""

Home = tuple[str, str]
"""(platform, organisation id)."""


@dataclass(frozen=True, slots=True)
class CompanyClaims:
    """`bot.ports.CompanyClaims` over the database. `forget`: called when an alliance is another one than before."""

    secret: bytes
    vault: Vault
    writer: Writer
    place_keys: PlaceKeySource
    forget: Callable[[], None]

    async def claim(
        self,
        alliance: str,
        side: Side,
        home: Home,
        told: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> bool:
        step = partial(_claim_company, alliance=alliance, side=side, home=home)
        moved = await self._change_claim(step, told, noted, ("claimed", "refused, nobody of it waits"))
        return moved is not None

    async def suspend(
        self,
        alliance: str,
        side: Side,
        home: Home,
        told: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> bool:
        step = partial(_suspend_claim, alliance=alliance, side=side, home=home)
        return await self._change_claim(step, told, noted, ("objected", "")) is not None

    async def withdraw(
        self, alliance: str, home: Home, told: Sequence[Delivery], noted: AuditEntry | None = None
    ) -> int | None:
        step = partial(_withdraw_claim, alliance=alliance, home=home)
        return await self._change_claim(step, told, noted, ("taken back", "refused, no such claim"))

    @write_transaction
    def merge(self, connection: Connection, platform: str, part: str, whole: str) -> int:
        known = and_(homes.c.platform == platform, homes.c.organisation == whole)
        rows = connection.execute(select(homes.c.alliance, homes.c.side).where(known)).all()
        return sum(_merge_waiting(connection, row, (platform, part), whole) for row in rows)

    async def _change_claim(
        self,
        step: Callable[[Connection], int | None],
        told: Sequence[Delivery],
        noted: AuditEntry | None,
        outcomes: tuple[str, str],
    ) -> int | None:
        """Carry out the step, and note which of the outcomes (done, refused) came of it; an empty one is not noted.

        Return how many people's answers changed side; None if it was refused.
        """
        places = await self.place_keys.load()

        def carry_out(connection: Connection) -> int | None:
            moved = step(connection)
            outcome = outcomes[1] if moved is None else outcomes[0]
            if noted and outcome:
                append_entry(connection, audit_key(self.secret), noted.conclude(outcome))
            if moved is not None:
                enqueue_deliveries(connection, self.vault, places, told)
            return moved

        moved = await self.writer.run(carry_out)
        self.forget()
        return moved


def _claim_company(connection: Connection, alliance: str, side: Side, home: Home) -> int | None:
    if not _is_waiting(connection, alliance, home):
        return None
    row = {"platform": home[0], "organisation": home[1], "alliance": alliance}
    if not insert_new(connection, homes, [{**row, "side": side.value, "mapped": True}]):
        return None
    return _count_for(connection, alliance, home, side.value)


def _suspend_claim(connection: Connection, alliance: str, side: Side, home: Home) -> int | None:
    theirs = _is_home(alliance, home), homes.c.mapped, homes.c.side == side.value
    if connection.execute(update(homes).where(*theirs).values(side=DISPUTED)).rowcount == 0:
        return None
    return _count_for(connection, alliance, home, None)


def _withdraw_claim(connection: Connection, alliance: str, home: Home) -> int | None:
    if connection.execute(delete(homes).where(_is_home(alliance, home), homes.c.mapped)).rowcount == 0:
        return None
    return _count_for(connection, alliance, home, None)


def _merge_waiting(connection: Connection, known: Any, part: Home, whole: str) -> int:
    """Move what waits under the part to the whole, unless a declaration or a lead says whose the part is."""
    if connection.execute(select(homes.c.side).where(_is_home(known.alliance, part))).first():
        return 0
    change = {"home_organisation": whole, "side": None if known.side == DISPUTED else known.side}
    waiting = (
        (table, _is_from(table, known.alliance, part), table.c.side.is_(None))
        for table in (answers, comments)
    )
    return sum(connection.execute(update(table).where(*so).values(change)).rowcount for table, *so in waiting)


def count_declared(connection: Connection, before: Alliance | None, alliance: Alliance) -> int:
    """Count answers and comments for the declared side, whether they waited or counted for the other side.

    Those of companies that are no longer declared wait. Return how many people's answers changed side by what is known
    of them, and have the rosters of open rounds read again if companies or leads are declared otherwise.
    """
    wanted: dict[Home, str | None] = dict.fromkeys(_list_dropped(connection, before, alliance))
    for side in Side:
        wanted |= dict.fromkeys(alliance.organisation(side).homes, side.value)
    if before and any(_is_changed(before, alliance, side) for side in Side):
        request_rosters(connection, [alliance.key])
    return sum(_move_company(connection, alliance.key, home, side) for home, side in wanted.items())


def _is_changed(before: Alliance, after: Alliance, side: Side) -> bool:
    old, new = before.organisation(side), after.organisation(side)
    return (old.homes, set(old.leads)) != (new.homes, set(new.leads))


def _list_dropped(connection: Connection, before: Alliance | None, alliance: Alliance) -> set[Home]:
    """Return companies that were declared and now are neither declared nor claimed."""
    named = select(homes.c.platform, homes.c.organisation).where(homes.c.alliance == alliance.key)
    known = {(row.platform, row.organisation) for row in connection.execute(named)}
    return {home for side in Side for home in before.organisation(side).homes} - known if before else set()


def _count_for(connection: Connection, alliance: str, home: Home, side: str | None) -> int:
    """Count a company for that side from now on, with what its people said; return how many people moved."""
    request_rosters(connection, [alliance])
    return _move_company(connection, alliance, home, side)


def _move_company(connection: Connection, alliance: str, home: Home, side: str | None) -> int:
    """Move the company's unreleased answers and comments to that side; None: they wait for a claim."""
    return len(move_to_side(connection, partial(_is_from, alliance=alliance, home=home), side))


def _is_waiting(connection: Connection, alliance: str, home: Home) -> bool:
    """Did its people say something that waits, or were leads asked whose it is?"""
    if any(
        connection.execute(_select_waiting(table, alliance, home)).first() for table in (answers, comments)
    ):
        return True
    begun = [f"whose:{':'.join(home)}:", f"met:{alliance}:{':'.join(home)}:"]
    asked = or_(*(deliveries.c.slot.startswith(slot, autoescape=True) for slot in begun))
    return (
        connection.execute(select(deliveries.c.seq).where(deliveries.c.alliance == alliance, asked)).first()
        is not None
    )


def _select_waiting(table: Table, alliance: str, home: Home) -> Any:
    return select(table.c.round).where(_is_from(table, alliance, home), table.c.side.is_(None)).limit(1)


def _is_from(table: Table, alliance: str, home: Home) -> ColumnElement[bool]:
    return and_(
        table.c.home_platform == home[0],
        table.c.home_organisation == home[1],
        table.c.round.in_(select(rounds.c.id).where(rounds.c.alliance == alliance)),
    )


def _is_home(alliance: str, home: Home) -> ColumnElement[bool]:
    return and_(homes.c.platform == home[0], homes.c.organisation == home[1], homes.c.alliance == alliance)
