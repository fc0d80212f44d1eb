"""A round has opened: keep, as pseudonyms, who was there to answer it. What participation is measured against."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from bot.model.alliance import Alliance, Member, Round
from bot.ports import ChatPlatform, PlatformError, Store
from bot.privacy.permissions import side_of
from bot.privacy.pseudonym import pseudonym
from bot.use_cases.visits import Visit, Visits


async def enrol(
    store: Store,
    platforms: Mapping[str, ChatPlatform],
    secret: bytes,
    now: datetime,
    visits: Visits,
    seconds: float | None = None,
) -> int:
    """How many rounds got their roster, within so many seconds; a platform that does not answer is asked again."""

    async def enrol_one(round: Round, alliance: Alliance) -> bool:
        people = await roster(alliance, platforms)
        if people is None:
            return False
        known = [(side_of(alliance, one), pseudonym(secret, alliance.key, one, "answer")) for one in people]
        await store.rounds.enrol(round.id, [(side, person) for side, person in known if side])
        return True

    found = await visits_of(store, "enrol", await store.rounds.list_unenrolled(now), enrol_one)
    return await visits.run(found, seconds)


async def visits_of(
    store: Store, name: str, rounds: Sequence[Round], step: Callable[[Round, Alliance], Awaitable[int]]
) -> list[Visit]:
    """One visit for each round: its alliance's workspaces are asked who is in the channels."""
    declared = [(round, await store.alliances.find_by_key(round.alliance)) for round in rounds]
    return [
        Visit(
            f"{name} {round.id}",
            frozenset(channel.workspace for channel in alliance.channels),
            partial(step, round, alliance),
        )
        for round, alliance in declared
        if alliance
    ]


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
