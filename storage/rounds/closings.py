"""Closings: rounds whose time is over, and what came of them, written down at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, select, update

from bot.model.alert import Alert, name_alert
from bot.model.alliance import Round
from bot.model.closing import Alarm, Closing, Memory, MoodLine, Record, Release
from bot.model.delivery import Delivery
from storage.alliances.declarations import Declarations
from storage.engine.encryption import Vault
from storage.engine.json_codec import ALARM, FAVOURABLE, MEMORY, MOOD, TURNOUT
from storage.engine.reader import Reader
from storage.engine.row_lock import lock_row
from storage.engine.sampling import WINDOW, sample_due
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.upsert import insert_new, upsert_rows
from storage.engine.writer import Writer
from storage.loop.alerts import end_alerts, open_alerts
from storage.outbox.place_keys import PlaceKeySource
from storage.outbox.transactions import Enqueue, enqueue_transaction
from storage.rounds.alarms import with_accepted
from storage.rounds.comments import release_blocks
from storage.rounds.record import list_releases, read_record
from storage.rounds.rounds import Query, count_people, list_rounds, read_round
from storage.tables import alarms, answers, memories, released, rounds


@dataclass(frozen=True, slots=True)
class Closings:
    """`bot.ports.Closings` over the database."""

    vault: Vault
    reader: Reader
    writer: Writer
    place_keys: PlaceKeySource
    declared: Declarations

    @read_transaction
    def list_to_close(self, connection: Connection, now: datetime) -> tuple[Round, ...]:
        """Sample alliances, not rounds: of an alliance all are returned, oldest first."""
        waiting: dict[str, list[Round]] = {}
        for over in list_rounds(connection, select_to_close(now)):
            waiting.setdefault(over.alliance, []).append(over)
        return tuple(over for alliance in sample_due(list(waiting)) for over in waiting[alliance])

    @write_transaction
    def freeze_round(self, connection: Connection, round_id: str) -> bool:
        row = lock_row(connection, rounds, rounds.c.id == round_id)
        if row is not None and row.state == "open":
            connection.execute(update(rounds).where(rounds.c.id == round_id).values(state="frozen"))
        return row is not None

    @read_transaction
    def load_record(self, connection: Connection, round_id: str, leads: frozenset[str]) -> Record:
        found = list_rounds(connection, select(rounds).where(rounds.c.id == round_id))
        alliance = self.declared.find_by_key(connection, found[0].alliance) if found else None
        if alliance is None:
            raise LookupError("no such round")
        return read_record(connection, found[0], leads, alliance.pooled)

    @enqueue_transaction
    def close_round(
        self,
        connection: Connection,
        enqueue: Enqueue,
        round_id: str,
        closing: Closing,
        deliveries: Sequence[Delivery],
        opened: Sequence[Alert] = (),
    ) -> bool:
        row = lock_row(connection, rounds, rounds.c.id == round_id, rounds.c.state != "closed")
        if row is None:
            return False
        _mark_closed(connection, round_id, closing.mood)
        _write_closing(connection, read_round(row), closing)
        open_alerts(connection, opened)
        end_alerts(connection, row.alliance, [over.kind for over in closing.recoveries], "recovered")
        enqueue(deliveries)
        return True

    async def list_releases(self, alliance: str) -> tuple[Release, ...]:
        return await self.reader.run(list_releases, alliance)

    @read_transaction
    def list_mood(self, connection: Connection, alliance: str) -> tuple[MoodLine, ...]:
        query = select(rounds.c.mood).where(rounds.c.alliance == alliance, rounds.c.state == "closed")
        text = connection.scalar(query.order_by(rounds.c.number.desc()).limit(1))
        return MOOD.read(text) if text else ()


def select_to_close(now: datetime) -> Query:
    """Select the rounds whose time is over, frozen ones included, oldest first."""
    due = select(rounds).where(rounds.c.close_due <= now)
    return due.order_by(rounds.c.close_due, rounds.c.number).limit(WINDOW)


def _mark_closed(connection: Connection, round_id: str, mood: tuple[MoodLine, ...]) -> None:
    shown = {"mood": MOOD.write(mood), "turnout": TURNOUT.write(count_people(connection, round_id))}
    done = {"enrol_due": None, "remind_due": None, "close_due": None}
    this = update(rounds).where(rounds.c.id == round_id)
    connection.execute(this.values({"state": "closed", **shown, **done}))


def _write_closing(connection: Connection, closed: Round, closing: Closing) -> None:
    releases = [_release_row(closed.alliance, release) for release in closing.releases]
    insert_new(connection, released, releases)
    insert_new(connection, alarms, [_alarm_row(closed, alarm) for alarm in closing.alarms])
    _write_memory(connection, closed.alliance, closing.memory)
    _mark_spent(connection, closed.alliance, closing)
    release_blocks(connection, closed.alliance, closing.comments)


def _write_memory(connection: Connection, alliance: str, memory: Memory) -> None:
    """Lose nothing of what was accepted since the record was read."""
    state = dict(with_accepted(connection, alliance, memory).state)
    row = {"alliance": alliance, "state": MEMORY.write(state), "accepted": None}
    upsert_rows(connection, memories, row)


def _mark_spent(connection: Connection, alliance: str, closing: Closing) -> None:
    if not closing.spent:
        return
    query = select(rounds.c.number, rounds.c.id).where(rounds.c.alliance == alliance)
    indexes = {index for _, index, _ in closing.spent}
    ids = {row.number: row.id for row in connection.execute(query.where(rounds.c.number.in_(indexes)))}
    same = and_(
        answers.c.round == bindparam("of"),
        answers.c.person == bindparam("by"),
        answers.c.item == bindparam("on"),
    )
    keys = [{"of": ids[index], "by": person, "on": item} for person, index, item in sorted(closing.spent)]
    connection.execute(update(answers).where(same).values(spent=True), keys)


def _release_row(alliance: str, release: Release) -> dict[str, object]:
    return {
        "alliance": alliance,
        "number": release.round,
        "side": release.cell.side.value if release.cell.side else "",
        "dimension": release.cell.dimension,
        "slot": release.slot,
        "value": release.value,
        "band": release.band,
        "favourable": FAVOURABLE.write(release.favourable) if release.favourable else None,
        "split": release.split,
        "shared": release.shared,
    }


def _alarm_row(closed: Round, alarm: Alarm) -> dict[str, object]:
    return {
        "alliance": closed.alliance,
        "number": alarm.round,
        "kind": alarm.kind,
        "id": name_alert(closed.alliance, alarm.round, alarm.kind),
        "slot": closed.slot,
        "body": ALARM.write(alarm),
    }
