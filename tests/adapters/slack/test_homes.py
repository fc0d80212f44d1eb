"""Test whose company an actor belongs to, for every kind of payload and organisation, over signed HTTP.

The app is installed by one company or by both; the home that an event bears must be its author's, and the
installation the one that was told, whatever the envelope's own `team_id` says.
"""

import time
from collections.abc import Awaitable, Callable
from itertools import product
from typing import TypeAlias

import pytest

from bot.model.alliance import Alliance, Member, Organisation, Side
from bot.model.cards import AnswerWith, Card, Choice, Choices, Input, RunCommand, SendComment
from bot.model.events import Answered, Commanded, Commented, Deleted, Edited, Joined, Left, Said
from bot.privacy.permissions import find_side
from tests.contract.slack_world import SlackWorld, wired
from tests.far.slack_state import Posted, State, two_companies

QUESTION = Card(
    "Pulse",
    (
        Choices((Choice("4", AnswerWith("r1", "vision@1", 4)),), "One plan", scale=True),
        Choices((Choice("Comment", RunCommand("comment r1")),)),
    ),
)
FORM = Card("Comment", (Input("text", "Comment"), Choices((Choice("Send", SendComment("r1")),))))
NORTHWIND, MERIDIAN = "T0NORTHWIND", "T0MERIDIAN"


def alliance(enterprise: tuple[str, ...]) -> Alliance:
    """Declared by enterprise id where a company is an Enterprise organisation: a member may bear either id."""

    def company(name: str, team: str) -> Organisation:
        homes = {team, *(["E" + team[1:]] if team in enterprise else [])}
        return Organisation(name, frozenset(("slack", id) for id in homes))

    return Alliance("nm", "N × M", "UTC", company("Northwind", NORTHWIND), company("Meridian", MERIDIAN))


Act: TypeAlias = Callable[[SlackWorld, str], Awaitable[object]]


async def _question(world: SlackWorld, who: str | None = None) -> Posted:
    to = Member("slack", who, workspace=world.channel.workspace) if who else world.channel
    ref = await world.platform.post(to, QUESTION, "d1")
    return world.far.state.rooms[ref.address].messages[-1]


async def says(world: SlackWorld, who: str) -> None:
    await world.hand.say(who, "fine by me")


async def replies(world: SlackWorld, who: str) -> None:
    await world.hand.say(who, "fine by me", thread=(await _question(world)).ts)


async def shares_a_file(world: SlackWorld, who: str) -> None:
    """Slack may leave `team` out: https://github.com/slackapi/slack-api-specs/issues/62"""
    state = world.far.state
    room, user = state.rooms["C0JOINT"], state.users[who]
    files = [{"id": "F1", "file_access": "check_file_info"}]
    inner = {"type": "message", "subtype": "file_share", "user": who, "text": "the plan", "files": files}
    inner |= {"ts": state.ts(), "channel_type": "channel"}
    await world.hand.event(inner, room, user)


async def edits(world: SlackWorld, who: str) -> None:
    await world.hand.edit(who, await world.hand.say(who, "good"), "bad")


async def mentions(world: SlackWorld, who: str) -> None:
    bot = world.far.state.bots(world.far.state.rooms["C0JOINT"])[-1].bot_user
    await world.hand.say(who, "score", mention=bot)


async def writes_directly(world: SlackWorld, who: str) -> None:
    await world.hand.dm(who, "score")


async def clicks(world: SlackWorld, who: str) -> None:
    await world.hand.click(who, await _question(world), "4")


async def clicks_in_a_direct_message(world: SlackWorld, who: str) -> None:
    await world.hand.click(who, await _question(world, who), "4")


async def sends_a_form(world: SlackWorld, who: str) -> None:
    world.inbox.card = FORM
    await world.hand.click(who, await _question(world), "Comment")
    await world.door.replies.drain(2)
    world.inbox.card = None
    await world.hand.submit(who, world.hand.opened(who), {"text": "words"})


async def deletes(world: SlackWorld, who: str) -> None:
    await world.hand.delete(who, await world.hand.say(who, "oops"))


