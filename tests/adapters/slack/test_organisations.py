"""Test Enterprise organisations: installed as a whole, and declared by the id of the organisation alone."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.alliance import Channel, Member, Side
from tests.adapters.slack.bot_on_slack import ANNA, MERI, NORA, NORTHWIND, SLOT, BotOnSlack, start_on_slack
from tests.adapters.slack.test_home import list_chosen, open_home, read_home
from tests.far.slack_state import install

HOST, OTHER, ORGANISATION, PARTNER = "T0NORTHWIND", "T0MERIDIAN", "E0NORTHWIND", "E0MERIDIAN"
WHOLE = replace(
    NORTHWIND,
    sponsor=replace(
        NORTHWIND.sponsor,
        homes=frozenset({("slack", ORGANISATION)}),
        leads=(Member("slack", ANNA, (ORGANISATION,), ORGANISATION),),
    ),
    cro=replace(NORTHWIND.cro, homes=frozenset({("slack", PARTNER)})),
    channels=(Channel("slack", ORGANISATION, "C0JOINT"),),
)
"""Both companies declared by their organisation's id alone, one of them installed the bot as a whole."""


async def ask_before_the_directory_answers(bot: BotOnSlack) -> frozenset[str]:
    """Post the question while nobody can be looked up, and return the scopes that the installation had."""
    ours = bot.state.workspaces[ORGANISATION]
    scopes, ours.scopes = ours.scopes, ours.scopes - {"users:read"}
    await bot.tick(SLOT)
    return scopes


async def count_sides(bot: BotOnSlack) -> dict[str | None, int]:
    """People who answered, by side; None: they wait."""
    (asked,) = await bot.store.rounds.list_open(NORTHWIND.key, SLOT)
    counted = dict((await bot.store.rounds.count_turnout(asked.id)).answered)
    everybody = len(await bot.store.answers.list_respondents(asked.id))
    told = {str(side): count for side, count in counted.items()} | {None: everybody - sum(counted.values())}
    return {side: count for side, count in told.items() if count}


@pytest.mark.parametrize("names_workspaces", [False, True])
@pytest.mark.parametrize("is_there", [True, False])
async def test_a_whole_organisation_comments_and_uses_its_app_home(
    tmp_path: Path, names_workspaces: bool, is_there: bool
) -> None:
    """Whichever of its ids the views name, and while the directory is away once something named both."""
    async with start_on_slack(
        tmp_path, WHOLE, people=3, installed=(ORGANISATION,), enterprise=(HOST, OTHER)
    ) as bot:
        bot.state.views_name_workspaces = bot.state.clicks_name_workspaces = names_workspaces
        await bot.tick(SLOT)
        if not is_there:
            bot.state.workspaces[ORGANISATION].scopes -= {"users:read"}
        for user in (NORA, MERI):
            await bot.hand.say(user, "hello")
            page = await open_home(bot, user)
            await bot.hand.click_in_view(user, page, "4 · Agree")
            await bot.done()
            assert list_chosen(read_home(bot, user)) == ["✓ 4 · Agree"]
            await bot.hand.click(user, bot.room[0], "Add a confidential comment")
            await bot.done()
            sent = await bot.hand.submit(user, bot.hand.opened(user), {"text": "Meet more often"})
            assert sent.status == 200 and "Thank you" in str(bot.hand.opened(user).content)
        assert await count_sides(bot) == {"sponsor": 1, "cro": 1}
        assert "don't know" not in str([post.text for user in (NORA, MERI) for post in bot.shown(user)])


async def test_an_app_home_is_of_the_workspace_that_shows_it(tmp_path: Path) -> None:
    """A view may name the workspace of the organisation that installed first."""
    declared = replace(WHOLE, channels=NORTHWIND.channels)
    async with start_on_slack(tmp_path, declared, people=3, enterprise=(HOST,)) as bot:
        second = replace(bot.state.workspaces[HOST], id="T0NORTHTWO")
        bot.state.workspaces = {**bot.state.workspaces, second.id: second}
        install(bot.state, second.id)
        bot.state.users[NORA].team = second.id
        bot.state.rooms["C0JOINT"].members.append(second.bot_user)
        await bot.tick(SLOT)
        page = await open_home(bot, NORA)
        await bot.hand.click_in_view(NORA, page, "4 · Agree")
        await bot.done()
        published = [workspace for workspace, method, _ in bot.slack.far.calls if method == "views.publish"]
        assert published == ["T0NORTHTWO", "T0NORTHTWO"]


async def test_a_rush_of_people_known_by_their_workspace_alone_is_counted(tmp_path: Path) -> None:
    """Few may be looked up, and Slack takes its time: what one answer says of a workspace holds for all of it."""
    async with start_on_slack(
        tmp_path, WHOLE, people=25, installed=(ORGANISATION,), enterprise=(HOST, OTHER)
    ) as bot:
        bot.state.clicks_name_workspaces = True
        bot.state.workspaces[ORGANISATION].scopes = await ask_before_the_directory_answers(bot)
        bot.slack.far.limits.tiers, bot.slack.far.limits.leap = True, 4
        people = [user.id for user in bot.state.users.values() if not user.is_bot]
        answers = await asyncio.gather(*(bot.hand.click(user, bot.room[0], "4 · Agree") for user in people))
        assert {answer.status for answer in answers} == {200}
        assert await count_sides(bot) == {"sponsor": 25, "cro": 25}
        await bot.done()
        assert "don't know" not in str([post.text for user in people for post in bot.shown(user)])


async def test_what_waits_counts_once_the_workspaces_organisation_is_learned(tmp_path: Path) -> None:
    """A comment as well; a workspace that somebody claimed stays theirs, and nothing of another company moves."""
    async with start_on_slack(
        tmp_path, WHOLE, people=4, installed=(ORGANISATION,), enterprise=(HOST, OTHER)
    ) as bot:
        bot.state.clicks_name_workspaces = True
        scopes = await ask_before_the_directory_answers(bot)
        for user in (NORA, MERI, "U0MERI002"):
            await bot.hand.click(user, bot.room[0], "4 · Agree")
        assert await count_sides(bot) == {None: 3}
        bot.state.workspaces[ORGANISATION].scopes = scopes
        await bot.hand.click("U0MERI003", bot.room[0], "4 · Agree")
        assert await count_sides(bot) == {"cro": 3, None: 1}
        await bot.hand.say("U0NORT002", "hello")
        assert await count_sides(bot) == {"sponsor": 1, "cro": 3}


async def test_a_claimed_workspace_is_not_taken_away_by_its_organisation(tmp_path: Path) -> None:
    async with start_on_slack(
        tmp_path, WHOLE, people=3, installed=(ORGANISATION,), enterprise=(HOST, OTHER)
    ) as bot:
        bot.state.clicks_name_workspaces = True
        await ask_before_the_directory_answers(bot)
        await bot.hand.click(MERI, bot.room[0], "4 · Agree")
        assert await bot.store.companies.claim(NORTHWIND.key, Side.SPONSOR, ("slack", OTHER), ())
        assert await bot.store.companies.merge("slack", OTHER, PARTNER) == 0
        assert await count_sides(bot) == {"sponsor": 1}
