"""The store: each method of `bot.ports.Store`, on SQLite or PostgreSQL."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine

from bot.model.alliance import Alliance, Channel, Round, Side
from bot.model.audit import Noted
from bot.model.closing import Alarm, Closing, KeptBlock, MoodLine, Record, Release
from bot.model.commands import GivenAnswer, GivenComment, GivenReading, Kept, RaisedAlarm, Turnout
from bot.model.delivery import Delivery
from bot.ports import StoreUnavailable
from storage import steps, words
from storage.alliances import channel_moves as moves
from storage.alliances.alliances import Declarations
from storage.alliances.company_claims import CompanyClaims
from storage.backup.key_rotation import Rotation
from storage.coordination.future_marks import FutureMarks
from storage.coordination.installations import Installations
from storage.coordination.leases import Leases
from storage.coordination.rate_limits import Turns
from storage.coordination.sandbox_chat import Chat
from storage.data_rights.departures import Departures
from storage.data_rights.retention import Retention
from storage.data_rights.subject_data import People
from storage.deliveries import Deliveries
from storage.diagnostics.checks import Condition
from storage.engine import schema, settings
from storage.engine.cache import Recent
from storage.engine.connect import writing
from storage.engine.encryption import Unreadable, Vault
from storage.engine.reader import Reader
from storage.engine.writer import Writer
from storage.governance.audit_log import AuditLog
from storage.governance.proposals import Proposals
from storage.outbox import outbox
from storage.outbox.place_keys import FoundPlaces
from storage.rounds import answers, closings, rounds
from storage.rounds.digests import Digests
from storage.rounds.pulses import Pulses
from storage.tables.columns import EPOCH

ROUND_KEEPS = 60.0
"""Seconds; what a `Round` holds never changes."""
ALLIANCE_KEEPS = 0.25
"""Seconds: shorter than anyone notices, long enough for a burst."""


class DatabaseStore:
    """`bot.ports.Store` over one database. Any number of them, in any number of processes, may share it."""

    def __init__(self, engine: Engine, vault: Vault, secret: bytes = b"") -> None:
        self._engine = engine
        self._vault = vault
        self._secret = secret
        self._reader = Reader(engine)
        self.writer = Writer(writing(engine))
        self._declared = Declarations(vault)
        self._places = FoundPlaces(vault, self._reader, self.writer)
        self._rounds: Recent[str, Round] = Recent(ROUND_KEEPS, 1_000)
        self._alliances: Recent[str, Alliance] = Recent(ALLIANCE_KEEPS, 1_000)
        self._channels: Recent[Channel, Alliance] = Recent(ALLIANCE_KEEPS, 1_000)
        self._told: Recent[Channel, Channel] = Recent(ALLIANCE_KEEPS, 1_000)
        self.outbox = Deliveries(vault, self._reader, self.writer, self._places)
        self.pulses = Pulses(vault, self._reader, self.writer, self._places, self._declared)
        self.digests = Digests(vault, self._reader, self.writer, self._places, self._declared)
        self.companies = CompanyClaims(vault, self.writer, self._places, self._forget_alliances)
        self.chat = Chat(vault, self._reader, self.writer)
        self.leases = Leases(self.writer)
        self.turns = Turns(self.writer)
        self.future_marks = FutureMarks(self.writer)
        self.audit = AuditLog(secret, self._reader, self.writer)
        self.agreements = Proposals(vault, self._reader, self.writer)
        self.installations = Installations(vault, self._reader, self.writer)
        self.people = People(secret, vault, self._reader, self.writer)
        self.departures = Departures(self._reader, self.writer)
        self.retention = Retention(secret, vault, self.writer)
        self.rotation = Rotation(vault, self._reader, self.writer)
        self.condition = Condition(vault, secret, self._reader, self.writer)

    @property
    def is_shared(self) -> bool:
        """Processes on several machines may use it."""
        return self._engine.dialect.name == "postgresql"

    # Declared by `apply`

    async def declare(
        self, alliances: Sequence[Alliance], now: datetime | None = None, noted: Noted | None = None
    ) -> tuple[str, ...]:
        """Raises ValueError for a channel that already is another alliance's. Changes are `noted` with it."""
        told = await self.writer.run_long(
            steps.declare, self._declared, alliances, now or EPOCH, self._secret, noted
        )
        self._forget_alliances()
        return told

    async def alliances(self) -> tuple[Alliance, ...]:
        return await self._reader.run(self._declared.all)

    async def alliance(self, key: str) -> Alliance | None:
        """As it was at most `ALLIANCE_KEEPS` seconds ago, where another process changed it."""
        return await self._alliances.get(key, lambda key: self._reader.run(self._declared.find, key))

    async def alliance_at(self, channel: Channel) -> Alliance | None:
        return await self._channels.get(channel, lambda at: self._reader.run(self._declared.at, at))

    async def known(self, channel: Channel) -> Channel:
        told = await self._told.get(channel, lambda told: self._reader.run(moves.known, told))
        return told or channel

    async def move(self, channel: Channel, to: str) -> bool:
        moved = await self.writer.run(moves.move, await self._places(), channel, to)
        self._forget_alliances()
        return moved

    async def alliances_of(self, homes: Sequence[tuple[str, str]]) -> tuple[Alliance, ...]:
        return await self._reader.run(self._declared.of, homes)

    # Rounds

    async def unenrolled(self, now: datetime) -> tuple[Round, ...]:
        return await self._reader.run(rounds.unenrolled, now)

    async def enrol(self, round: str, roster: Sequence[tuple[Side, str]]) -> None:
        await self.writer.run(rounds.enrol, round, roster)

    # Remind

    async def to_remind(self, now: datetime) -> tuple[Round, ...]:
        return await self._reader.run(rounds.to_remind, now)

    async def answered(self, round: str) -> frozenset[str]:
        return await self._reader.run(rounds.answered, round)

    async def remind(self, round: str, deliveries: Sequence[Delivery]) -> bool:
        places = await self._places()
        return await self.writer.run(steps.remind, self._vault, places, round, deliveries)

    # Answer, comment, listen

    async def answer(self, given: GivenAnswer, now: datetime) -> Kept:
        return await self.writer.run_bulk(answers.keep, (given, now))

    async def own_answers(self, round: str, person: str) -> Mapping[str, int | None]:
        return await self._reader.run(answers.own, round, person)

    async def comment(self, given: GivenComment, now: datetime) -> Kept:
        return await self.writer.run(words.comment, self._vault, given, now)

    async def comments(self, alliance: str) -> tuple[KeptBlock, ...]:
        return await self._reader.run(words.newest_blocks, self._vault, alliance)

    async def keep_reading(self, given: GivenReading) -> None:
        await self.writer.run(words.keep_reading, given)

    async def drop_reading(self, channel: Channel, message: str, at: datetime) -> None:
        await self.writer.run(words.drop_reading, channel, message, at)

    async def round(self, id: str) -> Round | None:
        return await self._rounds.get(id, lambda id: self._reader.run(rounds.find, id))

    async def open_rounds(self, alliance: str, now: datetime) -> tuple[Round, ...]:
        return await self._reader.run(rounds.open_rounds, alliance, now)

    async def asked_in(self, channel: Channel, message: str) -> bool:
        return await self._reader.run(outbox.posted, await self._places(), channel, message)

    # Close

    async def to_close(self, now: datetime) -> tuple[Round, ...]:
        return await self._reader.run(rounds.to_close, now)

    async def freeze(self, round: str) -> bool:
        return await self.writer.run(rounds.freeze, round)

    async def record(self, round: str, leads: frozenset[str]) -> Record:
        """Raises LookupError for a round that does not exist."""
        return await self._reader.run(steps.record, self._declared, round, leads)

    async def close(self, round: str, closing: Closing, deliveries: Sequence[Delivery]) -> bool:
        places = await self._places()
        return await self.writer.run(steps.close, self._vault, places, round, closing, deliveries)

    # What is shown

    async def releases(self, alliance: str) -> tuple[Release, ...]:
        return await self._reader.run(closings.releases, alliance)

    async def last_round(self, alliance: str) -> Round | None:
        return await self._reader.run(rounds.last_closed, alliance)

    async def mood(self, alliance: str) -> tuple[MoodLine, ...]:
        return await self._reader.run(closings.mood, alliance)

    async def alarms(self, alliance: str) -> tuple[RaisedAlarm, ...]:
        return await self._reader.run(closings.raised, alliance)

    async def acknowledge(self, alarm: str, side: Side) -> bool:
        """True when this side had not done so yet; False also for an alarm that does not exist."""
        return await self.writer.run(closings.acknowledge, alarm, side)

    async def accept(self, alliance: str, alarms: Sequence[Alarm]) -> None:
        await self.writer.run(closings.accept, alliance, alarms)

    async def turnout(self, round: str) -> Turnout:
        return Turnout(*await self._reader.run(rounds.turnout, round))

    # Small things

    async def setting(self, key: str) -> str | None:
        return await self._reader.run(settings.find, self._vault, key)

    async def keep_setting(self, key: str, value: str) -> None:
        await self.writer.run(settings.keep, self._vault, key, value)

    async def ready(self) -> bool:
        """False too where none of the encryption keys is the one that this database was filled with."""
        try:
            if not await self.writer.run(schema.probe):
                return False
            await self._places()
        except (StoreUnavailable, Unreadable):
            return False
        return True

    async def aclose(self) -> None:
        """Write what is waiting, then let go of the database."""
        await asyncio.to_thread(self._let_go)

    def _let_go(self) -> None:
        self.writer.close()
        self._reader.close()
        self._engine.dispose()

    def _forget_alliances(self) -> None:
        self._alliances.forget()
        self._channels.forget()
        self._told.forget()
