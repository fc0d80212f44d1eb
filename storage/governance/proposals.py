"""Proposals of one side, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from bot.model.alliance import Side
from bot.model.audit import AuditEntry
from bot.model.delivery import Delivery
from bot.model.proposal import Proposal
from storage.engine.encryption import Vault
from storage.engine.json_codec import ALLIANCE
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction
from storage.engine.upsert import insert_new
from storage.engine.writer import Writer
from storage.governance.audit_log import append_entry, audit_key
from storage.outbox.place_keys import PlaceKeySource
from storage.outbox.transactions import Enqueue, enqueue_transaction
from storage.tables import alliances, proposals
from storage.tables.columns import EPOCH

REFUSED = "refused, not open"


@dataclass(frozen=True, slots=True)
class Proposals:
    """`bot.ports.Proposals` over the database."""

    secret: bytes
    vault: Vault
    reader: Reader
    writer: Writer
    place_keys: PlaceKeySource

    @read_transaction
    def list_open(self, connection: Connection, alliance: str, now: datetime) -> tuple[Proposal, ...]:
        mine = proposals.c.alliance == alliance, proposals.c.state == "open", proposals.c.until > now
        rows = connection.execute(select(proposals).where(*mine).order_by(proposals.c.at, proposals.c.id))
        return tuple(_read_proposal(row) for row in rows)

    @enqueue_transaction
    def propose(
        self,
        connection: Connection,
        enqueue: Enqueue,
        proposal: Proposal,
        deliveries: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> bool:
        same = proposals.c.alliance == proposal.alliance, proposals.c.term == proposal.term
        expired = update(proposals).where(
            *same, proposals.c.state == "open", proposals.c.until <= proposal.at
        )
        connection.execute(expired.values(state="declined"))
        row = {
            "id": proposal.id,
            "alliance": proposal.alliance,
            "term": proposal.term,
            "value": proposal.value,
        }
        times = {"side": proposal.side.value, "state": "open", "at": proposal.at, "until": proposal.until}
        new = insert_new(connection, proposals, [{**row, **times}]) == 1
        self._note(connection, noted, "proposed" if new else "refused, another is open")
        if new:
            enqueue(deliveries)
        return new

    @enqueue_transaction
    def agree(
        self,
        connection: Connection,
        enqueue: Enqueue,
        proposal: Proposal,
        by: Side,
        deliveries: Sequence[Delivery],
        now: datetime,
        noted: AuditEntry | None = None,
    ) -> bool:
        row = connection.execute(
            select(proposals).where(proposals.c.id == proposal.id).with_for_update()
        ).first()
        if row is None or row.state != "open" or row.until <= now or row.side == by.value:
            self._note(connection, noted, REFUSED)
            return False
        connection.execute(update(proposals).where(proposals.c.id == proposal.id).values(state="agreed"))
        _put_in_force(connection, _read_proposal(row))
        self._note(connection, noted, "agreed")
        enqueue(deliveries)
        return True

    @enqueue_transaction
    def decline(
        self,
        connection: Connection,
        enqueue: Enqueue,
        proposal: Proposal,
        deliveries: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> bool:
        this = proposals.c.id == proposal.id, proposals.c.state == "open"
        declined = connection.execute(update(proposals).where(*this).values(state="declined")).rowcount == 1
        self._note(connection, noted, "declined" if declined else REFUSED)
        if declined:
            enqueue(deliveries)
        return declined

    @read_transaction
    def may_erase(self, connection: Connection, alliance: str, now: datetime) -> bool:
        """Have both sides agreed that this alliance is deleted, and not too long ago?"""
        agreed = proposals.c.alliance == alliance, proposals.c.term == "erase", proposals.c.state == "agreed"
        query = select(proposals.c.id).where(*agreed, proposals.c.until > now)
        return connection.scalar(query.limit(1)) is not None

    def _note(self, connection: Connection, noted: AuditEntry | None, outcome: str) -> None:
        if noted:
            append_entry(connection, audit_key(self.secret), noted.conclude(outcome))


def _put_in_force(connection: Connection, proposal: Proposal) -> None:
    """Change the alliance as agreed; what was decided on the older declaration is dropped."""
    if proposal.term == "erase":
        return
    this = alliances.c.key == proposal.alliance
    declared = ALLIANCE.read(
        connection.scalars(select(alliances.c.declared).where(this).with_for_update()).one()
    )
    agreed = (
        replace(declared, minimum=int(proposal.value))
        if proposal.term == "minimum"
        else replace(declared, share_dimensions=proposal.value == "on")
    )
    changes = {"declared": ALLIANCE.write(agreed), "revision": alliances.c.revision + 1, "digest_at": EPOCH}
    connection.execute(update(alliances).where(this).values(changes))


def _read_proposal(row: Any) -> Proposal:
    return Proposal(row.id, row.alliance, row.term, row.value, Side(row.side), row.at, row.until)
