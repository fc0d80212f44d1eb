"""Define tables of results, deliveries, settings and coordination."""

from datetime import date, datetime

from sqlalchemy import Column, Index, func, text, true
from sqlmodel import Field, SQLModel

from storage.tables.columns import SERIAL, moment_column


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
    shared: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Whether the other side may see it."""


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
    accepted: str | None = None
    """JSON of the alarms whose level leads have accepted as the new normal since the newest closing."""


class DeliveryRow(SQLModel, table=True):
    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_waiting_place",
            "place_key",
            "seq",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
        Index("ix_delivery_message", "place_key", "message"),
        Index("ix_delivery_state", "state", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, sa_column=Column(SERIAL, primary_key=True, autoincrement=True))
    id: str = Field(unique=True)
    slot: str = Field(unique=True)
    alliance: str
    platform: str
    workspace: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Keyed hash of whose installation posts it; empty in rows from before this was kept."""
    direct: bool
    """To a person."""
    place_key: str
    """Keyed hash of the place: what keeps the order within a place."""
    body: str | None
    """Sealed JSON of place and card; erased once the delivery is sent or failed."""
    revises: str | None = Field(index=True)
    state: str
    not_before: datetime | None = moment_column(nullable=True)
    not_after: datetime | None = moment_column(nullable=True)
    """From then on it is not posted any more."""
    attempts: int
    lease_until: datetime | None = moment_column(nullable=True)
    lease_token: str | None
    claimed_at: datetime | None = moment_column(nullable=True)
    """When it was first claimed."""
    changed_at: datetime = moment_column(server_default=func.now(), index=True)
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


class LeaseRow(SQLModel, table=True):
    """Something that only one process at a time may do."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    token: str
    until: datetime = moment_column()


class TurnRow(SQLModel, table=True):
    """A waiting line for a rate limit that all processes share; seconds since 1970."""

    __tablename__ = "turn"

    name: str = Field(primary_key=True)
    booked: float
    invited: float


class ChatLineRow(SQLModel, table=True):
    """One line of the browser sandbox."""

    __tablename__ = "chat_line"

    id: int = Field(sa_column=Column(SERIAL, primary_key=True, autoincrement=False))
    key: str | None = Field(unique=True)
    change: int = Field(sa_column=Column(SERIAL, nullable=False, unique=True))
    at: datetime = moment_column()
    body: str
    """Sealed JSON of place, author and words."""
