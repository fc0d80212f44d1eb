"""Kinds of columns and indexes that the tables share."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

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


def moment_column(*, nullable: bool = False, **options: Any) -> Any:
    return Field(sa_column=Column(Moment(), nullable=nullable, **options))
