"""How much room and time the data needs: bytes an answer, backup, restore, new keys, the audit log, an erasure.

    python -m bench.sizing [ANSWERS]

SQLite and PostgreSQL (embedded, on the same disk) hold the same alliance-years in one run; the way a backup is made is
set beside VACUUM INTO.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

import storage
from bench.load import machine
from bot.model.alliance import Member, Side
from bot.model.audit import AuditEntry
from bot.model.commands import GivenComment
from bot.privacy.pseudonym import make_pseudonym
from storage import Secrets, Vault
from storage.engine.connect import allow_writes, open_engine, sqlite
from storage.tables import answers, invitations, rounds
from tests.databases import KINDS, Kind, fresh
from tests.storage.factories import ANNA, START, make_alliance, make_round

PEOPLE = 40
"""In an alliance; each answers three questions a week."""
SECRET = b"s" * 40
ALLIANCES = 10
COMMENTS = 2_000
NOTED = 5_000
AT_ONCE = 50
"""Written at the same time: few enough that none waits longer than the writer lets it, on a busy machine too."""


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    print(machine())
    for kind in KINDS:
        with TemporaryDirectory() as folder, fresh(kind, Path(folder)) as url:
            asyncio.run(measure(kind, url, Path(folder), wanted))


async def measure(kind: Kind, url: str, folder: Path, wanted: int) -> None:
    old, new = storage.make_key(), storage.make_key()
    store = storage.open_store(url, [old], SECRET)
    weeks = max(1, wanted // (ALLIANCES * PEOPLE * 3))
    before = size(url)
    await filled(store, url, weeks)
    number = ALLIANCES * weeks * PEOPLE * 3
    print(f"\n{kind}: {ALLIANCES} alliances, {PEOPLE} people, {weeks} weeks: {number:,} answers")
    print(
        f"  {(size(url) - before) / number:.0f} bytes an answer, with its place on a roster and its indexes"
    )
    file = folder / "backup"
    with told(f"backup ({size(url) / 2**20:.0f} MiB)"):
        storage.create_backup(url, file, lambda *_: None)
    if kind == "sqlite":
        with told("VACUUM INTO, beside it"):
            connection = sqlite.connect(url.removeprefix("sqlite:///"))
            connection.execute("VACUUM INTO ?", (str(folder / "vacuum"),))
            connection.close()
    entry = AuditEntry("restore", "", "operator:bench", START)
    with told("restore"):
        storage.restore_backup(url, file, Secrets(Vault([old]), SECRET), entry, replace=True)
    await store.aclose()
    store = storage.open_store(url, [new, old], SECRET)
    with told(f"new keys for {await store.rotation.count_values():,} values"):
        async for _ in store.rotation.rotate_values():
            pass
    for _ in range(0, NOTED, AT_ONCE):
        await asyncio.gather(*(store.audit.note(entry) for _ in range(AT_ONCE)))
    with told(f"verifying {NOTED:,} entries of the audit log"):
        assert not (await store.audit.verify_chain()).faults
    with told("erasing one person from all alliances"):
        done, _ = await store.subject_data.erase_member(ANNA, [f"a{n}" for n in range(ALLIANCES)], entry)
    assert done["answer"] == ALLIANCES * weeks * 3, done
    await store.aclose()


async def filled(store: storage.DatabaseStore, url: str, weeks: int) -> None:
    people = [ANNA, *(Member("slack", f"U{n}") for n in range(1, PEOPLE))]
    await store.alliances.declare([make_alliance(f"a{n}") for n in range(ALLIANCES)])
    engine = allow_writes(open_engine(url))
    for key in (f"a{n}" for n in range(ALLIANCES)):
        persons = [make_pseudonym(SECRET, key, person, "answer") for person in people]
        for week in range(weeks):
            asked = make_round(week, key)
            assert await store.pulses.ask(asked, [], asked.opens_at, 0)
            with engine.begin() as connection:
                row = {"round": asked.id, "side": "sponsor", "at": asked.opens_at, "spent": False, "value": 4}
                given = [
                    {**row, "person": person, "item": f"item{n}@1"} for person in persons for n in range(3)
                ]
                connection.execute(answers.insert(), given)
                roster = [{"round": asked.id, "person": person, "side": "sponsor"} for person in persons]
                connection.execute(invitations.insert(), roster)
    with engine.begin() as connection:
        connection.execute(rounds.update().values(state="closed", close_due=None, enrol_due=None))
    engine.dispose()
    open_round = make_round(weeks, "a0")
    await store.pulses.ask(open_round, [], open_round.opens_at, 0)
    at = open_round.opens_at + timedelta(hours=1)
    words = "Decisions take too long, and nobody says why. " * 3
    for first in range(0, COMMENTS, AT_ONCE):
        await asyncio.gather(
            *(
                store.comments.save_comment(
                    GivenComment(open_round.id, f"p{n}", Side.CRO, words, False, at), at
                )
                for n in range(first, first + AT_ONCE)
            )
        )


def size(url: str) -> int:
    """Bytes of the database."""
    engine = open_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        else:
            query = "SELECT pg_database_size(current_database())"
        found = connection.execute(text(query)).scalar_one()
    engine.dispose()
    return int(found)


@contextmanager
def told(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"  {what}: {time.perf_counter() - began:.2f} s", flush=True)


if __name__ == "__main__":
    main()
