"""Faults put in on purpose, one at a time: a simulation that does not find them is worth nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.slack.platform import SlackPlatform
from bot.model.commands import GivenAnswer
from storage.engine.connect import sqlite
from storage.engine.writer import Writer

TOO_LATE = 120.0
"""Seconds after which an answer that was acknowledged is committed."""


@dataclass(frozen=True, slots=True)
class Break:
    put_in: Callable[[Path], None]
    """Called with the database that each simulation begins with."""
    found_as: str
    """The invariant that does not hold any more."""


def acknowledge_before_commit(_: Path) -> None:
    """An answer is acknowledged at once and written a while later."""
    run_bulk = Writer.run_bulk

    async def run(writer: Writer, work: Any, given: Any, patience: float | None = None) -> Any:
        is_answer = isinstance(given, tuple) and isinstance(given[0], GivenAnswer)
        if not is_answer:
            return await run_bulk(writer, work, given, patience)

        async def write() -> None:
            await asyncio.sleep(TOO_LATE)
            await run_bulk(writer, work, given, patience)

        asyncio.get_running_loop().create_task(write())
        return "saved"

    Writer.run_bulk = run  # type: ignore[method-assign, assignment]


def resend_unknown_blindly(_: Path) -> None:
    """What may have been posted is not looked for."""

    async def find(*_: object) -> None:
        return None

    SlackPlatform.find = find  # type: ignore[method-assign, assignment]


def ask_again_after_lease(database: Path) -> None:
    """What a worker held when it died is taken for not sent."""
    again = "UPDATE delivery SET state = 'pending', lease_token = NULL WHERE id = NEW.id"
    lost = "NEW.state = 'unknown' AND NEW.reason = 'worker vanished'"
    connection = sqlite.connect(database)
    connection.execute(
        f"CREATE TRIGGER take_for_unsent AFTER UPDATE ON delivery WHEN {lost} BEGIN {again}; END"
    )
    connection.commit()
    connection.close()


BREAKS = {
    "acknowledge-before-commit": Break(acknowledge_before_commit, "acknowledged is stored"),
    "resend-unknown-blindly": Break(resend_unknown_blindly, "posted once"),
    "ask-again-after-lease": Break(ask_again_after_lease, "asked once"),
}
