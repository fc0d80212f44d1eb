"""Alliances, their rounds, and what people said."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, UniqueConstraint, false, text, true
from sqlmodel import Field, SQLModel

from storage.tables.columns import moment_column


class AllianceRow(SQLModel, table=True):
    __tablename__ = "alliance"

    key: str = Field(primary_key=True)
    declared: str
    """JSON of the alliance as declared, its leads left out."""
    leads: str
    """Sealed JSON of both sides' leads."""
    revision: int = 0
    """Counts the changes: what was decided on an older declaration is not carried out."""
    digest_at: datetime = moment_column(index=True)
    """When the digest is to be looked at next."""


class ChannelRow(SQLModel, table=True):
    __tablename__ = "channel"

    platform: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    alliance: str = Field(foreign_key="alliance.key", index=True)


class NumberRow(SQLModel, table=True):
    """A channel's number in delivery keys; kept for channels no longer declared, too."""

    __tablename__ = "channel_number"
    __table_args__ = (UniqueConstraint("alliance", "number", name="uq_channel_number"),)

    alliance: str = Field(primary_key=True, foreign_key="alliance.key")
    platform: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    number: int


class MoveRow(SQLModel, table=True):
    """A channel's address, once it has another one."""

    __tablename__ = "move"

    platform: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    old: str = Field(primary_key=True)
    address: str
    """The present one."""


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
    look_at: datetime = moment_column(index=True)
    """When it is to be looked at next."""
    since: datetime = moment_column(server_default="1970-01-01 00:00:00+00:00")
    """Since when it is declared as it is: a slot before that was never missed."""


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
        Index(
            "ix_round_kept",
            "closes_at",
            sqlite_where=text("NOT emptied"),
            postgresql_where=text("NOT emptied"),
        ),
        Index(
            "ix_round_times",
            "closes_at",
            sqlite_where=text("NOT coarse"),
            postgresql_where=text("NOT coarse"),
        ),
    )

    id: str = Field(primary_key=True)
    alliance: str = Field(foreign_key="alliance.key")
    pulse: str
    slot: date
    number: int
    asked: str
    """JSON of its items."""
    opens_at: datetime = moment_column()
    closes_at: datetime = moment_column()
    remind_at: datetime | None = moment_column(nullable=True)
    minimum: int
    holiday: bool
    shared: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Whether leads saw each other's numbers when it was asked."""
    state: str
    """open, frozen or closed."""
    enrol_due: datetime | None = moment_column(nullable=True, index=True)
    """When it opens, until its roster is taken."""
    remind_due: datetime | None = moment_column(nullable=True, index=True)
    """When it is to be reminded, until it is."""
    close_due: datetime | None = moment_column(nullable=True, index=True)
    """When it closes, until it is closed."""
    mood: str | None
    """JSON, from closing on."""
    turnout: str | None = None
    """JSON, from closing on: who is erased later changes nothing that was said."""
    emptied: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Its answers and its roster are gone, because their time was over."""
    coarse: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Of its answers and comments only the days are left."""


class WishRow(SQLModel, table=True):
    """A wish about reminders, until it is over or taken back."""

    __tablename__ = "wish"

    alliance: str = Field(primary_key=True, foreign_key="alliance.key")
    person: str = Field(primary_key=True)
    """The pseudonym beside answers, as on rosters."""
    kind: str = Field(primary_key=True)
    """pause, quiet or again."""
    side: str
    round: str
    """Of `again`: which round is meant; else empty."""
    until: datetime = moment_column(index=True)
    at: datetime = moment_column()
    """The day on which it was made: an earlier erasure that is carried out again leaves it."""


class InvitationRow(SQLModel, table=True):
    __tablename__ = "invitation"

    round: str = Field(primary_key=True, foreign_key="round.id")
    person: str = Field(primary_key=True)
    side: str


class AnswerRow(SQLModel, table=True):
    __tablename__ = "answer"
    __table_args__ = (
        CheckConstraint("value BETWEEN 1 AND 5", name="ck_answer_value"),
        Index(
            "ix_answer_pending",
            "home_organisation",
            sqlite_where=text("side IS NULL"),
            postgresql_where=text("side IS NULL"),
        ),
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
    at: datetime = moment_column()
    """The platform's time, which decides between two taps; from the day after the closing on only the day, in UTC."""
    spent: bool


class CommentRow(SQLModel, table=True):
    __tablename__ = "comment"
    __table_args__ = (UniqueConstraint("round", "person", "at", name="uq_comment"),)

    id: str = Field(primary_key=True)
    """A keyed hash of round, person and words: their order says nothing of time. Random in rows of older versions."""
    round: str = Field(foreign_key="round.id", index=True)
    person: str
    side: str | None
    """None: the home organisation is not known yet, and nobody reads it."""
    home_platform: str | None
    home_organisation: str | None
    body: str
    """Sealed."""
    share: bool
    at: datetime = moment_column(index=True)
    """The exact time; later only the day, as of an answer, and microseconds that keep a person's comments apart."""
    block: int | None
    """Index of the round at whose closing it was released; None while it waits."""


class BlockRow(SQLModel, table=True):
    """Comments of one side that were released together."""

    __tablename__ = "comment_block"

    alliance: str = Field(primary_key=True, foreign_key="alliance.key")
    side: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    """Index of the round at whose closing they were released."""
    slot: date
    size: int
    """How many there were: a block that lost one is not shown again."""


class ReadingRow(SQLModel, table=True):
    """The mood of one message; a deleted message leaves only its tombstone.

    Rows lie in the order of their keyed hashes, so their order says nothing of the order of messages.
    """

    __tablename__ = "reading"
    __table_args__ = (
        Index("ix_reading_alliance_at", "alliance", "at"),
        Index(
            "ix_reading_plain",
            "message",
            sqlite_where=text("version IS NULL"),
            postgresql_where=text("version IS NULL"),
        ),
        {"sqlite_with_rowid": False},
    )

    message: str = Field(primary_key=True)
    """Keyed hash of channel and message id. Where an older version wrote the row: the ids as JSON, until they are
    hashed."""
    alliance: str | None = Field(foreign_key="alliance.key")
    person: str | None
    side: str | None
    polarity: float | None
    at: datetime = moment_column(index=True)
    """The day, in UTC."""
    version: int | None = Field(sa_column=Column(BigInteger, nullable=True))
    """The exact time behind a keyed offset: tells the later of two versions of a message, and nothing else. None until
    an older version's row is hashed."""
    deleted: bool
