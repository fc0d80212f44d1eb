"""Build the payloads in which Slack reports people's actions.

From Slack's pages and the Slack Connect events recorded in bolt-python's tests.
"""

from typing import Any

from tests.far.blockkit import elements
from tests.far.slack_state import Room, State, User, Workspace

Json = dict[str, Any]


def envelope(state: State, inner: Json, room: Room, who: User, ours: Workspace) -> Json:
    """Outer `team_id` is the author's; `authorizations` names the one installation that is told."""
    home = state.workspaces[who.team]
    authorization = {
        "enterprise_id": ours.enterprise,
        "team_id": None if ours.is_organisation else ours.id,
        "user_id": ours.bot_user,
        "is_bot": True,
        "is_enterprise_install": ours.is_organisation,
    }
    return {
        "token": "verification",
        "team_id": home.id,
        "enterprise_id": home.enterprise,
        "context_team_id": ours.id,
        "context_enterprise_id": ours.enterprise,
        "api_app_id": state.app_id,
        "event": {"channel": room.id, **inner},
        "type": "event_callback",
        "event_id": f"Ev{next(state.serial):09d}",
        "event_time": int(state.clock()),
        "authorizations": [authorization],
        "is_ext_shared_channel": state.is_external(room),
        "event_context": "4-ec",
    }


def interaction(state: State, user: str, workspace: Workspace, kind: str, trigger: str) -> Json:
    """A click by a member of an Enterprise organisation names that as their team, or one of its workspaces.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload; that an organisation's installation has
    no team: https://github.com/slackapi/bolt-python/pull/23
    """
    who, whole = state.users[user], workspace.is_organisation
    names_organisation = kind == "block_actions" and not state.clicks_name_workspaces
    team = (who.enterprise if names_organisation else None) or who.team
    org = {"id": workspace.enterprise, "name": workspace.name} if workspace.enterprise else None
    return {
        "type": kind,
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": team},
        "api_app_id": state.app_id,
        "token": "verification",
        "trigger_id": trigger,
        "team": None if whole else {"id": workspace.id, "domain": workspace.name.lower()},
        "enterprise": org,
        "is_enterprise_install": whole,
    }


def command_form(state: State, text: str, who: User, ours: Workspace, room: Room) -> dict[str, str]:
    """A slash command, as https://docs.slack.dev/interactivity/implementing-slash-commands"""
    home = state.workspaces[who.team]
    form = {
        "command": "/pulse",
        "text": text,
        "user_id": who.id,
        "user_name": who.id.lower(),
        "team_id": home.id,
        "team_domain": home.name.lower(),
        "channel_id": room.id,
        "channel_name": room.name,
        "api_app_id": state.app_id,
        "is_enterprise_install": str(ours.is_organisation).lower(),
    }
    if home.enterprise:
        form |= {"enterprise_id": home.enterprise, "enterprise_name": home.name}
    return form


def button(blocks: list[Json], label: str, nth: int = 0) -> Json:
    """The nth button that bears this label (or begins with it), as a click names it."""
    found = [
        {**element, "block_id": block.get("block_id", f"x{place}")}
        for place, block in enumerate(blocks)
        for element in elements(block)
        if element["text"]["text"].removeprefix("✓ ").startswith(label)
    ]
    return found[nth]


def escape_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def labels(blocks: list[Json]) -> list[str]:
    return [element["text"]["text"] for block in blocks for element in elements(block)]


def kind_of(room: Room) -> Json:
    return {
        "channel_type": "im" if room.is_im else "group" if room.is_private else "channel",
        "channel": room.id,
    }


def mention_of(inner: Json, who: User, ours: Workspace) -> Json:
    """For a person of another company `user_team` is theirs (E… on Enterprise) and `team` the other one."""
    told = {key: value for key, value in inner.items() if key not in ("channel_type",)}
    if who.team == ours.id:
        return told
    org = who.enterprise or who.team
    return told | {"team": ours.id, "user_team": org, "source_team": org, "user_profile": {"team": who.team}}


def change(subtype: str, ts: str, room: Room) -> Json:
    return {"type": "message", "subtype": subtype, "ts": ts, "event_ts": ts, **kind_of(room)}


def form_value(value: object) -> Json:
    if isinstance(value, bool):
        return {"type": "checkboxes", "selected_options": [{"value": "yes"}] if value else []}
    return {"type": "plain_text_input", "value": value}
