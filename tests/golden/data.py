"""Golden data: open a database of an earlier version, and read what it must hold.

`with opened("sqlite", folder) as url:` gives a copy that is migrated to the schema of today.
"""

import json
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import psycopg
from click.testing import CliRunner
from sqlalchemy import text

import storage
from bot.app.cli.main import pulse
from storage import open_engine
from tests.databases import empty, fresh

Form = Literal["sqlite", "postgres", "backup"]
FORMS: tuple[Form, ...] = get_args(Form)
HERE = Path(__file__).parent


@cache
def expected() -> dict[str, Any]:
    """What the old bot held, showed and did next."""
    found: dict[str, Any] = json.loads((HERE / "expected.json").read_text())
    return found


@contextmanager
def opened(form: Form, folder: Path) -> Iterator[str]:
    """Yield the URL of a copy of the golden data, migrated by the bot of today."""
    match form:
        case "sqlite":
            file = folder / "golden.sqlite"
            file.write_bytes(_unpack("golden.sqlite.xz"))
            storage.migrate(f"sqlite:///{file}")
            yield f"sqlite:///{file}"
        case "backup":
            backup = folder / "golden.backup"
            backup.write_bytes(_unpack("golden.backup.xz"))
            with fresh("sqlite", folder) as url:
                _restore(url, backup)
                yield url
        case "postgres":
            with empty("postgres", folder) as url:
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute(_unpack("golden.postgres.sql.xz"))
                storage.migrate(url)
                yield url


def read(url: str, query: str, **values: object) -> list[tuple[Any, ...]]:
    """Return the rows of an SQL query."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]
    finally:
        engine.dispose()


def environment(url: str) -> dict[str, str]:
    """Return what opens the golden data, as variables of the environment."""
    secrets = expected()["secrets"]
    return {
        "PULSE_ENV": "test",
        "PULSE_DATABASE__URL": url,
        "PULSE_PRIVACY__SECRET": secrets["secret"],
        "PULSE_PRIVACY__ENCRYPTION_KEYS": secrets["encryption_key"],
    }


def _unpack(name: str) -> bytes:
    return lzma.decompress((HERE / name).read_bytes())


def _restore(url: str, backup: Path) -> None:
    done = CliRunner().invoke(pulse, ["restore", str(backup)], env=environment(url))
    assert done.exit_code == 0, done.output
