"""What a platform has ever sent is noted once a day, and again where it could not be noted."""

from datetime import UTC, datetime
from pathlib import Path

import storage
from bot.app.platforms.received_events import ReceivedEvents
from tests import databases

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


async def test_what_could_not_be_noted_is_noted_the_next_time(tmp_path: Path) -> None:
    with databases.fresh("sqlite", tmp_path) as url:
        key, noted = storage.make_key(), dict[str, datetime]()
        closed, store = storage.open_store(url, [key]), storage.open_store(url, [key])
        await closed.aclose()
        for side_store in (closed, store):
            heard = ReceivedEvents(side_store, "slack", frozenset({"app_mention"}), lambda: NOW, noted)
            heard("app_mention")
            await heard.drain()
        assert await heard.list_missing() == []
        await store.aclose()
