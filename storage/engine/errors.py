"""Translate database errors for the store's callers."""

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError, StatementError, TimeoutError

from bot.ports import StoreUnavailable

_CONTENTION = ("40001", "40P01", "55P03")
"""SQLSTATE serialization_failure, deadlock_detected, lock_not_available
(https://www.postgresql.org/docs/current/errcodes-appendix.html): of one command, not of the database."""


def is_outage(error: Exception) -> bool:
    """Return whether the database itself cannot be used, whatever the command."""
    if isinstance(error, TimeoutError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) not in _CONTENTION


def to_store_error(error: Exception) -> Exception:
    """Return the error for the store's callers, without its cause: databases quote rows in their errors."""
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError):
        return error.orig if isinstance(error.orig, Exception) else ValueError("not fit to be stored")
    if not isinstance(error, SQLAlchemyError):
        return error
    what = "the database cannot be used" if is_outage(error) else "it could not be saved"
    return StoreUnavailable(f"{what} ({_name_error(error)})")


def _name_error(error: SQLAlchemyError) -> str:
    """Return the error's class and, if it has one, its SQLSTATE."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return f"{type(cause).__name__} {state}" if state else type(cause).__name__
