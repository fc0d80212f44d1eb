"""The rows. Each walk's promise to be safe to run twice is a key here.

Moments are aware UTC. What names a person or holds words is sealed (`storage.vault`); pseudonyms, names of
alliances, organisation ids and message ids are plain because they are looked up.
"""

from datetime import UTC, date, datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Before every moment the bot can meet: "look at once"."""


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime in, the same out, on every database. Raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


SERIAL = BigInteger().with_variant(Integer(), "sqlite")


def _moment(*, nullable: bool = False, **options: Any) -> Any:
    return Field(sa_column=Column(Moment(), nullable=nullable, **options))


def _where(name: str, column: str, condition: str) -> Index:
    """An index over only the few rows that are still waiting for something."""
    return Index(name, column, sqlite_where=text(condition), postgresql_where=text(condition))


class AllianceRow(SQLModel, table=True):
    __tablename__ = "alliance"

    key: str = Field(primary_key=True)
    declared: str
    """JSON of the alliance as declared, its leads left out."""
    leads: str
    """Sealed JSON of both sides' leads."""
    revision: int = 0
    """Counts the changes: what was decided on an older declaration is not carried out."""
    digest_at: datetime = _moment(index=True)
    """When the digest is to be looked at next."""


class ChannelRow(SQLModel, table=True):
    __tablename__ = "channel"

    platform: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    alliance: str = Field(foreign_key="alliance.key", index=True)


class HomeRow(SQLModel, table=True):
    """An organisation that is a side of an alliance."""

    __tablename__ = "home"

    platform: str = Field(primary_key=True)
    organisation: str = Field(primary_key=True)
    alliance: str = Field(primary_key=True, foreign_key="alliance.key", index=True)
    side: str
    mapped: bool
    """Said by a lead afterwards, and so not part of what was declared."""


class PulseRow(SQLModel, table=True):
    __tablename__ = "pulse"

    alliance: str = Field(primary_key=True, foreign_key="alliance.key")
    key: str = Field(primary_key=True)
    look_at: datetime = _moment(index=True)
    """When it is to be looked at next."""


class MissedRow(SQLModel, table=True):
    """A slot that passed while nobody could ask."""

    __tablename__ = "missed"

    alliance: str = Field(primary_key=True, foreign_key="alliance.key")
    pulse: str = Field(primary_key=True)
    slot: date = Field(primary_key=True)


class RoundRow(SQLModel, table=True):
    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("alliance", "pulse", "slot", name="uq_round_slot"),
        UniqueConstraint("alliance", "number", name="uq_round_number"),
        _where("ix_round_unenrolled", "opens_at", "NOT enrolled AND state = 'open'"),
        _where("ix_round_unreminded", "remind_at", "NOT reminded AND state = 'open'"),
        _where("ix_round_unclosed", "closes_at", "state <> 'closed'"),
    )

    id: str = Field(primary_key=True)
    alliance: str = Field(foreign_key="alliance.key")
    pulse: str
    slot: date
    number: int
    asked: str
    """JSON of its items."""
    opens_at: datetime = _moment()
    closes_at: datetime = _moment()
    remind_at: datetime | None = _moment(nullable=True)
    minimum: int
    holiday: bool
    state: str
    """open, frozen or closed."""
    enrolled: bool
    reminded: bool
    mood: str | None
    """JSON, from closing on."""


class InvitationRow(SQLModel, table=True):
    __tablename__ = "invitation"

    round: str = Field(primary_key=True, foreign_key="round.id")
    person: str = Field(primary_key=True)
    side: str


class AnswerRow(SQLModel, table=True):
    __tablename__ = "answer"
    __table_args__ = (
        CheckConstraint("value BETWEEN 1 AND 5", name="ck_answer_value"),
        _where("ix_answer_pending", "home_organisation", "side IS NULL"),
        {"sqlite_with_rowid": False},
    )

    round: str = Field(primary_key=True, foreign_key="round.id")
    person: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    side: str | None
    home_platform: str | None
    home_organisation: str | None
    value: int | None
    """None: can't judge."""
    at: datetime = _moment()
    spent: bool


class CommentRow(SQLModel, table=True):
    __tablename__ = "comment"
    __table_args__ = (UniqueConstraint("round", "person", "at", name="uq_comment"),)

    id: str = Field(primary_key=True)
    """Random: their order says nothing of time."""
    round: str = Field(foreign_key="round.id")
    person: str
    side: str
    body: str
    """Sealed."""
    share: bool
    at: datetime = _moment()


