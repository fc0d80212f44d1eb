"""Tell the channel what was done: a lead writes it, a lead of the other side agrees, and it is posted once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.model.alert import Alert
from bot.model.audit import Act
from bot.model.cards import Card
from bot.model.delivery import Delivery
from bot.model.planned_action import LONGEST_STORY, PlannedAction
from bot.ports import StoreUnavailable
from bot.use_cases.loop.action_steps import find_action, find_alert, find_only_side, screen_text
from bot.use_cases.loop.action_views import word_action
from bot.use_cases.loop.tap import PAUSE, TRIES, Tap, join_words, list_hearers, write_to
from bot.wording.loop import stories as wording
from bot.wording.loop.actions import refuse_unknown_action

_NOT_DONE = "Press “Done” first: the channel hears of what was done."
_OWN = "This alert concerns your side alone, so the channel hears nothing of it."
_TOLD = "The channel has read it already."


async def propose_story(tap: Tap, words: Sequence[str]) -> Card:
    """Ask the other side to agree to these words about an action that was done; without words, return the form."""
    action = await find_action(tap, words[0])
    if action is None:
        return await _refuse(tap, "tell", refuse_unknown_action(), "no such action")
    alert = await find_alert(tap, action.alert)
    if reason := _find_obstacle(tap, action, alert):
        return await _refuse(tap, "tell", wording.refuse_story(reason), action.id)
    line = word_action(tap.alliance, action, tap.side, tap.who, tap.trail.secret)
    story = join_words(tap, words)
    if not story:
        return wording.write_story_form(tap.alliance, tap.side, line)
    if refusal := await screen_text(tap, story, LONGEST_STORY):
        return await _refuse(tap, "tell", refusal, f"{action.id} its text")
    return await _propose(tap, action, story)


async def _propose(tap: Tap, action: PlannedAction, story: str) -> Card:
    confirmed = wording.confirm_story_asked(tap.alliance, tap.side, story)
    if (action.story, action.story_side) == (story, tap.side):
        return confirmed
    after = replace(action, story=story, story_side=tap.side, revision=action.revision + 1)
    line = word_action(tap.alliance, after, tap.side, "", tap.trail.secret)
    card = wording.ask_story_agreement(tap.alliance, tap.side, line, story)
    told = await _write_to_side(tap, after, f"story:{after.id}:{after.revision}", card)
    await _change(tap, action, after, told, "tell", "proposed")
    return confirmed


async def agree_to_story(tap: Tap, words: Sequence[str]) -> Card:
    """Post the words in the channel, once, as the other side wrote them."""
    action = await _find_waiting(tap, words)
    if action is None:
        return await _refuse(tap, "agree", wording.report_old_story(), "not open")
    if action.story_side is tap.side:
        return await _refuse(
            tap, "agree", wording.refuse_own_story(tap.alliance, tap.side), "its own side wrote it"
        )
    after = replace(action, told_at=tap.now, revision=action.revision + 1)
    card = wording.write_story(tap.alliance, action.story)
    posts = [
        Delivery(f"story:{action.id}:channel:{tap.alliance.number(channel)}", tap.alliance.key, channel, card)
        for channel in tap.alliance.channels
    ]
    await _change(tap, action, after, posts, "agree", "posted")
    alert = await find_alert(tap, action.alert)
    today = tap.now.astimezone(ZoneInfo(tap.alliance.timezone)).date()
    return wording.confirm_story_told(alert.slot, today)


async def decline_story(tap: Tap, words: Sequence[str]) -> Card:
    """Post nothing; either side may withdraw the words."""
    action = await _find_waiting(tap, words)
    if action is None or action.story_side is None:
        return await _refuse(tap, "decline", wording.report_old_story(), "not open")
    after = replace(action, story="", story_side=None, revision=action.revision + 1)
    card = wording.tell_story_declined(tap.alliance, tap.side, action.story)
    told = await _write_to_side(
        tap, action, f"story-declined:{action.id}:{after.revision}", card, of_writer=True
    )
    await _change(tap, action, after, told, "decline", "declined")
    return wording.confirm_story_declined()


def _find_obstacle(tap: Tap, action: PlannedAction, alert: Alert) -> str:
    """Return why nothing can be told about the action; empty where something can."""
    if find_only_side(tap.alliance, alert, tap.side):
        return _OWN
    if action.told_at:
        return _TOLD
    return "" if action.state == "done" else _NOT_DONE


async def _find_waiting(tap: Tap, words: Sequence[str]) -> PlannedAction | None:
    """Return the action whose words wait for agreement, if they still are those of that revision."""
    action = await find_action(tap, words[0])
    is_same = (
        action is not None and action.story and words[1:2] == (str(action.revision),) and not action.told_at
    )
    return action if is_same else None


async def _write_to_side(
    tap: Tap, action: PlannedAction, key: str, card: Card, of_writer: bool = False
) -> tuple[Delivery, ...]:
    """Write to the leads of the side that is to agree, or of the side that wrote it; not to who acts."""
    alert = await find_alert(tap, action.alert)
    hearers = [
        (side, lead)
        for side, lead in list_hearers(tap.alliance, alert, tap.by)
        if (side is action.story_side) == of_writer
    ]
    return write_to(tap.alliance, key, hearers, lambda _: card, tap.trail.secret)


async def _change(
    tap: Tap, before: PlannedAction, after: PlannedAction, told: Sequence[Delivery], act: Act, outcome: str
) -> None:
    """Write it down. Raises StoreUnavailable where the action is being changed by another lead."""
    entry = tap.trail.make_entry(act, tap.alliance.key, tap.by, tap.now, f"{tap.side.value} {before.id}")
    for _ in range(TRIES):
        if await tap.store.actions.change(before, after, None, told, entry.conclude(outcome)):
            return
        again = await find_action(tap, before.id)
        if again is None or again.revision != before.revision:
            break
        await asyncio.sleep(PAUSE)
    raise StoreUnavailable("another lead is changing the action")


async def _refuse(tap: Tap, act: Act, card: Card, why: str) -> Card:
    entry = tap.trail.make_entry(act, tap.alliance.key, tap.by, tap.now, tap.side.value)
    await tap.trail.audit.note(entry.conclude(f"refused, {why}"))
    return card
