"""Save a new round's roster as pseudonyms; participation is measured against it."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from bot.model.alliance import Alliance, Member, Round, Side
from bot.ports import ChatPlatform, PlatformError, Store
from bot.privacy.permissions import find_side
from bot.privacy.pseudonym import make_pseudonym
from bot.use_cases.visits import Visit, Visits


async def enrol_rounds(
    store: Store,
    platforms: Mapping[str, ChatPlatform],
    secret: bytes,
    now: datetime,
    visits: Visits,
    seconds: float | None = None,
) -> int:
    """Save the rosters of new rounds within so many seconds; return how many. Silent platforms are asked again."""

    async def enrol_one(asked_round: Round, alliance: Alliance) -> bool:
        people = await read_roster(alliance, platforms)
        if people is None:
            return False
        known = [
            (find_side(alliance, person_), make_pseudonym(secret, alliance.key, person_, "answer"))
            for person_ in people
        ]
        await save_companies(store, alliance, people)
        await store.rounds.enrol(asked_round.id, [(side, person) for side, person in known if side])
        return True

    found = await visits_of(store, "enrol", await store.rounds.list_unenrolled(now), enrol_one)
    return await visits.run_visits(found, seconds)


async def save_companies(store: Store, alliance: Alliance, people: Sequence[Member]) -> None:
    """Remember other companies that a declared company's people belong to, as an Enterprise above their workspace.

    The other side's leads cannot claim those.
    """
    found = {
        home: side
        for side in Side
        for home in _list_homes(
            people, alliance.organisation(side).homes - alliance.organisation(side).claimed
        )
    }
    known = await list_companies(store, alliance)
    if found.items() - known.items():
        kept = {":".join(home): side.value for home, side in sorted({**known, **found}.items())}
        await store.values.save_value(f"companies:{alliance.key}", json.dumps(kept))


async def list_companies(store: Store, alliance: Alliance) -> Mapping[tuple[str, str], Side]:
    """Return what `save_companies` remembered: (platform, organisation id) and whose people belong to it."""
    kept = json.loads(await store.values.find_value(f"companies:{alliance.key}") or "{}")
    return {(home.partition(":")[0], home.partition(":")[2]): Side(side) for home, side in kept.items()}


def _list_homes(people: Sequence[Member], declared: frozenset[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the companies besides the declared ones of everybody who belongs to a declared one."""
    homes = [{(member.platform, home) for home in member.home} for member in people]
    return {home for own in homes if own & declared for home in own - declared}


async def visits_of(
    store: Store, name: str, rounds: Sequence[Round], step: Callable[[Round, Alliance], Awaitable[int]]
) -> list[Visit]:
    """Make one visit for each round: it asks the alliance's workspaces who is in the channels."""
    declared = [
        (asked_round, await store.alliances.find_by_key(asked_round.alliance)) for asked_round in rounds
    ]
    return [
        Visit(
            f"{name} {asked_round.id}",
            frozenset(channel.workspace for channel in alliance.channels),
            partial(step, asked_round, alliance),
        )
        for asked_round, alliance in declared
        if alliance
    ]


async def read_roster(alliance: Alliance, platforms: Mapping[str, ChatPlatform]) -> tuple[Member, ...] | None:
    """Return everyone in the alliance's channels, each once; None if a platform cannot say now."""
    people: dict[tuple[str, str], Member] = {}
    for channel in alliance.channels:
        if channel.platform not in platforms:
            continue
        try:
            members = await platforms[channel.platform].members(channel)
        except PlatformError:
            return None
        people.update({(member.platform, member.id): member for member in members})
    return tuple(people.values())
