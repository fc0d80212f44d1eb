"""Send a private reply to the person who wrote a message or a command. (A pressed button shows its reply itself.)"""

import logging
from dataclasses import dataclass

from adapters.teams.activity import ReceivedActivity
from adapters.teams.platform import TeamsPlatform
from adapters.teams.render import render_activity
from bot.model.cards import Card, Choice, Choices, RunCommand, Text
from bot.model.events import Answered, Commanded, Commented, Event
from bot.ports import PlatformError
from bot.wording.question import conceal_answers

log = logging.getLogger(__name__)

RETRY_WAIT = 2.0
"""Seconds before another attempt, if Teams does not say how many."""
_LONGEST = 200
"""Characters of a command that a button can carry."""


@dataclass(frozen=True, slots=True)
class ReplySender:
    """Reply in the personal chat; a person without one (a guest, or no personal app) gets a button in the thread.

    Messages to one member of a channel are a preview of Teams, so they only answer a command that came as one.
    """

    platform: TeamsPlatform

    async def show_card(
        self, card: Card, event: Answered | Commented | Commanded, activity: ReceivedActivity
    ) -> float | None:
        """Send the reply. Returns the seconds after which to try again; None if it is there, or refused for good.

        Never raises. A reply whose outcome is unknown is sent again too: to see it twice harms nobody. These messages
        stay in the tenant, so they don't show what the person answered.
        """
        card = conceal_answers(card)
        try:
            if activity.is_personal:
                await self.platform.send_message(
                    activity.tenant, activity.conversation, render_activity(card)
                )
            elif not (activity.is_targeted and await self._reply_in_place(card, activity)):
                await self.platform.post(event.by, card, "")
        except PlatformError as error:
            log.warning("reply not sent to the personal chat: %s", error.reason)
            if error.kind != "refused":
                return error.retry_after or RETRY_WAIT
            if isinstance(event, Commanded) and not activity.is_personal:
                return await self._send_offer(event, activity)
        return None

    async def _reply_in_place(self, card: Card, activity: ReceivedActivity) -> bool:
        """Reply to a private command in the same place, seen by its author only; False if that failed."""
        try:
            await self.platform.send_targeted(
                activity.tenant, activity.conversation, activity.author, render_activity(card)
            )
        except PlatformError as error:
            log.warning("private reply not sent in the channel: %s", error.reason)
            return error.kind == "unknown"
        return True

    async def _send_offer(self, event: Commanded, activity: ReceivedActivity) -> float | None:
        """Send a button to the thread. Returns the same as `show_card`."""
        try:
            await self.platform.send_message(
                activity.tenant, activity.conversation, render_activity(build_offer(event))
            )
        except PlatformError as error:
            log.warning("reply button not sent to the thread: %s", error.reason)
            return None if error.kind == "refused" else error.retry_after or RETRY_WAIT
        return None


def build_offer(event: Commanded) -> Card:
    """Return a card for everybody to read, whose button shows each person who presses it their own reply."""
    show = Choice("Show it to me", RunCommand(event.text[:_LONGEST]), "primary")
    return Card("Your answer is ready", (Text("Only you will see it."), Choices((show,))))


def build_button_answer(card: Card, event: Event) -> Card:
    """Return the reply that replaces the card for the person who pressed, with a button back to the questions."""
    carries_on = any(isinstance(block, Choices) and block.scale for block in card.blocks)
    if card.is_form or (isinstance(event, Answered | Commented) and not carries_on):
        back = Choices((Choice("Back to the questions", RunCommand("pulse")),))
        return Card(card.heading, (*card.blocks, back))
    return card