async def reacts(world: SlackWorld, who: str) -> None:
    """Nothing that the bot counts; Slack names no company of who reacts."""
    state = world.far.state
    item = {"type": "message", "channel": "C0JOINT", "ts": await world.hand.say(who, "fine")}
    world.inbox.taken.clear()
    inner = {"type": "reaction_added", "user": who, "reaction": "tada", "item": item, "event_ts": state.ts()}
    answer = await world.hand.event(inner, state.rooms["C0JOINT"], state.users[who])
    assert answer.status == 200


async def joins(world: SlackWorld, who: str) -> None:
    await world.hand.join(who)


async def leaves(world: SlackWorld, who: str) -> None:
    await world.hand.join(who, left=True)


ACTS: dict[Act, type | None] = {
    says: Said,
    replies: Said,
    shares_a_file: Said,
    edits: Edited,
    deletes: Deleted,
    reacts: None,
    mentions: Commanded,
    writes_directly: Commanded,
    clicks: Answered,
    clicks_in_a_direct_message: Answered,
    sends_a_form: Commented,
    leaves: Left,
    joins: Joined,
}
"""What each payload becomes; None: nothing."""
INSTALLED = {
    "by one": (NORTHWIND,),
    "by the other": (MERIDIAN,),
    "by both": (NORTHWIND, MERIDIAN),
    "by one as a whole": ("E0NORTHWIND",),
    "by the other as a whole": ("E0MERIDIAN",),
    "by both as a whole": ("E0NORTHWIND", "E0MERIDIAN"),
}
"""As a whole: an Enterprise organisation, once for all its workspaces."""
ORGANISATIONS: dict[str, tuple[str, ...]] = {
    "of no Enterprise": (),
    "of an Enterprise": (NORTHWIND, MERIDIAN),
    "a guest": (),
}
COMPANIES = {"U0NORT001": Side.SPONSOR, "U0MERI001": Side.CRO}
DIRECTORY = {"directory there": True, "directory away": False}
VIEWS = {"views name the installation": False, "views name a workspace of it": True}
WORLDS = [
    (how, who, directory, views)
    for how, who, directory, views in product(INSTALLED, ORGANISATIONS, DIRECTORY, VIEWS)
    if (who == "of an Enterprise" or not how.endswith("as a whole"))
    and (how.endswith("as a whole") or not VIEWS[views])
]
ROWS = list(product(ACTS, COMPANIES, WORLDS))
PRESSED = (clicks, clicks_in_a_direct_message, sends_a_form)
NAMES_NOBODYS_COMPANY = (shares_a_file,)
"""Payloads without a team: only the directory knows, and without it nothing is guessed."""


def expect_side(act: Act, who: str, installed: tuple[str, ...], is_there: bool) -> tuple[Side | None, str]:
    """Side, and the installation that is told: the one that posted what is pressed, else the one added last."""
    side = COMPANIES[who] if is_there or act not in NAMES_NOBODYS_COMPANY else None
    own = (NORTHWIND, "E0NORTHWIND") if who == "U0NORT001" else (MERIDIAN, "E0MERIDIAN")
    if act is writes_directly:
        return side, next((workspace for workspace in installed if workspace in own), installed[0])
    return side, installed[0] if act in PRESSED else installed[-1]


def test_the_table_is_as_large_as_it_claims() -> None:
    assert len(ROWS) == 13 * 2 * (18 + 6 + 6) == 780


@pytest.mark.parametrize("row", WORLDS, ids=", ".join)
async def test_everybody_is_on_the_side_of_their_company(row: tuple[str, str, str, str]) -> None:
    installed, enterprise, is_there = INSTALLED[row[0]], ORGANISATIONS[row[1]], DIRECTORY[row[2]]
    state = two_companies(time.time, people=3, installed=installed, enterprise=enterprise)
    state.views_name_workspaces = VIEWS[row[3]]
    for user in state.users.values():
        user.is_guest = row[1] == "a guest"
    for workspace in state.workspaces.values():
        workspace.scopes -= frozenset() if is_there else {"users:read"}
    async with wired(state) as world:
        for (act, kind), who in product(ACTS.items(), COMPANIES):
            world.inbox.taken.clear()
            await act(world, who)
            events = world.inbox.taken
            assert bool(events) == (kind is not None), act.__name__
            if kind is None or kind is Deleted:
                continue
            (event,) = [event for event in events if isinstance(event, kind)]
            by = event.who if isinstance(event, Joined | Left) else event.by  # type: ignore[union-attr]
            assert isinstance(by, Member)
            told = find_side(alliance(enterprise), by), by.workspace
            assert told == expect_side(act, who, installed, is_there), (act.__name__, who, *row)
            assert by.id == who


