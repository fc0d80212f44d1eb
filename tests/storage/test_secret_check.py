"""Another `privacy.secret` than a database was filled with is known, whatever is in it and whoever starts first."""

import asyncio

import pytest
from sqlalchemy import text

import storage
from storage.diagnostics.checks import OTHER_SECRET
from storage.engine.connect import allow_writes, open_engine
from tests.storage.backups import entry
from tests.storage.filled_store import SECRET

OTHER = b"o" * 40


async def opened_with(url: str, key: str, secret: bytes) -> tuple[str | None, str | None]:
    """What a process with this secret hears: first when it looks, then when it keeps the check value."""
    store = storage.open_store(url, [key], secret)
    try:
        return await store.diagnostics.find_misfit(), await store.diagnostics.keep_check_value()
    finally:
        await store.aclose()


async def test_the_first_secret_is_kept_and_every_other_refused(url: str, key: str) -> None:
    assert await opened_with(url, key, SECRET) == (None, None)
    assert await opened_with(url, key, OTHER) == (OTHER_SECRET, OTHER_SECRET)
    assert await opened_with(url, key, SECRET) == (None, None)


@pytest.mark.parametrize(
    "changed",
    ["", "DELETE FROM audit_head", "UPDATE audit_head SET base_seq = 3"],
)
async def test_a_database_from_before_the_check_value_is_judged_by_its_audit_log(
    url: str, key: str, changed: str
) -> None:
    store = storage.open_store(url, [key], SECRET)
    for _ in range(3):
        await store.audit.note(entry("apply"))
    await store.aclose()
    if changed:
        engine = allow_writes(open_engine(url))
        with engine.begin() as connection:
            connection.execute(text(changed))
        engine.dispose()
    assert await opened_with(url, key, OTHER) == (OTHER_SECRET, OTHER_SECRET)
    assert await opened_with(url, key, SECRET) == (None, None)
    assert await opened_with(url, key, OTHER) == (OTHER_SECRET, OTHER_SECRET)


async def test_of_two_that_start_a_new_database_with_different_secrets_one_is_refused(
    url: str, key: str
) -> None:
    stores = [storage.open_store(url, [key], secret) for secret in (SECRET, OTHER)]
    told = await asyncio.gather(*(store.diagnostics.keep_check_value() for store in stores))
    assert sorted(told, key=str) == [None, OTHER_SECRET] or sorted(told, key=str) == [OTHER_SECRET, None]
    for store in stores:
        await store.aclose()


async def test_neither_the_secret_nor_a_value_to_try_secrets_on_is_readable(url: str, key: str) -> None:
    await opened_with(url, key, SECRET)
    engine = open_engine(url)
    with engine.connect() as connection:
        kept = connection.scalar(text("SELECT value FROM setting WHERE key = 'storage.secret_check'"))
    engine.dispose()
    assert kept and storage.Vault([key]).is_current(kept)
