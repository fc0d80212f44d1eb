"""Define tables of what leads do about alerts."""

from datetime import date, datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from storage.tables.columns import Moment, moment_column


class AlertRow(SQLModel, table=True):
    """An alert: opened by an alarm that leads were told of at once."""

    __tablename__ = "alert"

    id: str = Field(primary_key=True, foreign_key="alarm.id")
    alliance: str = Field(foreign_key="alliance.key", index=True)
    kind: str
    number: int
    """Index of the round at whose closing it was opened."""
    slot: date
    state: str
    """open, seen, owned, acting, checking, recovered, new normal or closed."""
    seen: str
    """Sides of which a lead has taken note, separated by spaces."""
    owner: str
    """Pseudonym; empty: nobody."""
    owner_side: str | None
    reason: str | None
    """Why it was closed: one of a few words of the program."""
    look_at: datetime | None = Field(sa_column=Column(Moment(), nullable=True, index=True), default=None)
    revision: int


class AlertReminderRow(SQLModel, table=True):
    """A lead asked to be reminded of an alert."""

    __tablename__ = "alert_reminder"

    alert: str = Field(primary_key=True, foreign_key="alert.id")
    person: str = Field(primary_key=True)
    """Pseudonym, as owners have it."""
    at: datetime = moment_column(index=True)


class ActionRow(SQLModel, table=True):
    """An action of leads about an alert."""

    __tablename__ = "action"

    id: str = Field(primary_key=True)
    alliance: str = Field(foreign_key="alliance.key", index=True)
    alert: str = Field(foreign_key="alert.id", index=True)
    topic: str
    body: str
    """Its text, sealed."""
    owner: str
    """Pseudonym; empty: nobody's any more."""
    owner_side: str | None
    due: date
    state: str
    """open, done or dropped."""
    moved: int
    reason: str | None
    """Why it was dropped: one of a few words of the program."""
    reminded: int
    look_at: datetime | None = Field(sa_column=Column(Moment(), nullable=True, index=True), default=None)
    ended_at: datetime | None = Field(sa_column=Column(Moment(), nullable=True, index=True), default=None)
    revision: int
    story: str | None = None
    """Sealed words for the channel."""
    story_side: str | None = None
    """Whose lead wrote it."""
    told_at: datetime | None = Field(sa_column=Column(Moment(), nullable=True), default=None)


class MilestoneRow(SQLModel, table=True):
    """A dated event of the study."""

    __tablename__ = "milestone"

    alliance: str = Field(primary_key=True, foreign_key="alliance.key")
    kind: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    """0: there is but one of this kind."""
    day: date
    side: str
    """Whose lead marked it, or corrected it last."""
