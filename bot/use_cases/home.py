"""Show a person's own page: everything of theirs that they may see."""

import logging
from collections.abc import Sequence
from datetime import datetime

from bot.model.alliance import Alliance, Member
from bot.model.audit import AuditEntry
from bot.model.cards import Card
from bot.ports import Store
from bot.privacy.permissions import find_led_side, is_outside
from bot.privacy.pseudonym import make_pseudonym
from bot.use_cases.audit_trail import AuditTrail
from bot.use_cases.score import score
from bot.wording import confirmations as reply
from bot.wording import data_rights, question
from bot.wording import home as wording

log = logging.getLogger(__name__)


async def refuse_stranger(by: Member, store: Store) -> Card:
    """Say why somebody has no page and gets nothing: they are in no joint channel, or of neither company."""
    if by.is_unread:
        return reply.report_unread_company()
    declared = await store.alliances.list_by_homes([(by.platform, home) for home in by.home])
    outside = [alliance for alliance in declared if is_outside(alliance, by)]
    return reply.refuse_outsider(outside[0]) if outside else reply.refuse_stranger()


async def show_home(
    own: tuple[Alliance, ...], by: Member, store: Store, trail: AuditTrail, now: datetime
) -> Card:
    """Build the page. `own`: the alliances that this person belongs to."""
    parts = [await _show_alliance(item, by, store, trail, now) for item in own[: wording.IN_FULL]]
    return wording.write_home(tuple(parts), own[wording.IN_FULL :])


async def request_data(
    by: Member, words: Sequence[str], store: Store, trail: AuditTrail, now: datetime
) -> Card:
    """Say how to get a copy of one's data; once its passphrase is asked for, note the request and show it."""
    if "passphrase" not in words:
        return data_rights.offer_data_copy()
    who = make_pseudonym(trail.secret, "", by, "audit")
    noted = AuditEntry("subject-data", "", f"member:{who}", now, "asked for a copy of their own data")
    passphrase = await store.copy_requests.request_copy(by, noted)
    log.info("somebody asked for a copy of their data: `pulse subject-data` lists who")
    return data_rights.show_passphrase(passphrase)


async def _show_alliance(
    alliance: Alliance, by: Member, store: Store, trail: AuditTrail, now: datetime
) -> wording.Part:
    pulse = await open_pulse(alliance, by, store, trail.secret, now)
    led = find_led_side(alliance, by)
    if led is None:
        return wording.Part(alliance, pulse, None)
    await trail.note_act("score", alliance.key, by, now, led)
    return wording.Part(alliance, pulse, await score(store, alliance, led, trail.secret))


async def open_pulse(
    alliance: Alliance, by: Member, store: Store, secret: bytes, now: datetime
) -> Card | None:
    """Return the newest open round with the person's own answers marked; only they see it."""
    rounds = await store.rounds.list_open(alliance.key, now)
    if not rounds:
        return None
    own = await store.answers.list_own(rounds[-1].id, make_pseudonym(secret, alliance.key, by, "answer"))
    return question.write_question(alliance, rounds[-1], own)
