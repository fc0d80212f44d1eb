"""Shows a card to the one person who acted, where their act was not a button that shows its answer by itself."""

import logging
from dataclasses import dataclass

from adapters.teams.activity import Sent
from adapters.teams.platform import TeamsPlatform
from adapters.teams.render import message
from bot.model.cards import Card, Choice, Choices, RunCommand, Text
from bot.model.events import Answered, Commanded, Commented, Event
from bot.ports import PlatformError

log = logging.getLogger(__name__)

_LONGEST = 200
"""Characters of a command that a button repeats."""


@dataclass(frozen=True, slots=True)
class Shower:
    """The personal chat first. Who has none (a guest, an app not installed for people) gets a button in the thread.

    Messages that one member of a channel sees are a preview, so only a command that came as one is answered by one.
    """

    platform: TeamsPlatform

    async def show(self, card: Card, event: Answered | Commented | Commanded, sent: Sent) -> None:
        """Never raises: what was done is stored, and only its confirmation may get lost."""
        try:
            if sent.is_personal:
                await self.platform.send(sent.tenant, sent.conversation, message(card))
            elif not (sent.is_targeted and await self._whispered(card, sent)):
                await self.platform.post(event.by, card, "")
        except PlatformError as error:
            log.warning("not shown in the personal chat: %s", error.reason)
            if isinstance(event, Commanded) and not sent.is_personal and error.kind != "unknown":
                await self._offer(event, sent)

    async def _whispered(self, card: Card, sent: Sent) -> bool:
        """Where a command was seen by nobody else, so may its answer be, in the same place."""
        try:
            await self.platform.whisper(sent.tenant, sent.conversation, sent.author, message(card))
        except PlatformError as error:
            log.warning("not shown to one member alone: %s", error.reason)
            return error.kind == "unknown"
        return True

    async def _offer(self, event: Commanded, sent: Sent) -> None:
        try:
            await self.platform.send(sent.tenant, sent.conversation, message(offer(event)))
        except PlatformError as error:
            log.warning("not offered in the thread: %s", error.reason)


def offer(event: Commanded) -> Card:
    """Everybody may read it; what the button shows, only who presses it sees, and each their own."""
    show = Choice("Show it to me", RunCommand(event.text[:_LONGEST]), "primary")
    return Card("Your answer is ready", (Text("Only you will see it."), Choices((show,))))


def answer(card: Card, event: Event) -> Card:
    """A button's answer stands in the place of the card that bore it, so there has to be a way back."""
    carries_on = any(isinstance(one, Choices) and one.scale for one in card.blocks)
    if card.is_form or (isinstance(event, Answered | Commented) and not carries_on):
        back = Choices((Choice("Back to the questions", RunCommand("pulse")),))
        return Card(card.heading, (*card.blocks, back))
    return card
