"""Once a day, by whichever process comes first: what was kept long enough goes."""

import logging
from datetime import datetime, timedelta

from bot.app.config.schema import Retention
from bot.app.runtime.bot import Bot
from storage import Terms

log = logging.getLogger(__name__)

NAME = "retention"
EVERY = timedelta(hours=23)


async def keep_house(bot: Bot, now: datetime) -> dict[str, int]:
    """How much of what was deleted; nothing where it was done today. May raise StoreUnavailable."""
    token = await bot.store.leases.take(NAME, now, now + EVERY)
    if token is None:
        return {}
    try:
        done = await bot.store.retention.walk(terms(bot.settings.retention), now)
    except BaseException:
        await bot.store.leases.give_back(NAME, token)
        raise
    if done:
        log.info("retention: %s", ", ".join(f"{kind} {count}" for kind, count in done.items()))
    return done


def terms(settings: Retention) -> Terms:
    return Terms(
        answers=timedelta(days=settings.answers_days),
        comments=timedelta(days=settings.comments_days),
        readings=timedelta(days=settings.readings_days),
        deliveries=timedelta(days=settings.deliveries_days),
        audit=timedelta(days=settings.audit_days),
        departed=timedelta(days=settings.departed_days),
    )
