"""Proposals of one side, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from bot.model.alliance import Side
from bot.model.delivery import Delivery
from bot.model.proposal import Proposal
from storage.engine.encryption import Vault
from storage.engine.json_codec import ALLIANCE
from storage.engine.reader import Reader
from storage.engine.upsert import insert_new
from storage.engine.writer import Writer
from storage.outbox.enqueue import enqueue
from storage.outbox.place_keys import load_place_keys
from storage.tables import alliances, proposals
from storage.tables.columns import EPOCH


@dataclass(frozen=True, slots=True)
class Proposals:
    """`bot.ports.Proposals` over the database."""

    vault: Vault
    reader: Reader
    writer: Writer

    async def list_open(self, alliance: str, now: datetime) -> tuple[Proposal, ...]:
        return await self.reader.run(_list_open, alliance, now)

    async def propose(self, proposal: Proposal, deliveries: Sequence[Delivery]) -> bool:
        return await self.writer.run(_propose, self.vault, proposal, deliveries)

    async def agree(
        self, proposal: Proposal, by: Side, deliveries: Sequence[Delivery], now: datetime
    ) -> bool:
        return await self.writer.run(_agree, self.vault, proposal, by, deliveries, now)

    async def decline(self, proposal: Proposal, deliveries: Sequence[Delivery]) -> bool:
        return await self.writer.run(_decline, self.vault, proposal, deliveries)

    async def may_erase(self, alliance: str, now: datetime) -> bool:
        """Have both sides agreed that this alliance is deleted, and not too long ago?"""
        return await self.reader.run(may_erase, alliance, now)


def may_erase(connection: Connection, alliance: str, now: datetime) -> bool:
    agreed = proposals.c.alliance == alliance, proposals.c.term == "erase", proposals.c.state == "agreed"
    query = select(proposals.c.id).where(*agreed, proposals.c.until > now)
    return connection.scalar(query.limit(1)) is not None


def _list_open(connection: Connection, alliance: str, now: datetime) -> tuple[Proposal, ...]:
    mine = proposals.c.alliance == alliance, proposals.c.state == "open", proposals.c.until > now
    rows = connection.execute(select(proposals).where(*mine).order_by(proposals.c.at, proposals.c.id))
    return tuple(_proposal(row) for row in rows)


def _propose(connection: Connection, vault: Vault, one: Proposal, deliveries: Sequence[Delivery]) -> bool:
    same = proposals.c.alliance == one.alliance, proposals.c.term == one.term
    expired = update(proposals).where(*same, proposals.c.state == "open", proposals.c.until <= one.at)
    connection.execute(expired.values(state="declined"))
    row = {"id": one.id, "alliance": one.alliance, "term": one.term, "value": one.value}
    times = {"side": one.side.value, "state": "open", "at": one.at, "until": one.until}
    new = insert_new(connection, proposals, [{**row, **times}]) == 1
    if new:
        enqueue(connection, vault, load_place_keys(connection, vault), deliveries)
    return new


def _agree(
    connection: Connection,
    vault: Vault,
    one: Proposal,
    by: Side,
    deliveries: Sequence[Delivery],
    now: datetime,
) -> bool:
    row = connection.execute(select(proposals).where(proposals.c.id == one.id).with_for_update()).first()
    if row is None or row.state != "open" or row.until <= now or row.side == by.value:
        return False
    connection.execute(update(proposals).where(proposals.c.id == one.id).values(state="agreed"))
    _hold(connection, _proposal(row))
    enqueue(connection, vault, load_place_keys(connection, vault), deliveries)
    return True


def _decline(connection: Connection, vault: Vault, one: Proposal, deliveries: Sequence[Delivery]) -> bool:
    this = proposals.c.id == one.id, proposals.c.state == "open"
    declined = connection.execute(update(proposals).where(*this).values(state="declined")).rowcount == 1
    if declined:
        enqueue(connection, vault, load_place_keys(connection, vault), deliveries)
    return declined


def _hold(connection: Connection, one: Proposal) -> None:
    """From now on the alliance is as agreed; what was decided on the older declaration is dropped."""
    if one.term == "erase":
        return
    this = alliances.c.key == one.alliance
    declared = ALLIANCE.read(
        connection.scalars(select(alliances.c.declared).where(this).with_for_update()).one()
    )
    agreed = (
        replace(declared, minimum=int(one.value))
        if one.term == "minimum"
        else replace(declared, share_dimensions=one.value == "on")
    )
    changes = {"declared": ALLIANCE.write(agreed), "revision": alliances.c.revision + 1, "digest_at": EPOCH}
    connection.execute(update(alliances).where(this).values(changes))


def _proposal(row: Any) -> Proposal:
    return Proposal(row.id, row.alliance, row.term, row.value, Side(row.side), row.at, row.until)
