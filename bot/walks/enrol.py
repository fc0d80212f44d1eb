"""A round has opened: keep, as pseudonyms, who was there to answer it. What participation is measured against."""

from collections.abc import Mapping
from datetime import datetime

from bot.model import Alliance, Member
from bot.ports import ChatPlatform, PlatformError, Store
from bot.rules.permissions import side_of
from bot.rules.pseudonym import pseudonym


async def enrol(store: Store, platforms: Mapping[str, ChatPlatform], secret: bytes, now: datetime) -> int:
    """How many rounds got their roster; a platform that does not answer is asked again at the next tick."""
    done = 0
    for round in await store.unenrolled(now):
        alliance = await store.alliance(round.alliance)
        people = await roster(alliance, platforms) if alliance else None
        if alliance is None or people is None:
            continue
        known = [(side_of(alliance, one), pseudonym(secret, alliance.key, one, "answer")) for one in people]
        await store.enrol(round.id, [(side, person) for side, person in known if side])
        done += 1
    return done


async def roster(alliance: Alliance, platforms: Mapping[str, ChatPlatform]) -> tuple[Member, ...] | None:
    """Everyone in the alliance's channels, each once; None if a platform cannot say just now."""
    people: dict[tuple[str, str], Member] = {}
    for channel in alliance.channels:
        if channel.platform not in platforms:
            continue
        try:
            members = await platforms[channel.platform].members(channel)
        except PlatformError:
            return None
        people.update({(one.platform, one.id): one for one in members})
    return tuple(people.values())
