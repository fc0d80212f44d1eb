"""Put the repositories of `bot.ports.Store` together, on SQLite or PostgreSQL."""

import asyncio

from sqlalchemy import Engine

from bot.model.alliance import Alliance, Round
from bot.ports import StoreUnavailable
from storage.alliances.alliances import Alliances
from storage.alliances.company_claims import CompanyClaims
from storage.alliances.declarations import Declarations
from storage.backup.key_rotation import KeyRotation
from storage.coordination.future_marks import FutureMarks
from storage.coordination.installations import InstallationRepository
from storage.coordination.leases import LeaseRepository
from storage.coordination.rate_limits import RateLimits
from storage.coordination.sandbox_chat import SandboxChat
from storage.data_rights.copy_requests import CopyRequests
from storage.data_rights.departures import Departures
from storage.data_rights.retention import DataRetention
from storage.data_rights.subject_data import SubjectData
from storage.diagnostics.checks import Diagnostics
from storage.engine import schema
from storage.engine.cache import TtlCache
from storage.engine.connect import allow_writes
from storage.engine.encryption import Unreadable, Vault
from storage.engine.reader import Reader
from storage.engine.stored_values import StoredValues
from storage.engine.writer import Writer
from storage.governance.audit_log import AuditLog
from storage.governance.proposals import Proposals
from storage.loop.actions import Actions
from storage.loop.alerts import Alerts
from storage.loop.milestones import Milestones
from storage.outbox.claims import Claims
from storage.outbox.outbox import Outbox
from storage.outbox.place_keys import PlaceKeySource
from storage.rounds.alarms import Alarms
from storage.rounds.answers import Answers
from storage.rounds.closings import Closings
from storage.rounds.comments import Comments
from storage.rounds.digests import Digests
from storage.rounds.pulses import Pulses
from storage.rounds.readings import Readings
from storage.rounds.rounds import Rounds
from storage.rounds.wishes import Wishes

ROUND_TTL = 60.0
"""Seconds that a round is remembered: what it holds never changes."""
ALLIANCE_TTL = 0.25
"""Seconds that an alliance is remembered: shorter than anyone notices, long enough for a burst of clicks."""
REMEMBERED_AT_MOST = 1_000


class DatabaseStore:
    """`bot.ports.Store` over one database. Any number of them, in any number of processes, may share it."""

    def __init__(self, engine: Engine, vault: Vault, secret: bytes = b"") -> None:
        self._engine = engine
        self._reader = Reader(engine)
        self.writer = Writer(allow_writes(engine))
        self._declared = Declarations(vault)
        self._place_keys = PlaceKeySource(vault, self._reader, self.writer)
        recent_alliances: TtlCache[str, Alliance] = TtlCache(ALLIANCE_TTL, REMEMBERED_AT_MOST)
        recent_rounds: TtlCache[str, Round] = TtlCache(ROUND_TTL, REMEMBERED_AT_MOST)
        self.alliances = Alliances(
            secret, vault, self._reader, self.writer, self._place_keys, self._declared, recent_alliances
        )
        self.companies = CompanyClaims(secret, vault, self.writer, self._place_keys, recent_alliances.forget)
        self.values = StoredValues(vault, self._reader, self.writer)
        self.outbox = Outbox(vault, self._reader, self.writer, self._place_keys)
        self.claims = Claims(vault, self.writer, self._place_keys)
        self.pulses = Pulses(vault, self._reader, self.writer, self._place_keys, self._declared)
        self.digests = Digests(vault, self._reader, self.writer, self._place_keys, self._declared)
        self.rounds = Rounds(vault, self._reader, self.writer, self._place_keys, recent_rounds)
        self.wishes = Wishes(self._reader, self.writer)
        self.answers = Answers(self._reader, self.writer)
        self.comments = Comments(vault, self._reader, self.writer)
        self.readings = Readings(vault, self.writer)
        self.closings = Closings(vault, self._reader, self.writer, self._place_keys, self._declared)
        self.alarms = Alarms(self._reader, self.writer)
        self.alerts = Alerts(secret, vault, self._reader, self.writer, self._place_keys)
        self.actions = Actions(secret, vault, self._reader, self.writer, self._place_keys)
        self.milestones = Milestones(secret, vault, self._reader, self.writer, self._place_keys)
        self.chat = SandboxChat(vault, self._reader, self.writer)
        self.leases = LeaseRepository(self.writer)
        self.rate_limits = RateLimits(self.writer)
        self.future_marks = FutureMarks(self.writer)
        self.audit = AuditLog(secret, self._reader, self.writer)
        self.proposals = Proposals(secret, vault, self._reader, self.writer, self._place_keys)
        self.installations = InstallationRepository(vault, self._reader, self.writer)
        self.subject_data = SubjectData(secret, vault, self._reader, self.writer)
        self.copy_requests = CopyRequests(secret, vault, self._reader, self.writer)
        self.departures = Departures(self._reader, self.writer)
        self.retention = DataRetention(secret, vault, self.writer)
        self.rotation = KeyRotation(vault, self._reader, self.writer)
        self.diagnostics = Diagnostics(vault, secret, self._reader, self.writer)

    @property
    def is_shared(self) -> bool:
        """True if processes on several machines may use it."""
        return self._engine.dialect.name == "postgresql"

    async def ready(self) -> bool:
        """Return whether the database can be used; False, too, if no encryption key fits it."""
        try:
            if not await self.writer.run(schema.probe_schema):
                return False
            await self._place_keys.load()
        except (StoreUnavailable, Unreadable):
            return False
        return True

    async def aclose(self) -> None:
        """Write what is waiting, then close the database."""
        await asyncio.to_thread(self._let_go)

    def _let_go(self) -> None:
        self.writer.close()
        self._reader.close()
        self._engine.dispose()
