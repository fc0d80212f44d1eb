"""The newest moment that had to be past when it was written down."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, literal_column, select

from storage.tables import rounds

KEPT: ColumnElement[bool] = literal_column("NOT emptied")
"""Spelt as the index over only these is."""


def find_newest(connection: Connection) -> datetime | None:
    """Return when the newest round was asked; None before any was."""
    query = select(rounds.c.opens_at).where(KEPT).order_by(rounds.c.closes_at.desc()).limit(1)
    return connection.scalar(query)
