"""What a database error means for the caller."""

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError, StatementError, TimeoutError

from bot.ports import StoreUnavailable

_CONTENTION = ("40001", "40P01", "55P03")
"""SQLSTATE serialization_failure, deadlock_detected, lock_not_available
(https://www.postgresql.org/docs/current/errcodes-appendix.html): of one command, not of the database."""


def is_outage(error: Exception) -> bool:
    """The database itself cannot be used, whatever the command."""
    if isinstance(error, TimeoutError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) not in _CONTENTION


def told(error: Exception) -> Exception:
    """The error as the store's callers know it: no database error leaves this package, nor its text."""
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError):
        return error.orig if isinstance(error.orig, Exception) else error
    if not isinstance(error, SQLAlchemyError):
        return error
    outage = StoreUnavailable("the database cannot be used" if is_outage(error) else "it could not be saved")
    outage.__cause__ = error
    return outage
