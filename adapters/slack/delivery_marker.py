"""Mark the bot's own messages with the id of the delivery that posted them, so that they can be found again.

A channel's history includes metadata, but events may omit it
(https://github.com/slackapi/python-slack-sdk/issues/1501). Block ids always come back, so the first block carries the
mark too. The mark reveals nothing about people.
"""

from typing import Any, TypeAlias

from adapters.slack.identity import Payload
from bot.model.alliance import MessageRef
from bot.model.events import Echoed

Json: TypeAlias = dict[str, Any]

_EVENT = "pulse_delivery"
_BLOCK = "delivery."


def add_marker(message: Json, delivery: str) -> Json:
    """Return the message with the mark. It must have at least one block."""
    first, *rest = message["blocks"]
    return {
        **message,
        "metadata": {"event_type": _EVENT, "event_payload": {"delivery": delivery}},
        "blocks": [{**first, "block_id": f"{_BLOCK}{delivery}"}, *rest],
    }


def read_marker(message: Payload) -> str | None:
    """Return the id of the delivery that posted the message; None without a mark."""
    match message:
        case {"metadata": {"event_type": kind, "event_payload": {"delivery": str(delivery_id)}}} if (
            kind == _EVENT
        ):
            return delivery_id
        case {"blocks": [{"block_id": str(block)}, *_]} if block.startswith(_BLOCK):
            return block.removeprefix(_BLOCK)
    return None


def parse_echo(inner: Payload, sent: Payload) -> Echoed | None:
    """Return the event of a message that this bot posted; None for any other. Nobody else can use our app's id."""
    match inner, read_marker(inner):
        case {"app_id": str(app), "channel": str(channel), "ts": str(ts)}, str(delivery):
            is_ours = app == sent.get("api_app_id")
            return Echoed(delivery=delivery, message=MessageRef(channel, ts)) if is_ours else None
    return None
