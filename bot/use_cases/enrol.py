"""A round has opened: keep, as pseudonyms, who was there to answer it. What participation is measured against."""

from collections.abc import Mapping
from datetime import datetime

from bot.model.alliance import Alliance, Member, Round
from bot.ports import ChatPlatform, PlatformError, Store
from bot.privacy.permissions import side_of
from bot.privacy.pseudonym import pseudonym
from bot.use_cases.run_each import each


async def enrol(store: Store, platforms: Mapping[str, ChatPlatform], secret: bytes, now: datetime) -> int:
    """How many rounds got their roster; a platform that does not answer is asked again at the next tick."""

    async def enrol_one(round: Round) -> bool:
        alliance = await store.alliances.find_by_key(round.alliance)
        people = await roster(alliance, platforms) if alliance else None
        if alliance is None or people is None:
            return False
        known = [(side_of(alliance, one), pseudonym(secret, alliance.key, one, "answer")) for one in people]
        await store.rounds.enrol(round.id, [(side, person) for side, person in known if side])
        return True

    return await each(enrol_one, await store.rounds.list_unenrolled(now))


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
