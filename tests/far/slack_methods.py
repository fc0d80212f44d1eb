"""Answer the methods of Slack's Web API that the bot uses, with Slack's refusals."""

from collections.abc import Callable
from typing import Any

from tests.far.blockkit import problems, view_problems
from tests.far.slack_state import Posted, Room, State, User, Workspace, uninstall
from tests.far.slack_views import ApiError, only, open_view, publish_view, update_view

Json = dict[str, Any]


def post_message(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "channel text blocks metadata thread_ts unfurl_links unfurl_media mrkdwn parse")
    room = _writable(state, caller, _target(state, caller, given.get("channel")))
    text, blocks = _content(given)
    posted = Posted(
        ts=state.ts(),
        channel=room.id,
        user=caller.bot_user,
        team=caller.id,
        text=text,
        blocks=blocks,
        metadata=_metadata(given.get("metadata")),
        bot_id=caller.bot_id,
        thread=given.get("thread_ts"),
        mrkdwn=given.get("mrkdwn", True),
    )
    room.messages.append(posted)
    return {"channel": room.id, "ts": posted.ts, "message": as_json(state, posted)}


def update(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "channel ts text blocks metadata mrkdwn parse link_names")
    room = _room(state, caller, given.get("channel"))
    found = next((message for message in room.messages if message.ts == given.get("ts")), None)
    if found is None:
        raise ApiError("message_not_found")
    if found.bot_id != caller.bot_id:
        raise ApiError("cant_update_message")
    found.text, found.blocks = _content(given)
    found.edited, found.mrkdwn = state.ts(), given.get("mrkdwn", True)
    return {"channel": room.id, "ts": found.ts, "text": found.text}


def post_ephemeral(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "channel user text blocks thread_ts mrkdwn parse")
    room = _writable(state, caller, _room(state, caller, given.get("channel")))
    if given.get("user") not in room.members:
        raise ApiError("user_not_in_channel")
    text, blocks = _content(given)
    shown = Posted(state.ts(), room.id, caller.bot_user, caller.id, text, blocks, to=given["user"])
    shown.bot_id, shown.mrkdwn = caller.bot_id, given.get("mrkdwn", True)
    room.ephemerals.append(shown)
    return {"message_ts": shown.ts}


def members(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "channel cursor limit")
    room = _room(state, caller, given.get("channel"))
    limit, start = _page(given, 1000)
    rest = {"next_cursor": str(start + limit) if start + limit < len(room.members) else ""}
    return {"members": room.members[start : start + limit], "response_metadata": rest}


def history(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "channel cursor limit oldest latest inclusive include_all_metadata")
    room = _room(state, caller, given.get("channel"))
    if caller.bot_user not in room.members:
        raise ApiError("not_in_channel")
    oldest, latest = float(given.get("oldest") or 0), float(given.get("latest") or 1e12)
    found = [
        message
        for message in reversed(room.messages)
        if oldest < float(message.ts) < latest and not message.thread
    ]
    limit, start = _page(given, 999)
    shown = [as_json(state, message) for message in found[start : start + limit]]
    if given.get("include_all_metadata") not in ("1", "true"):
        for message in shown:
            message.pop("metadata", None)
    more = start + limit < len(found)
    return {
        "messages": shown,
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }


def info(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "channel include_num_members include_locale")
    return {"channel": room_json(state, _room(state, caller, given.get("channel")), caller)}


def room_json(state: State, room: Room, caller: Workspace) -> Json:
    teams = sorted(state.teams(room))
    external = [team for team in teams if team != caller.id]
    return {
        "id": room.id,
        "name": room.name,
        "is_im": room.is_im,
        "is_private": room.is_private,
        "is_archived": room.is_archived,
        "is_member": caller.bot_user in room.members,
        "is_shared": bool(external),
        "is_ext_shared": bool(external),
        "is_org_shared": False,
        "conversation_host_id": room.host,
        "context_team_id": caller.id,
        "shared_team_ids": teams,
        "connected_team_ids": external,
        "internal_team_ids": [],
        "pending_shared": [],
    }


def validate_blocks(_state: State, _caller: Workspace, given: Json) -> Json:
    """https://docs.slack.dev/reference/methods/blocks.validate: exactly one of what can be shown."""
    only(given, "blocks view message")
    if len(given) != 1:
        raise ApiError("invalid_arguments")
    found = problems(given["blocks"], "message") if "blocks" in given else view_problems(given.get("view"))
    if found:
        raise ApiError("invalid_blocks", errors=found)
    return {}


def open_im(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "users return_im")
    user = state.users.get(str(given.get("users")))
    if user is None or not state.may_write(caller, user):
        raise ApiError("user_not_found")
    return {"channel": {"id": state.im(caller, user.id).id}}


def user_info(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "user include_locale")
    user = state.users.get(str(given.get("user")))
    if user is None:
        raise ApiError("user_not_found")
    if not state.meets(caller, user):
        raise ApiError("user_not_visible")
    return {"user": _user_json(caller, user)}


