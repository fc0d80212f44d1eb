from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Select, Table, text

import storage
from storage.data_rights import retention
from storage.engine import connect as database
from storage.engine import schema
from storage.loop.actions import select_due_actions
from storage.loop.alerts import select_due_alerts, select_due_reminders
from storage.outbox import claims
from storage.rounds.closings import select_to_close
from storage.rounds.digests import select_due_digests
from storage.rounds.pulses import select_due_pulses
from storage.rounds.rounds import select_to_remind, select_unenrolled
from storage.tables import (
    actions,
    alarms,
    alert_reminders,
    alerts,
    alliances,
    deliveries,
    metadata,
    missed,
    pulses,
)
from storage.tables import rounds as rounds_
from tests.databases import Kind, empty
from tests.storage.factories import START


def test_the_migrations_make_the_tables_that_the_code_knows(url: str) -> None:
    engine = database.open_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent.parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_many_may_migrate_at_once(kind: Kind, tmp_path: Path) -> None:
    with empty(kind, tmp_path) as url:
        engine = database.open_engine(url)
        assert not storage.schema_is_current(engine)
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(lambda _: storage.migrate(url), range(3)))
        assert storage.schema_is_current(engine)
        engine.dispose()


def test_a_database_of_another_version_is_refused_in_words(kind: Kind, tmp_path: Path) -> None:
    with empty(kind, tmp_path) as url:
        storage.migrate(url)
        engine = database.open_engine(url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
        assert not storage.schema_is_current(engine)
        engine.dispose()
        with pytest.raises(ValueError, match="another version"):
            storage.migrate(url)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("sqlite://", "sqlite"),
        ("sqlite:///:memory:", "sqlite"),
        ("mysql://root:hunter2@host/db", "mysql"),
        ("nonsense", "not a URL"),
        ("", "not a URL"),
    ],
)
def test_a_url_that_cannot_work_is_refused_without_its_password(url: str, word: str) -> None:
    with pytest.raises(ValueError, match=word) as refused:
        storage.open_store(url, [storage.make_key()])
    assert "hunter2" not in str(refused.value)


def test_both_conventions_of_a_postgresql_url_are_taken() -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        engine = database.open_engine(f"{scheme}://u:p@h/db")
        assert engine.url.drivername == "postgresql+psycopg"
        engine.dispose()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "pulse.sqlite"
    storage.migrate(f"sqlite:///{file}")
    assert file.stat().st_mode & 0o777 == 0o600


DUE = {
    select_due_pulses(START): "ix_pulse_look_at",
    select_due_digests(START): "ix_alliance_digest_at",
    select_to_close(START): "ix_round_close_due",
    select_to_remind(START): "ix_round_remind_due",
    select_unenrolled(START): "ix_round_enrol_due",
    select_due_alerts(START): "ix_alert_look_at",
    select_due_reminders(START): "ix_alert_reminder_at",
    select_due_actions(START): "ix_action_look_at",
    retention.select_expired_rounds(START): "ix_round_kept",
    retention.select_oldest(deliveries.c.changed_at, START, retention.is_ended()): ("ix_delivery_changed_at"),
    claims.build_claim_query().params(
        now=START, limit=20, busy=["T0HANGS"]
    ): "ix_delivery_state ix_delivery_waiting_place",
}


def test_what_is_due_is_found_by_index_among_many(kind: Kind, url: str) -> None:
    engine = database.open_engine(url)
    with engine.connect() as connection:
        _many(connection, 3_000)
        for query, indexes in DUE.items():
            plan = _plan(connection, kind, query)
            assert all(index in plan for index in indexes.split()), plan
            assert "Seq Scan" not in plan, plan
            assert "SCAN" not in plan, plan
        connection.rollback()
    engine.dispose()


def _many(connection: Connection, number: int) -> None:
    """So many of everything, of which nothing is due."""
    late = START + timedelta(days=365)
    common = {"alliance": "a1", "asked": "", "minimum": 5, "holiday": False, "state": "closed"}
    times = {"opens_at": START, "closes_at": START}
    posted = {"platform": "slack", "direct": False, "attempts": 1, "looks": 0, "reason": "", "state": "sent"}
    keys = [f"a{n}" for n in range(number)]
    judged = {"number": 0, "kind": "level", "slot": START.date(), "body": ""}
    planned = {"topic": "", "body": "", "owner": "", "due": START.date(), "state": "open", "moved": 0}
    planned |= {"reminded": 0, "revision": 0}
    owned = {"state": "open", "seen": "", "owner": "", "revision": 0}
    rows: dict[Table, list[dict[str, object]]] = {
        alliances: [{"key": k, "declared": "", "leads": "", "revision": 0, "digest_at": late} for k in keys],
        missed: [{"alliance": k, "pulse": "weekly", "slot": START.date()} for k in keys],
        alarms: [{**judged, "alliance": key, "id": key} for key in keys],
        alerts: [
            {
                **owned,
                "number": 0,
                "kind": "level",
                "slot": START.date(),
                "alliance": key,
                "id": key,
                "look_at": late,
            }
            for key in keys
        ],
        actions: [{**planned, "id": key, "alliance": key, "alert": key, "look_at": late} for key in keys],
        alert_reminders: [{"alert": key, "person": "p", "at": late} for key in keys],
        pulses: [{"alliance": key, "key": "weekly", "look_at": late} for key in keys],
        rounds_: [
            {**common, **times, "id": key, "pulse": key, "slot": START.date(), "number": n}
            for n, key in enumerate(keys)
        ],
        deliveries: [{**posted, "id": k, "slot": k, "alliance": k, "place_key": k} for k in keys],
    }
    for table, values in rows.items():
        connection.execute(table.insert(), values)
    connection.exec_driver_sql("ANALYZE")


def _plan(connection: Connection, kind: Kind, query: Select[Any]) -> str:
    explain = "EXPLAIN QUERY PLAN" if kind == "sqlite" else "EXPLAIN"
    written = query.compile(connection, compile_kwargs={"literal_binds": True})
    return "\n".join(str(row[-1]) for row in connection.execute(text(f"{explain} {written}")))
