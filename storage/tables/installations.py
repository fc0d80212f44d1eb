"""Define tables of installations and their tokens."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.tables.columns import moment_column


class InstallationRow(SQLModel, table=True):
    __tablename__ = "installation"

    workspace: str = Field(primary_key=True)
    """Id of the workspace, or of the organisation where all of it installed the bot."""
    body: str
    """Sealed."""
    expires_at: datetime | None = moment_column(nullable=True, index=True)
    """When its token ends; None: never."""


class InstallStateRow(SQLModel, table=True):
    """The state of an installation that came back from a browser: it is good once."""

    __tablename__ = "install_state"

    digest: str = Field(primary_key=True)
    """Of the state: the database alone is of no use to finish somebody's installation."""
    expires_at: datetime = moment_column(index=True)
