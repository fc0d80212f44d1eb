"""The database's own clock: the one that all processes share, whatever each machine's says."""

from sqlalchemy import Connection, text

_SECONDS = {
    "postgresql": text("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS double precision)"),
    "sqlite": text("SELECT (julianday('now') - 2440587.5) * 86400.0"),
}


def read_seconds(connection: Connection) -> float:
    """Return seconds since 1970: of PostgreSQL's server; of this machine on SQLite, which has no other."""
    return float(connection.execute(_SECONDS[connection.dialect.name]).scalar_one())
