"""Save a new round's roster as pseudonyms; participation is measured against it."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import replace
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
        return await enrol_round(store, platforms, secret, asked_round, alliance) is not None

    found = await visits_of(store, "enrol", await store.rounds.list_unenrolled(now), enrol_one)
    return await visits.run_visits(found, seconds)


async def enrol_round(
    store: Store, platforms: Mapping[str, ChatPlatform], secret: bytes, asked_round: Round, alliance: Alliance
) -> int | None:
    """Save the roster of one round; return how many people's answers changed side, None if a platform is silent.

    Whoever has no known company is left as they are.
    """
    people = await read_roster(alliance, platforms)
    if people is None:
        return None
    alliance = await store.alliances.find_by_key(alliance.key) or alliance  # a claim may have come meanwhile
    await save_companies(store, alliance, people)
    sides = [
        (find_side(alliance, member), make_pseudonym(secret, alliance.key, member, "answer"))
        for member in people
        if member.home
    ]
    return await store.rounds.enrol(asked_round.id, sides, _list_renamed(alliance, people, secret))


def _list_renamed(alliance: Alliance, people: Sequence[Member], secret: bytes) -> Mapping[str, str]:
    """Return the pseudonym of each person by the one that they had while the platform refused to tell their home."""
    return {
        make_pseudonym(secret, alliance.key, replace(member, id=member.unread_id), "answer"): make_pseudonym(
            secret, alliance.key, member, "answer"
        )
        for member in people
        if member.unread_id
    }


async def enrol_again(
    store: Store,
    platforms: Mapping[str, ChatPlatform],
    secret: bytes,
    alliances: Container[str],
    now: datetime,
) -> Mapping[str, int]:
    """Read the rosters that are due again of these alliances; return how many people changed side, by alliance."""
    moved: Counter[str] = Counter()
    for asked_round in await store.rounds.list_unenrolled(now):
        alliance = await store.alliances.find_by_key(asked_round.alliance)
        if alliance and alliance.key in alliances:
            found = await enrol_round(store, platforms, secret, asked_round, alliance)
            moved[alliance.key] += found or 0
    return moved


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
