"""Released migrations stay as they are, and a database of any earlier schema becomes one of today."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

import storage
from storage.engine import schema
from storage.engine.connect import open_engine, sqlite
from storage.engine.json_codec import ALLIANCE
from storage.tables import alliances, metadata, released
from tests.databases import Kind, empty
from tests.storage.factories import START, make_alliance
from tests.storage.filled_store import DAY, SECRET, TERMS

MIGRATIONS = Path(schema.__file__).parent.parent / "migrations" / "versions"
OLD = Path(__file__).parent.parent / "golden"
RELEASED = {
    "0001_rounds.py": "00b93ce6c0f7b52f95d8360a81ea2e0f",
    "0002_outcomes.py": "dc16ba5c8ae6b5453954326e3e1750a7",
    "0003_keeping.py": "e986abf53a78ecb32e651a7e6f594993",
    "0004_leases.py": "af9ae6412ee9dbec29b9a59954d02a57",
    "0005_comment_blocks.py": "2eb2d5f1b78e578af6dcc591d7181695",
    "0006_installations.py": "15a45922c1d73ed6041bbcbd25d0350a",
    "0007_moves.py": "a894f6509e23b3efbd813346327728f0",
    "0008_turnout.py": "e8d4d448412dcc7bf0c615323872dafe",
    "0009_pending_comments.py": "bbc29068b6d733cd77f380ba89630740",
    "0010_new_normal.py": "b59e1f3ac31a8dcef4d5c424cc66a513",
    "0011_turns.py": "ed8fcd414e99724f598e31d7d472a584",
    "0012_channel_numbers.py": "af3c294d73e5ac5bd676bc0aa980560a",
    "0013_delivery_workspace.py": "7db93314738e06bc6ca1251c8c81a2f4",
    "0014_mend_edited.py": "c3ca37549f16e382378d93efabba5e2d",
    "0015_hide_messages.py": "62fe53949c6598d32476b1e9568dad4c",
    "0016_sharing.py": "bf656228ca0047a51c06f8d77e174166",
    "0017_wishes.py": "09b94a17b50aea0891d5b4b07a690a2f",
    "0018_alerts.py": "b6fd5325bfd951f42142eb6930b69c0d",
    "0019_actions.py": "b72727c88de4c41892639a06ef283dbf",
    "0020_stories.py": "4d794cbdc53420549a8e2b46259482a0",
    "0021_milestones.py": "1bff3859083b75b2f6fdcbeaf98ca778",
}
"""SHA-256 of each released migration, the first 32 digits. A change of the schema is a new file and a new line."""


def test_no_released_migration_was_edited() -> None:
    found = {path.name: sha256(path.read_bytes()).hexdigest()[:32] for path in MIGRATIONS.glob("*.py")}
    assert found == RELEASED


@contextmanager
def database_of_0006(kind: Kind, folder: Path) -> Iterator[str]:
    """Yield a database of commit bf51253, whose migration 0003 did not have `departure.erased` yet.

    In it are a company that removed the bot, and a line of the sandbox that somebody removed.
    """
    dump = (OLD / f"schema_0006.{kind}.sql").read_text()
    with empty(kind, folder) as url:
        if kind == "sqlite":
            connection = sqlite.connect(url.partition("///")[2])
            connection.executescript(dump)
            connection.close()
        else:
            with psycopg.connect(url, autocommit=True) as server:
                server.execute(dump.encode())
        yield url


async def test_retention_works_in_a_database_of_before_a_migration_was_edited(
    kind: Kind, key: str, tmp_path: Path
) -> None:
    with database_of_0006(kind, tmp_path) as url:
        storage.migrate(url)
        store = storage.open_store(url, [key], SECRET)
        assert await store.ready()
        assert await store.retention.delete_expired(TERMS, START + 10 * DAY) == {}
        assert await store.retention.delete_expired(TERMS, START + 31 * DAY) == {"departed": 1}
        await store.aclose()
        assert _differences(url) == []


def test_a_database_that_lacks_a_column_after_all_is_refused(kind: Kind, tmp_path: Path) -> None:
    with empty(kind, tmp_path) as url:
        storage.migrate(url)
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE round DROP COLUMN turnout"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0013_delivery_workspace'"))
        with pytest.raises(ValueError, match="another version"):
            storage.migrate(url)
        assert not storage.schema_is_current(engine)
        engine.dispose()


@pytest.mark.parametrize("shared", [True, False])
def test_of_what_was_released_before_sharing_was_kept_todays_sharing_holds(
    kind: Kind, shared: bool, tmp_path: Path
) -> None:
    declared = ALLIANCE.write(replace(make_alliance("north"), share_dimensions=shared))
    with empty(kind, tmp_path) as url:
        storage.migrate(url)
        engine = open_engine(url)
        with engine.begin() as connection:
            row = {"key": "north", "declared": declared, "leads": "", "digest_at": START}
            connection.execute(alliances.insert(), row)
            cell = {
                "alliance": "north",
                "number": 0,
                "side": "cro",
                "dimension": "trust",
                "slot": START.date(),
            }
            connection.execute(released.insert(), {**cell, "value": 50.0, "band": 5})
            for table in ("round", "released"):
                connection.execute(text(f'ALTER TABLE "{table}" DROP COLUMN shared'))
            connection.execute(text("UPDATE alembic_version SET version_num = '0015_hide_messages'"))
        storage.migrate(url)
        with engine.connect() as connection:
            assert connection.scalars(select(released.c.shared)).all() == [shared]
        engine.dispose()
        assert _differences(url) == []


def _differences(url: str) -> list[object]:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    return list(found)