def _user_json(caller: Workspace, user: User) -> Json:
    shown: Json = {
        "id": user.id,
        "team_id": user.team,
        "name": user.id.lower(),
        "deleted": user.deleted,
        "is_bot": user.is_bot,
        "is_restricted": user.is_guest,
        "is_ultra_restricted": False,
        "tz": user.tz,
        "profile": {"team": user.team},
    }
    if user.is_bot:
        shown["profile"]["api_app_id"] = user.app
    if not caller.employs(user):
        shown["is_stranger"] = False
    if user.enterprise:
        shown["enterprise_user"] = {"id": user.id, "enterprise_id": user.enterprise, "teams": [user.team]}
    return shown


def team_info(state: State, caller: Workspace, given: Json) -> Json:
    only(given, "team")
    team = state.workspaces.get(str(given.get("team") or caller.id))
    if team is None:
        raise ApiError("team_not_found")
    return {"team": {"id": team.id, "name": team.name}}


def auth_test(state: State, caller: Workspace, given: Json) -> Json:
    return {
        "team": caller.name,
        "team_id": caller.id,
        "user_id": caller.bot_user,
        "bot_id": caller.bot_id,
        "enterprise_id": caller.enterprise,
        "url": "https://example.slack.com/",
    }


def auth_revoke(state: State, caller: Workspace, given: Json) -> Json:
    uninstall(state, caller.id)
    return {"revoked": True}


def as_json(state: State, posted: Posted) -> Json:
    """A message as Slack tells it."""
    shown: Json = {
        "type": "message",
        "user": posted.user,
        "team": posted.team,
        "ts": posted.ts,
        "text": posted.text,
    }
    if posted.blocks:
        shown["blocks"] = posted.blocks
    if posted.bot_id:
        profile = {"id": posted.bot_id, "app_id": state.app_id, "team_id": posted.team}
        shown |= {"bot_id": posted.bot_id, "app_id": state.app_id, "bot_profile": profile}
    if posted.metadata:
        shown["metadata"] = posted.metadata
    if posted.thread:
        shown["thread_ts"] = posted.thread
    if posted.edited:
        shown["edited"] = {"user": posted.user, "ts": posted.edited}
    return shown


def _target(state: State, caller: Workspace, id: object) -> Room:
    """A user id instead of a channel opens the direct message."""
    user = state.users.get(str(id))
    if user is None:
        return _room(state, caller, id)
    if user.is_bot or user.deleted or not state.may_write(caller, user):
        raise ApiError("channel_not_found")
    return state.im(caller, user.id)


def _room(state: State, caller: Workspace, id: object) -> Room:
    room = state.rooms.get(str(id))
    if room is None or (room.is_private and caller.bot_user not in room.members):
        raise ApiError("channel_not_found")
    if caller.id not in state.teams(room):
        raise ApiError("channel_not_found")
    return room


def _writable(state: State, caller: Workspace, room: Room) -> Room:
    if caller.bot_user not in room.members:
        raise ApiError("not_in_channel")
    if room.is_archived:
        raise ApiError("is_archived")
    return room


def _content(given: Json) -> tuple[str, list[Json]]:
    text, blocks = given.get("text", ""), given.get("blocks") or []
    if not isinstance(text, str) or not text.strip():
        raise ApiError("no_text")
    if len(text) > 40_000:
        raise ApiError("msg_too_long")
    found = problems(blocks, "message")
    if found:
        raise ApiError("invalid_blocks", errors=found)
    return text, blocks


def _metadata(given: object) -> Json | None:
    match given:
        case None:
            return None
        case {"event_type": str(), "event_payload": dict(), **rest} if not rest:
            return dict(given)
    raise ApiError("invalid_metadata_format")


def _page(given: Json, most: int) -> tuple[int, int]:
    limit = int(given.get("limit") or 100)
    if not 1 <= limit <= most:
        raise ApiError("invalid_limit")
    return limit, int(given.get("cursor") or 0)


Method = Callable[[State, Workspace, Json], Json]

METHODS: dict[str, tuple[Method, str, int, bool]] = {
    "auth.test": (auth_test, "", 600, False),
    "auth.revoke": (auth_revoke, "", 50, True),
    "chat.postMessage": (post_message, "chat:write", 300, False),
    "chat.update": (update, "chat:write", 50, False),
    "chat.postEphemeral": (post_ephemeral, "chat:write", 100, False),
    "blocks.validate": (validate_blocks, "", 50, False),
    "conversations.members": (members, "channels:read", 100, True),
    "conversations.history": (history, "channels:history", 50, True),
    "conversations.info": (info, "channels:read", 50, True),
    "conversations.open": (open_im, "im:write", 50, False),
    "users.info": (user_info, "users:read", 100, True),
    "team.info": (team_info, "team:read", 50, True),
    "views.open": (open_view, "", 100, False),
    "views.update": (update_view, "", 100, False),
    "views.publish": (publish_view, "", 100, False),
}
"""Method, the scope it needs, calls a minute in its tier, and whether it takes no JSON."""