class ReadingRow(SQLModel, table=True):
    """The mood of one message; a deleted message leaves only its tombstone."""

    __tablename__ = "reading"
    __table_args__ = (Index("ix_reading_alliance_at", "alliance", "at"),)

    platform: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    message: str = Field(primary_key=True)
    alliance: str | None = Field(foreign_key="alliance.key")
    person: str | None
    side: str | None
    polarity: float | None
    at: datetime = _moment()
    deleted: bool


class ReleasedRow(SQLModel, table=True):
    __tablename__ = "released"

    alliance: str = Field(primary_key=True, foreign_key="alliance.key")
    number: int = Field(primary_key=True)
    """Index of the round at whose closing it was released."""
    side: str = Field(primary_key=True)
    """Empty for both sides pooled: a key cannot hold NULL."""
    dimension: str = Field(primary_key=True)
    slot: date
    value: float
    band: int
    favourable: str | None
    """JSON."""
    split: bool | None


class AlarmRow(SQLModel, table=True):
    __tablename__ = "alarm"

    alliance: str = Field(primary_key=True, foreign_key="alliance.key")
    number: int = Field(primary_key=True)
    """Index of the round at whose closing it was judged."""
    kind: str = Field(primary_key=True)
    id: str = Field(unique=True)
    slot: date
    body: str
    """JSON."""


class AcknowledgementRow(SQLModel, table=True):
    __tablename__ = "acknowledgement"

    alarm: str = Field(primary_key=True, foreign_key="alarm.id")
    side: str = Field(primary_key=True)


class MemoryRow(SQLModel, table=True):
    __tablename__ = "memory"

    alliance: str = Field(primary_key=True, foreign_key="alliance.key")
    state: str
    """JSON."""


class DeliveryRow(SQLModel, table=True):
    __tablename__ = "delivery"
    __table_args__ = (
        _where("ix_delivery_pending", "seq", "state = 'pending'"),
        _where("ix_delivery_sending", "lease_until", "state = 'sending'"),
        _where("ix_delivery_unknown", "changed_at", "state = 'unknown'"),
        Index(
            "ix_delivery_waiting_place",
            "place_key",
            "seq",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
        Index("ix_delivery_message", "place_key", "message"),
        Index("ix_delivery_state", "state", "seq"),
        _where("ix_delivery_revises", "revises", "state = 'pending'"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, sa_column=Column(SERIAL, primary_key=True, autoincrement=True))
    id: str = Field(unique=True)
    slot: str = Field(unique=True)
    alliance: str
    platform: str
    direct: bool
    """To a person."""
    place_key: str
    """Keyed hash of the place: what keeps the order within a place."""
    body: str | None
    """Sealed JSON of place and card; erased once the delivery is sent or failed."""
    revises: str | None
    state: str
    not_before: datetime | None = _moment(nullable=True)
    attempts: int
    lease_until: datetime | None = _moment(nullable=True)
    lease_token: str | None
    claimed_at: datetime | None = _moment(nullable=True)
    """When it was first claimed."""
    changed_at: datetime = _moment(server_default=func.now())
    looks: int
    """How often it was looked up while unknown."""
    reason: str
    message: str | None
    """Id of the message posted in a channel; not kept for a person."""
    ref: str | None
    """Sealed JSON."""


class SettingRow(SQLModel, table=True):
    __tablename__ = "setting"

    key: str = Field(primary_key=True)
    value: str
    """Sealed."""


class CounterRow(SQLModel, table=True):
    """A number that only grows, in the order of commits."""

    __tablename__ = "counter"

    name: str = Field(primary_key=True)
    value: int = Field(sa_column=Column(SERIAL, nullable=False))


class ChatLineRow(SQLModel, table=True):
    """One line of the browser sandbox."""

    __tablename__ = "chat_line"

    id: int = Field(sa_column=Column(SERIAL, primary_key=True, autoincrement=False))
    key: str | None = Field(unique=True)
    change: int = Field(sa_column=Column(SERIAL, nullable=False, unique=True))
    at: datetime = _moment()
    body: str | None
    """Sealed JSON of place, author and words; None once removed."""


def _table(row: type[SQLModel]) -> Table:
    return cast(Table, row.__table__)  # type: ignore[attr-defined]


alliances = _table(AllianceRow)
channels = _table(ChannelRow)
homes = _table(HomeRow)
pulses = _table(PulseRow)
missed = _table(MissedRow)
rounds = _table(RoundRow)
invitations = _table(InvitationRow)
answers = _table(AnswerRow)
comments = _table(CommentRow)
readings = _table(ReadingRow)
released = _table(ReleasedRow)
alarms = _table(AlarmRow)
acknowledgements = _table(AcknowledgementRow)
memories = _table(MemoryRow)
deliveries = _table(DeliveryRow)
settings = _table(SettingRow)
counters = _table(CounterRow)
chat_lines = _table(ChatLineRow)
metadata = SQLModel.metadata
