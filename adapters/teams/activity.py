"""Parse a request's body as an activity of the Bot Framework's schema.

Microsoft's own models check times, accounts and entities. They drop unknown fields (a conversation's tenant arrives
as `tenantId`, their field is `tenantID`), so those are read from the JSON itself.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botbuilder.schema import Activity

from adapters.shared.text import replace_unstorable
from adapters.teams.identity import Json, MalformedActivity


@dataclass(frozen=True, slots=True)
class ReceivedActivity:
    """An activity that Teams sent to the bot, with the fields that the adapter reads."""

    model: Any
    """`botbuilder.schema.Activity`, which has no types."""
    type: str
    id: str
    at: datetime
    """When it happened by Teams' clock, UTC."""
    channel_id: str
    service_url: str
    tenant: str
    """Entra tenant that hosts the conversation; not always the author's."""
    conversation: str
    is_personal: bool
    author: str
    """Teams' id of the person who acted (`29:…`), different for each bot; empty where nobody acted."""
    object_id: str
    """Entra object id of the person who acted; empty for programs."""
    bot: str
    """Teams' id of the bot that the activity is addressed to."""
    is_targeted: bool = False
    """True for a slash command, which nobody else in the conversation sees."""
    team: str = ""
    """Teams' id of the team that the channel belongs to; empty in chats."""
    group: str = ""
    """Entra's id of that team; empty where Teams leaves it out."""
    data: Json = field(default_factory=dict)
    """`channelData`."""


def parse_activity(raw: bytes, received: datetime) -> ReceivedActivity:
    """Return the activity in a request's body, timed `received` if it has no timestamp. Raises MalformedActivity."""
    try:
        body = json.loads(raw.decode("utf-8"))
        if not isinstance(body, dict):
            raise MalformedActivity("not an activity")
        if b"\\u" in raw:
            body = replace_unstorable(body)
        model = Activity.deserialize(body)
    except MalformedActivity:
        raise
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError, OverflowError):
        raise MalformedActivity("not an activity") from None
    return _read_fields(model, body, received)


def _read_fields(model: Any, body: Json, received: datetime) -> ReceivedActivity:
    conversation, author, bot = (_read_table(body, name) for name in ("conversation", "from", "recipient"))
    data = _read_table(body, "channelData")
    team = _read_table(data, "team")
    return ReceivedActivity(
        model=model,
        type=_read_word(body, "type"),
        id=_read_word(body, "id", required=False),
        at=_to_utc(model.timestamp) or received,
        channel_id=_read_word(body, "channelId"),
        service_url=_read_word(body, "serviceUrl"),
        tenant=_find_tenant(conversation, data),
        conversation=_read_word(conversation, "id"),
        is_personal=conversation.get("conversationType") == "personal",
        author=_read_word(author, "id", required=False),
        object_id=_read_word(author, "aadObjectId", required=False).lower(),
        bot=_read_word(bot, "id", required=False),
        is_targeted=bot.get("isTargeted") is True,
        team=_read_word(team, "id", required=False),
        group=_read_word(team, "aadGroupId", required=False),
        data=data,
    )


def _find_tenant(conversation: Json, data: Json) -> str:
    named = {
        _read_word(_read_table(data, "tenant"), "id", required=False),
        _read_word(conversation, "tenantId", False),
    }
    named = {tenant.lower() for tenant in named if tenant}
    if len(named) != 1:
        raise MalformedActivity("the activity names no tenant, or two")
    return named.pop()


def _to_utc(at: object) -> datetime | None:
    if not isinstance(at, datetime):
        return None
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        raise MalformedActivity("the timestamp is out of range") from None


def _read_table(body: Json, name: str) -> Json:
    found = body.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise MalformedActivity(f"{name} is not an object")
    return found


def _read_word(body: Json, name: str, required: bool = True) -> str:
    found = body.get(name)
    if found is None and not required:
        return ""
    if not isinstance(found, str) or (required and not found) or len(found) > 2048:
        raise MalformedActivity(f"{name} is missing, not a string or too long")
    return found
