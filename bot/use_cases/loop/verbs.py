"""The commands by which leads close the loop, by verb: each gets the lead's tap and the words after the verb."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from bot.model.audit import Act
from bot.model.cards import Card
from bot.use_cases.loop import action_steps as actions
from bot.use_cases.loop import alert_steps as steps
from bot.use_cases.loop import milestone_steps as milestones
from bot.use_cases.loop import story_steps as stories
from bot.use_cases.loop.tap import Tap

LoopCommand: TypeAlias = Callable[[Tap, Sequence[str]], Awaitable[Card]]

LOOP: Mapping[str, LoopCommand] = {
    "actions": actions.list_actions,
    "milestones": milestones.list_milestones,
    "ack": steps.acknowledge_alert,
    "normal": steps.accept_level,
    "alert": steps.show_alert,
    "take": steps.take_alert,
    "asklead": steps.ask_other_lead,
    "remind": steps.ask_reminder,
    "close": steps.close_alert,
    "plan": actions.plan_action,
    "done": actions.finish_action,
    "move": actions.move_action,
    "drop": actions.drop_action,
    "tell": stories.propose_story,
    "agreestory": stories.agree_to_story,
    "declinestory": stories.decline_story,
    "milestone": milestones.mark_milestone,
}
"""Those without a summary are about one thing, named first: an alert by the number of a round, an action by its id."""
SUMMARIES: Mapping[str, tuple[Act, str]] = {
    "actions": ("actions", "what leads decided to do"),
    "milestones": ("milestones", "dates of the study"),
}
"""How the audit log calls what help lists, and what help says of it."""
