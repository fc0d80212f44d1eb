"""Tell the leads once that the clock has been wrong for a day."""

from datetime import datetime, timedelta

from bot.ports import Store
from bot.use_cases.notify_leads import write_to_leads
from bot.wording.channel import write_clock_warning

PATIENCE = timedelta(days=1)


async def tell_leads(store: Store, secret: bytes, since: datetime, now: datetime) -> int:
    """Enqueue one message to each lead where the clock has been wrong `since` a day; how many were new."""
    if now - since < PATIENCE:
        return 0
    told = [
        message
        for alliance in await store.alliances.list_all()
        for message in write_to_leads(
            alliance, f"clock:{alliance.key}:{since.isoformat()}", write_clock_warning(alliance), secret
        )
    ]
    return await store.outbox.enqueue(told)