@pytest.mark.parametrize("who, side", COMPANIES.items())
async def test_a_slash_command_comes_from_whoever_installed_the_app(who: str, side: Side) -> None:
    worlds = {(INSTALLED[how], ORGANISATIONS[of]) for how, of, *_ in WORLDS if how.startswith("by both")}
    for installed, enterprise in worlds:
        state = two_companies(time.time, people=3, installed=installed, enterprise=enterprise)
        async with wired(state) as world:
            answer = await world.hand.slash(who, "score")
            (event,) = world.inbox.taken
            assert answer.status == 200
            assert isinstance(event, Commanded) and find_side(alliance(enterprise), event.by) is side
            assert event.by.workspace == world.hand.home_of(who).id in installed


async def take_act(state: State, act: Act, who: str) -> list[object]:
    async with wired(state) as world:
        await act(world, who)
        return list(world.inbox.taken)


async def test_a_guest_belongs_to_the_company_that_invited_them() -> None:
    state = two_companies(time.time, people=3)
    state.users["U0MERI001"].is_guest = True
    (event,) = await take_act(state, says, "U0MERI001")
    assert isinstance(event, Said) and event.by.home == (MERIDIAN,)


async def test_where_payload_and_directory_disagree_the_directory_is_right() -> None:
    state = two_companies(time.time, people=3)
    async with wired(state) as world:
        posted = await _question(world)
        sent = world.hand.click_payload("U0MERI001", posted, {"type": "button", "action_id": "b0.0"})
        sent["actions"][0] |= {"value": "a|r1|vision@1|4"}
        sent["user"]["team_id"] = NORTHWIND
        await world.hand.interact(sent)
        (event,) = world.inbox.taken
        assert isinstance(event, Answered) and event.by.home == (MERIDIAN,)


async def test_while_the_directory_is_away_the_payloads_word_stands_and_nothing_is_guessed() -> None:
    for act, home in ((clicks, (MERIDIAN,)), (shares_a_file, ())):
        state = two_companies(time.time, people=3)
        async with wired(state) as world:
            world.far.fail("users.info", "hang", 2)
            await act(world, "U0MERI001")
            event = world.inbox.taken[-1]
            assert isinstance(event, Answered | Said) and event.by.home == home


async def test_the_directory_is_asked_once_for_each_person() -> None:
    state = two_companies(time.time, people=3)
    async with wired(state) as world:
        for who in ("U0MERI001", "U0NORT001", "U0MERI001", "U0MERI001"):
            await says(world, who)
        assert [given["user"] for given in world.far.called("users.info")] == ["U0MERI001", "U0NORT001"]
        assert world.far.called("auth.test") == []


async def test_no_bot_is_taken_for_a_person_whatever_it_lacks() -> None:
    """Neither the other company's copy of the bot, nor another bot, nor one that writes like a person."""
    state = two_companies(time.time, people=3, installed=(NORTHWIND, MERIDIAN))
    async with wired(state) as world:
        other = state.workspaces[NORTHWIND]
        room = state.rooms["C0JOINT"]
        copy = {"type": "message", "user": other.bot_user, "bot_id": other.bot_id, "app_id": state.app_id}
        posted = {"text": "Pulse", "ts": state.ts(), "team": NORTHWIND, "channel_type": "channel"}
        await world.hand.event(copy | posted, room, state.users[other.bot_user])
        await says(world, "U0OTHERBOT")
        assert world.inbox.taken == []
        await world.hand.event({**copy, **posted, "subtype": "bot_message"}, room, state.users["U0OTHERBOT"])
        assert world.inbox.taken == []


async def test_the_bots_own_coming_and_going_names_nobody() -> None:
    state = two_companies(time.time, people=3)
    async with wired(state) as world:
        own = state.workspaces[NORTHWIND].bot_user
        await world.hand.join(own)
        (event,) = world.inbox.taken
        assert isinstance(event, Joined) and event.who is None


async def test_a_deletion_needs_no_author() -> None:
    state = two_companies(time.time, people=3)
    async with wired(state) as world:
        message = await world.hand.say("U0MERI001", "oops")
        await world.hand.delete("U0MERI001", message)
        assert isinstance(world.inbox.taken[-1], Deleted)
