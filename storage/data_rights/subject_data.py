"""Copy or erase one person's data, found by pseudonyms that are computed again from the secret."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from bot.model.alliance import Member, Side
from bot.model.audit import AuditEntry
from bot.model.delivery import Delivery
from bot.privacy.pseudonym import make_pseudonym
from storage.data_rights.erasure import Erasure, carry_out_erasures, load_erasures
from storage.engine.encryption import Vault
from storage.engine.json_codec import LEADS, read_items
from storage.engine.reader import Reader
from storage.engine.transactions import long_transaction
from storage.engine.writer import Writer
from storage.governance.audit_log import append_entry, audit_key
from storage.outbox.enqueue import enqueue_deliveries
from storage.outbox.place_keys import load_place_keys
from storage.tables import (
    actions,
    alerts,
    alliances,
    answers,
    audit,
    comments,
    deliveries,
    invitations,
    readings,
    rounds,
    wishes,
)


@dataclass(frozen=True, slots=True)
class SubjectData:
    """Each method is one transaction, safe to run twice; may raise StoreUnavailable."""

    secret: bytes
    vault: Vault
    reader: Reader
    writer: Writer

    @long_transaction
    def erase_member(
        self, connection: Connection, member: Member, keys: Sequence[str], noted: AuditEntry
    ) -> tuple[dict[str, int], tuple[Erasure, ...]]:
        """Erase the person; return rows deleted by table, and erasures to keep elsewhere for a later restore."""
        place = load_place_keys(connection, self.vault).hash_place(member)
        wanted = [erasure for key in keys for erasure in self._plan_erasures(key, member, place, noted.at)]
        return self._carry_out(connection, wanted, noted), tuple(wanted)

    async def erase_alliance(self, key: str, noted: AuditEntry) -> dict[str, int]:
        return await self.writer.run_long(self._carry_out, [Erasure(key, "alliance", "", noted.at)], noted)

    async def list_erasures(self) -> tuple[Erasure, ...]:
        """Return all erasures, oldest first."""
        return await self.reader.run(load_erasures)

    async def erase_again(self, wanted: Sequence[Erasure], noted: AuditEntry) -> dict[str, int]:
        """Erase again, after a restore, what was erased before."""
        return await self.writer.run_long(self._carry_out, wanted, noted, past=True)

    @long_transaction
    def copy_member(
        self,
        connection: Connection,
        member: Member,
        keys: Sequence[str],
        told: Sequence[Delivery],
        noted: AuditEntry,
    ) -> list[dict[str, Any]]:
        """Return all data about a person, an entry for each alliance, and enqueue the notice to the person."""
        place = load_place_keys(connection, self.vault)
        append_entry(connection, audit_key(self.secret), noted)
        kept = [self._copy_alliance(connection, key, member, place.hash_place(member)) for key in keys]
        enqueue_deliveries(connection, self.vault, place, told)
        return kept

    def _plan_erasures(self, key: str, member: Member, place: str, at: datetime) -> Iterable[Erasure]:
        yield Erasure(key, "answer", make_pseudonym(self.secret, key, member, "answer"), at)
        yield Erasure(key, "reading", make_pseudonym(self.secret, key, member, "reading"), at)
        yield Erasure(key, "place", place, at)
        yield Erasure(key, "owner", make_pseudonym(self.secret, key, member, "owner"), at)

    def _carry_out(
        self, connection: Connection, wanted: Sequence[Erasure], noted: AuditEntry, past: bool = False
    ) -> dict[str, int]:
        done = carry_out_erasures(
            connection, self.vault, load_place_keys(connection, self.vault), wanted, past=past
        )
        append_entry(connection, audit_key(self.secret), noted)
        return done

    def _copy_alliance(self, connection: Connection, key: str, member: Member, place: str) -> dict[str, Any]:
        person = make_pseudonym(self.secret, key, member, "answer")
        reading = make_pseudonym(self.secret, key, member, "reading")
        entry = f"member:{make_pseudonym(self.secret, key, member, 'audit')}"
        sent = select(deliveries).where(deliveries.c.alliance == key, deliveries.c.place_key == place)
        read = select(readings).where(readings.c.alliance == key, readings.c.person == reading)
        owner = make_pseudonym(self.secret, key, member, "owner")
        owned = select(alerts).where(alerts.c.alliance == key, alerts.c.owner == owner)
        doing = select(actions).where(actions.c.alliance == key, actions.c.owner == owner)
        noted = select(audit).where(audit.c.alliance == key, audit.c.by == entry).order_by(audit.c.seq)
        return {
            "alliance": key,
            "leads": self._list_lead_sides(connection, key, member),
            "rosters": _list_rosters(connection, key, person),
            "wishes": _list_wishes(connection, key, person),
            "answers": _list_answers(connection, key, person),
            "comments": self._list_comments(connection, key, person),
            "moods_of_messages": [
                {"at": row.at, "polarity": row.polarity}
                for row in connection.execute(read.order_by(readings.c.at))
            ],
            "messages_sent_to_you": [
                {"at": row.changed_at, "kind": row.slot.partition(":")[0], "state": row.state}
                for row in connection.execute(sent.order_by(deliveries.c.seq))
            ],
            "alerts_you_own": [
                {"alert": row.kind, "since": row.slot, "state": row.state}
                for row in connection.execute(owned.order_by(alerts.c.number))
            ],
            "actions_you_own": [
                {
                    "action": self.vault.open(row.body, "action", "body", row.id),
                    "due": row.due,
                    "state": row.state,
                }
                for row in connection.execute(doing.order_by(actions.c.due))
            ],
            "commands_you_gave": [
                {"at": row.at, "act": row.act, "detail": row.detail} for row in connection.execute(noted)
            ],
        }

    def _list_lead_sides(self, connection: Connection, key: str, member: Member) -> list[str]:
        sealed = connection.scalar(select(alliances.c.leads).where(alliances.c.key == key))
        both = LEADS.read(self.vault.open(sealed, "alliance", "leads", key)) if sealed else ((), ())
        return [side.value for side, leads in zip(Side, both, strict=True) if member in leads]

    def _list_comments(self, connection: Connection, key: str, person: str) -> list[dict[str, Any]]:
        query = select(comments, rounds.c.slot).join(rounds, rounds.c.id == comments.c.round)
        rows = connection.execute(query.where(rounds.c.alliance == key, comments.c.person == person))
        return [
            {
                "round": row.slot,
                "text": self.vault.open(row.body, "comment", "body", row.id),
                "share": row.share,
                "at": row.at,
            }
            for row in rows
        ]


def _list_rosters(connection: Connection, key: str, person: str) -> list[dict[str, Any]]:
    query = select(rounds.c.slot, invitations.c.side).join(rounds, rounds.c.id == invitations.c.round)
    mine = rounds.c.alliance == key, invitations.c.person == person
    rows = connection.execute(query.where(*mine).order_by(rounds.c.slot))
    return [{"round": row.slot, "side": row.side} for row in rows]


def _list_wishes(connection: Connection, key: str, person: str) -> list[dict[str, Any]]:
    query = select(wishes).where(wishes.c.alliance == key, wishes.c.person == person)
    rows = connection.execute(query.order_by(wishes.c.kind))
    return [{"kind": row.kind, "until": row.until, "round": row.round} for row in rows]


def _list_answers(connection: Connection, key: str, person: str) -> list[dict[str, Any]]:
    query = select(answers, rounds.c.slot, rounds.c.asked).join(rounds, rounds.c.id == answers.c.round)
    mine = rounds.c.alliance == key, answers.c.person == person
    rows = connection.execute(query.where(*mine).order_by(rounds.c.slot, answers.c.item))
    return [
        {
            "round": row.slot,
            "side": row.side,
            "question": {question.id: question.text for question in read_items(row.asked)}.get(
                row.item, row.item
            ),
            "value": row.value,
            "at": row.at,
            "counted_in_a_number": row.spent,
        }
        for row in rows
    ]
