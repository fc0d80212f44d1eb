"""Once a day, by whichever process comes first: what was kept long enough goes."""

import logging
from datetime import datetime, timedelta

from bot.app.config.schema import Retention
from bot.app.runtime.bot import Bot
from bot.privacy.permissions import find_company_side
from bot.use_cases.notify_leads import write_to_leads
from bot.wording.company import warn_of_erasure
from storage import Terms

log = logging.getLogger(__name__)

NAME = "retention"
EVERY = timedelta(hours=23)
SHARE = 0.1
"""Of each kind of data, at most so much goes in a day, whatever the clock says; by itself it is a twentieth at most."""


async def keep_house(bot: Bot, now: datetime) -> dict[str, int]:
    """How much of what was deleted; nothing where it was done today. May raise StoreUnavailable."""
    token = await bot.store.leases.take(NAME, now, now + EVERY)
    if token is None:
        return {}
    try:
        await warn_of_departures(bot, now)
        await bot.store.retention.forget_times(now)
        await bot.store.copy_requests.drop_old(now)
        done = await bot.store.retention.delete_expired(retention_terms(bot.settings.retention), now, SHARE)
        await _tell_what_is_left(bot, now)
    except BaseException:
        await bot.store.leases.give_back(NAME, token)
        raise
    if done:
        log.info("retention: %s", ", ".join(f"{kind} {count}" for kind, count in done.items()))
    return done


async def warn_of_departures(bot: Bot, now: datetime) -> None:
    """Tell both sides' leads, once a week, whose data will be erased; what has been answered since cancels it."""
    await bot.store.departures.cancel_answered()
    for gone in await bot.store.departures.list_pending():
        company = (gone.platform, gone.organisation)
        until = gone.at + timedelta(days=bot.settings.retention.departed_days)
        slot = f"leaving:{':'.join(company)}:{gone.at:%Y-%m-%d}:{(now - gone.at).days // 7}"
        for alliance in await bot.store.alliances.list_by_homes([company]):
            if side := find_company_side(alliance, *company):
                card = warn_of_erasure(alliance, side, until)
                await bot.store.outbox.enqueue(write_to_leads(alliance, slot, card, bot.secret))


async def _tell_what_is_left(bot: Bot, now: datetime) -> None:
    left = await bot.store.retention.count_expired(retention_terms(bot.settings.retention), now)
    if left:
        log.warning(
            "retention: of what is over, left for the next days, as a run deletes a tenth at most: %s. "
            "`pulse retention` shows and deletes it",
            ", ".join(f"{kind} {count}" for kind, count in left.items()),
        )


def retention_terms(settings: Retention) -> Terms:
    return Terms(
        answers=timedelta(days=settings.answers_days),
        comments=timedelta(days=settings.comments_days),
        readings=timedelta(days=settings.readings_days),
        deliveries=timedelta(days=settings.deliveries_days),
        audit=timedelta(days=settings.audit_days),
        departed=timedelta(days=settings.departed_days),
    )
