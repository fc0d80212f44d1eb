"""Let Slack itself check how the bot's cards are built, with a card that has each kind of block, on each surface."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from adapters.slack.api import SlackApi
from adapters.slack.render import list_renderings, render_app_home, render_modal
from bot.app.doctor.finding import Finding, skip_check
from bot.model.cards import (
    Card,
    Check,
    Choice,
    Choices,
    Facts,
    Input,
    Quote,
    RunCommand,
    SendComment,
    Text,
)
from bot.ports import PlatformError

Json: TypeAlias = dict[str, Any]

_NOT_OFFERED = {"unknown_method", "not_allowed_token_type"}
_CHOICES = tuple(Choice(str(value), RunCommand("help")) for value in range(1, 6))
_MESSAGE = Card(
    "A check of cards",
    (
        Text("Nobody sees this."),
        Text("Small print", quiet=True),
        Quote("Quoted words"),
        Facts((("Alignment", "72"), ("Answers", "about 10"))),
        Choices(_CHOICES, "A question on a scale", scale=True),
        Choices((Choice("Help", RunCommand("help"), "primary"),)),
    ),
)
_FORM = Card(
    "A check of forms",
    (Input("text", "Comment"), Check("share", "Share"), Choices((Choice("Send", SendComment("r1")),))),
)


async def check_cards(api: SlackApi, workspace: str) -> Finding:
    """Send each kind of card to https://docs.slack.dev/reference/methods/blocks.validate, which shows it to nobody."""
    check = "Slack accepts every kind of card"
    for kind, arguments in _list_surfaces():
        try:
            await api.call(workspace, "blocks.validate", arguments)
        except PlatformError as error:
            if error.reason in _NOT_OFFERED:
                return Finding(f"{check} (not checked: this Slack does not offer it)", True)
            if error.kind != "refused":
                return skip_check(check, f"Slack answered {error.reason}")
            return Finding(check, False, f"it refuses a {kind} ({error.reason}); update the bot")
    return Finding(check, True)


def _list_surfaces() -> Iterator[tuple[str, Json]]:
    for shown in list_renderings(_MESSAGE):
        yield "message", {"blocks": shown["blocks"]}
    yield "form", {"view": render_modal(_FORM)}
    yield "Home page", {"view": render_app_home(_MESSAGE)}
