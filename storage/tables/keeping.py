"""Define tables of the audit log, erasures, departures and proposals."""

from datetime import datetime

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import SERIAL, moment_column


class AuditRow(SQLModel, table=True):
    """One look or change; triggers refuse every update, and every deletion after the base."""

    __tablename__ = "audit"

    seq: int = Field(sa_column=Column(SERIAL, primary_key=True, autoincrement=False))
    at: datetime = moment_column()
    act: str
    alliance: str
    """Empty where it concerns none, or all."""
    by: str
    """`operator:` or `member:` and a keyed pseudonym, or `worker`."""
    detail: str
    mac: str
    """HMAC over this entry and the one before, hexadecimal."""


class AuditHeadRow(SQLModel, table=True):
    """The beginning and the end of the log: one row, sealed, so that cutting off its end shows."""

    __tablename__ = "audit_head"

    id: int = Field(sa_column=Column(SERIAL, primary_key=True, autoincrement=False))
    seq: int = Field(sa_column=Column(SERIAL, nullable=False))
    mac: str
    base_seq: int = Field(sa_column=Column(SERIAL, nullable=False))
    """The newest entry that was removed because its time was over; 0: none."""
    base_mac: str
    seal: str
    """HMAC over the other columns, hexadecimal."""


class ErasedRow(SQLModel, table=True):
    """An erasure, to be carried out again after a restore from an older backup."""

    __tablename__ = "erased"

    alliance: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    """What was erased: answer, reading or place, of a person; side or alliance, as a whole."""
    person: str = Field(primary_key=True)
    """The pseudonym for that purpose; which side; empty for the alliance."""
    at: datetime = moment_column()


class DepartureRow(SQLModel, table=True):
    """An organisation that removed the bot."""

    __tablename__ = "departure"

    platform: str = Field(primary_key=True)
    organisation: str = Field(primary_key=True)
    at: datetime = moment_column()
    erased: bool
    """Its data is gone too."""


class ProposalRow(SQLModel, table=True):
    """A proposal of one side's lead; in force once a lead of the other side agrees."""

    __tablename__ = "proposal"
    __table_args__ = (
        Index(
            "uq_proposal_open",
            "alliance",
            "term",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: str = Field(primary_key=True)
    alliance: str = Field(foreign_key="alliance.key", index=True)
    term: str
    """minimum, share or erase."""
    value: str
    side: str
    """Whose lead proposed it."""
    state: str
    """open, agreed or declined."""
    at: datetime = moment_column()
    until: datetime = moment_column()
    """After this it can no longer be agreed to, or carried out."""
