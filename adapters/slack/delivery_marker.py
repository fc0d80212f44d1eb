"""The mark on our own messages: the id of the delivery that posted them, and nothing that anybody could not know.

Metadata is found again in a channel's history. In events Slack may leave out what it holds
(https://github.com/slackapi/python-slack-sdk/issues/1501), while the ids of blocks always come back: so the first
block bears the mark as well.
"""

from typing import Any, TypeAlias

from adapters.slack.identity import Payload
from bot.model.alliance import MessageRef
from bot.model.events import Echoed

Json: TypeAlias = dict[str, Any]

_EVENT = "pulse_delivery"
_BLOCK = "delivery."


def add_marker(message: Json, delivery: str) -> Json:
    """`message`, which has blocks, bearing the mark."""
    first, *rest = message["blocks"]
    return {
        **message,
        "metadata": {"event_type": _EVENT, "event_payload": {"delivery": delivery}},
        "blocks": [{**first, "block_id": f"{_BLOCK}{delivery}"}, *rest],
    }


def read_marker(message: Payload) -> str | None:
    """The delivery that posted a message; None where it bears no mark."""
    match message:
        case {"metadata": {"event_type": kind, "event_payload": {"delivery": str(id)}}} if kind == _EVENT:
            return id
        case {"blocks": [{"block_id": str(block)}, *_]} if block.startswith(_BLOCK):
            return block.removeprefix(_BLOCK)
    return None


def parse_echo(inner: Payload, sent: Payload) -> Echoed | None:
    """The event of a message that we posted ourselves; None for any other. Nobody else can bear our app's id."""
    match inner, read_marker(inner):
        case {"app_id": str(app), "channel": str(channel), "ts": str(ts)}, str(delivery):
            is_ours = app == sent.get("api_app_id")
            return Echoed(delivery=delivery, message=MessageRef(channel, ts)) if is_ours else None
    return None
