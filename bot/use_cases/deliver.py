"""Post deliveries, each once. A delivery with an unknown outcome is looked up, never repeated."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.model.delivery import Again, Claim, Outcome, OutcomeUnknown, Refused, Sent
from bot.model.events import Echoed
from bot.ports import ChatPlatform, Now, PlatformError, Store
from bot.use_cases.channel_changes import report_doubt, report_unasked
from bot.use_cases.notify_leads import report_unreached
from bot.use_cases.visits import Visit, Visits

log = logging.getLogger(__name__)

LONGEST = 3600.0
"""Seconds to wait at most, whatever a platform says."""
LONGEST_LOOK = 30.0
"""Seconds that one look-up may take; it is looked again later."""
LOOKS = 100
"""Look-ups that are begun at once; of one workspace, its share."""
SLOW = timedelta(minutes=1)
"""How much less exact than thought may be when something was claimed: it is looked for from so much earlier."""
FIRST = datetime.fromtimestamp(0, UTC)
"""Before anything was posted: no look-up starts earlier."""


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """Say how long to wait. `settle` must exceed `send_timeout` by the platform's worst late acceptance."""

    lease: timedelta = timedelta(seconds=60)
    send_timeout: timedelta = timedelta(seconds=10)
    settle: timedelta = timedelta(seconds=90)
    batch: int = 20
    attempts: int = 100
    """With the longest wait between them, about eight hours: platforms are down for some."""


async def deliver_waiting(
    store: Store,
    platforms: Mapping[str, ChatPlatform],
    now: Now,
    patience: DeliveryPolicy,
    since: datetime | None = None,
) -> int:
    """Claim what is waiting and post it, a batch at a time. How many claims were worked on.

    `since`: what the platforms' clocks say now, or earlier; None: not known.
    """
    claims = await store.claims.take_due(now(), now() + patience.lease, patience.batch, since=since)
    await asyncio.gather(*(carry_out(store, platforms, claim, now, patience) for claim in claims))
    return len(claims)


async def look_up_unknown(
    store: Store,
    platforms: Mapping[str, ChatPlatform],
    now: Now,
    patience: DeliveryPolicy,
    visits: Visits | None = None,
    seconds: float | None = None,
) -> int:
    """Turn lost leases into `unknown`, and look up what has been unknown for the settle time. How many were lost.

    After so many seconds the look-ups that are under way go on beside, as `visits`.
    """
    lost = await store.claims.expire_leases(now())

    async def look_up(claim: Claim) -> int:
        outcome = await _look_up(platforms, claim, now())
        if isinstance(outcome, OutcomeUnknown):
            await report_doubt(store, claim.delivery)
        elif outcome is not None:
            await store.claims.settle(claim.id, claim.token, _limit_time(outcome, claim, patience), now())
        return 0

    claims = await store.claims.list_unsettled(now() - patience.settle, LOOKS)
    found = (
        Visit(f"find {claim.id}", frozenset({claim.delivery.place.workspace}), partial(look_up, claim))
        for claim in claims
    )
    await (visits or Visits()).run_visits(found, seconds)
    return lost


async def confirm_echo(event: Echoed, store: Store, now: datetime) -> None:
    """Mark a delivery as sent because the platform echoed the message."""
    await store.outbox.confirm(event.delivery, event.message, now)


async def carry_out(
    store: Store, platforms: Mapping[str, ChatPlatform], claim: Claim, now: Now, patience: DeliveryPolicy
) -> None:
    """Post one claimed delivery and save the outcome."""
    # A worker that was frozen since it claimed must not post what another may hold by now.
    is_mine = claim.until is not None and now() + patience.send_timeout <= claim.until
    outcome = await _post_delivery(platforms, claim, now, patience) if is_mine else Again(now(), tried=False)
    outcome = _limit_time(outcome, claim, patience)
    if await store.claims.settle(claim.id, claim.token, outcome, now()) and isinstance(outcome, Refused):
        await report_unasked(store, claim.delivery, outcome.reason)
        await report_unreached(store, claim.delivery, outcome.reason)


def _limit_time(outcome: Outcome, claim: Claim, patience: DeliveryPolicy) -> Outcome:
    """Return the outcome; a refusal if no further try is allowed."""
    failed = isinstance(outcome, Again) and outcome.tried and claim.attempts >= patience.attempts
    return Refused("gave up") if failed else outcome


async def _post_delivery(
    platforms: Mapping[str, ChatPlatform], claim: Claim, now: Now, patience: DeliveryPolicy
) -> Outcome:
    delivery = claim.delivery
    platform = platforms.get(delivery.place.platform)
    if platform is None:
        return Refused("platform not configured")
    try:
        async with asyncio.timeout(patience.send_timeout.total_seconds()):
            if claim.target is None:
                return Sent(await platform.post(delivery.place, delivery.card, claim.id))
            await platform.update(delivery.place, claim.target, delivery.card)
            return Sent(claim.target)
    except TimeoutError:
        return _judge_outcome(claim, PlatformError("unknown", "timeout"), now())
    except PlatformError as error:
        return _judge_outcome(claim, error, now())
    except Exception as error:  # a fault in an adapter, before or after the platform took it
        log.error("posting failed: %s", type(error).__name__, exc_info=error)
        return _judge_outcome(claim, PlatformError("unknown", "fault"), now())


def _judge_outcome(claim: Claim, error: PlatformError, now: datetime) -> Outcome:
    match error.kind:
        case "refused":
            return Refused(error.reason)
        case "unknown" if claim.target is None:
            return OutcomeUnknown(error.reason)
    wait = timedelta(seconds=min(error.retry_after or find_next_try(claim.attempts), LONGEST))
    return Again(now + wait, tried=error.kind != "not_yet")


def find_next_try(attempts: int) -> float:
    """Return seconds to wait before the next try: 2, 4, 8 … 300."""
    return float(min(300, 2**attempts))


async def _look_up(platforms: Mapping[str, ChatPlatform], claim: Claim, now: datetime) -> Outcome | None:
    """Return what became of an unknown delivery; OutcomeUnknown if the platform cannot tell, None if not now."""
    if claim.target is not None:  # replacing a message twice is replacing it once
        return Again(now)
    platform = platforms.get(claim.delivery.place.platform)
    if platform is None:
        return None
    try:
        async with asyncio.timeout(LONGEST_LOOK):
            found = await platform.find(claim.delivery.place, claim.id, max(FIRST, claim.since - SLOW))
    except TimeoutError:
        return None
    except PlatformError as error:
        return OutcomeUnknown(error.reason) if error.kind == "unknown" else None
    except Exception as error:  # a fault in an adapter: this one stays unknown, and the others go on
        log.error("looking up failed: %s", type(error).__name__, exc_info=error)
        return None
    return Sent(found) if found else Again(now)
