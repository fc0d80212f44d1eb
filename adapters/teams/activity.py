"""A request's body as an activity of the Bot Framework's schema, with what is read of it taken apart once.

Times, accounts, entities are checked by Microsoft's own models. They lose what they do not know (the tenant of a
conversation comes as `tenantId` and is modelled as `tenantID`), so that is read beside them.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botbuilder.schema import Activity

from adapters.shared.text import replace_unstorable
from adapters.teams.identity import Json, Malformed


@dataclass(frozen=True, slots=True)
class Sent:
    """An activity that was sent to the bot."""

    activity: Any
    """`botbuilder.schema.Activity`, which has no types."""
    type: str
    id: str
    at: datetime
    """Teams' time of what happened, UTC."""
    channel_id: str
    service_url: str
    tenant: str
    """Entra tenant that holds the conversation; not always the author's."""
    conversation: str
    is_personal: bool
    author: str
    """Teams' id of who acted (`29:…`), per bot; empty where nobody did."""
    object_id: str
    """Entra object id of who acted; empty for programs."""
    bot: str
    """Teams' id of the bot that was meant."""
    is_targeted: bool = False
    """Nobody else in the conversation sees it: a slash command."""
    team: str = ""
    """Teams' id of the team that the channel belongs to; empty in chats."""
    group: str = ""
    """Entra's id of that team, where Teams tells it."""
    data: Json = field(default_factory=dict)
    """`channelData`."""


def sent(raw: bytes, received: datetime) -> Sent:
    """Raises Malformed. `received` stands in where an activity has no time of its own."""
    try:
        body = json.loads(raw.decode("utf-8"))
        if not isinstance(body, dict):
            raise Malformed("not an activity")
        if b"\\u" in raw:
            body = replace_unstorable(body)
        activity = Activity.deserialize(body)
    except Malformed:
        raise
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError, OverflowError):
        raise Malformed("not an activity") from None
    return _taken_apart(activity, body, received)


def _taken_apart(activity: Any, body: Json, received: datetime) -> Sent:
    conversation, author, bot = (_table(body, name) for name in ("conversation", "from", "recipient"))
    data = _table(body, "channelData")
    team = _table(data, "team")
    return Sent(
        activity=activity,
        type=_word(body, "type"),
        id=_word(body, "id", required=False),
        at=_instant(activity.timestamp) or received,
        channel_id=_word(body, "channelId"),
        service_url=_word(body, "serviceUrl"),
        tenant=_tenant(conversation, data),
        conversation=_word(conversation, "id"),
        is_personal=conversation.get("conversationType") == "personal",
        author=_word(author, "id", required=False),
        object_id=_word(author, "aadObjectId", required=False).lower(),
        bot=_word(bot, "id", required=False),
        is_targeted=bot.get("isTargeted") is True,
        team=_word(team, "id", required=False),
        group=_word(team, "aadGroupId", required=False),
        data=data,
    )


def _tenant(conversation: Json, data: Json) -> str:
    named = {_word(_table(data, "tenant"), "id", required=False), _word(conversation, "tenantId", False)}
    named = {one.lower() for one in named if one}
    if len(named) != 1:
        raise Malformed("no tenant, or two")
    return named.pop()


def _instant(at: object) -> datetime | None:
    if not isinstance(at, datetime):
        return None
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        raise Malformed("no valid time") from None


def _table(body: Json, name: str) -> Json:
    found = body.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Malformed(f"{name} is no object")
    return found


def _word(body: Json, name: str, required: bool = True) -> str:
    found = body.get(name)
    if found is None and not required:
        return ""
    if not isinstance(found, str) or (required and not found) or len(found) > 2048:
        raise Malformed(f"{name} is not there or no string")
    return found
