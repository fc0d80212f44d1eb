"""Hold the state of a small Slack: workspaces, people, channels, messages, views and issued addresses."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adapters.slack.manifest import build_slack_manifest

Json = dict[str, Any]

SCOPES = frozenset(
    {
        *("app_mentions:read", "channels:history", "channels:read", "chat:write", "commands"),
        *("groups:history", "groups:read", "im:history", "im:write", "users:read"),
    }
)


@dataclass(slots=True)
class Workspace:
    """One company's Slack; `token` is empty where our app is not installed.

    With an id that begins with E it is the installation of a whole Enterprise organisation, one for its workspaces.
    """

    id: str
    name: str
    enterprise: str | None = None
    token: str = ""
    bot_user: str = ""
    bot_id: str = ""
    scopes: frozenset[str] = SCOPES
    refresh: str = ""
    """The refresh token that brings the next token, where tokens rotate."""
    ends_at: float | None = None
    """When `token` ends, seconds since 1970."""
    older: dict[str, float | None] = field(default_factory=dict)
    """Tokens before this one, and when they end: a next token does not end the one before."""

    @property
    def is_organisation(self) -> bool:
        return self.id.startswith("E")

    def employs(self, user: "User") -> bool:
        return self.id in (user.team, user.enterprise)


@dataclass(slots=True)
class User:
    id: str
    team: str
    enterprise: str | None = None
    is_bot: bool = False
    deleted: bool = False
    is_guest: bool = False
    app: str = ""
    """Id of the app, of a bot."""
    tz: str = "Europe/Berlin"


@dataclass(slots=True)
class Posted:
    """A message; `to` is the one person who sees it, for an ephemeral one."""

    ts: str
    channel: str
    user: str
    team: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    bot_id: str | None = None
    thread: str | None = None
    to: str | None = None
    edited: str | None = None
    mrkdwn: bool = True
    """Slack reads `text` as markup, which is what it does unless it is told not to."""


@dataclass(slots=True)
class Room:
    """A channel or direct message. More than one team: shared by Slack Connect."""

    id: str
    name: str
    host: str
    members: list[str]
    is_im: bool = False
    is_private: bool = False
    is_archived: bool = False
    messages: list[Posted] = field(default_factory=list)
    ephemerals: list[Posted] = field(default_factory=list)


@dataclass(slots=True)
class View:
    id: str
    user: str
    team: str
    content: Json


@dataclass(slots=True)
class Trigger:
    user: str
    made_at: float
    is_used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Five uses within thirty minutes: https://docs.slack.dev/interactivity/handling-user-interaction"""

    channel: str
    user: str
    team: str
    made_at: float
    uses: int = 0
    replaces: str | None = None


@dataclass(slots=True)
class State:
    """`clock` gives seconds since 1970: set it to the bot's, or its signatures are of another time."""

    clock: Callable[[], float]
    app_id: str = "A0PULSE"
    manifest: Json = field(default_factory=build_slack_manifest)
    """What the app was created from."""
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    homes: dict[str, Json] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    forbids_outsiders: set[str] = field(default_factory=set)
    """Companies whose administrators let nobody of another company write to their people directly."""
    views_name_workspaces: bool = False
    """Views of an installation of a whole organisation name one of its workspaces (T…) and not it (E…); both occur:
    https://github.com/slackapi/bolt-python/blob/main/tests/slack_bolt/request/test_request.py"""

    clicks_name_workspaces: bool = False
    """A click by a member of an Enterprise organisation names their workspace (T…), not it (E…): both occur."""

    def ts(self) -> str:
        """A time stamp that no other message has."""
        return f"{int(self.clock())}.{next(self.serial) % 1_000_000:06d}"

    def find_installed(self, token: str) -> Workspace | None:
        """The workspace whose token this is, ended or not; None once the app is uninstalled."""
        known = (workspace for workspace in self.workspaces.values() if workspace.token)
        return next(
            (workspace for workspace in known if token == workspace.token or token in workspace.older), None
        )

    def has_ended(self, workspace: Workspace, token: str) -> bool:
        ends_at = workspace.ends_at if token == workspace.token else workspace.older[token]
        return ends_at is not None and ends_at <= self.clock()

    def name_in_view(self, ours: Workspace, first: bool = False) -> str:
        """`app_installed_team_id` of a view; with `first` the workspace of the organisation that installed first.

        https://github.com/slackapi/bolt-python/issues/1229
        """
        siblings = [
            other for other in self.workspaces.values()
            if other.enterprise and other.enterprise == ours.enterprise and not other.is_organisation
        ]  # fmt: skip
        if ours.is_organisation:
            return siblings[0].id if self.views_name_workspaces else ours.id
        return next((other.id for other in siblings if first and other.token), ours.id)

    def bots(self, room: Room) -> list[Workspace]:
        """Our copies in a channel, the most recently added last."""
        ours = {workspace.bot_user: workspace for workspace in self.workspaces.values() if workspace.token}
        return [ours[user] for user in room.members if user in ours]

    def teams(self, room: Room) -> set[str]:
        return {self.users[user].team for user in room.members} | {room.host}

    def is_external(self, room: Room) -> bool:
        return len(self.teams(room)) > 1

    def meets(self, workspace: Workspace, user: User) -> bool:
        """May the bot know and write to that person: same workspace, or a channel in common."""
        return workspace.employs(user) or any(
            user.id in room.members and workspace.bot_user in room.members for room in self.rooms.values()
        )

    def may_write(self, workspace: Workspace, user: User) -> bool:
        """May the bot of that workspace write to the person directly."""
        return self.meets(workspace, user) and (
            workspace.employs(user) or self.forbids_outsiders.isdisjoint({user.team, user.enterprise or ""})
        )

    def im(self, workspace: Workspace, user: str) -> Room:
        """The direct message of the bot with a person, opened if need be."""
        id = f"D{workspace.bot_user[1:]}{user[1:]}"
        if id not in self.rooms:
            members = [workspace.bot_user, user]
            self.rooms[id] = Room(id, "directmessage", workspace.id, members, is_im=True, is_private=True)
        return self.rooms[id]


def two_companies(
    clock: Callable[[], float],
    people: int = 9,
    installed: tuple[str, ...] = ("T0NORTHWIND",),
    enterprise: tuple[str, ...] = (),
) -> State:
    """Northwind and Meridian with a shared channel C0JOINT, another bot in it, and leads U0ANNA and U0BEN.

    `installed`: which of them installed our app, in that order; `enterprise`: which are Enterprise organisations, each
    of which may have installed it as a whole instead (`E0MERIDIAN`).
    """
    state = State(clock)
    joint = Room("C0JOINT", "joint-nw-101", "T0NORTHWIND", [])
    state.rooms[joint.id] = joint
    for team, name, lead in (
        ("T0NORTHWIND", "Northwind", "U0ANNA"),
        ("T0MERIDIAN", "Meridian", "U0BEN"),
    ):
        org = "E" + team[1:] if team in enterprise else None
        state.workspaces[team] = Workspace(team, name, org)
        if org:
            state.workspaces[org] = Workspace(org, f"{name} Group", org)
        ids = [lead, *(f"U0{name[:4].upper()}{number:03d}" for number in range(1, people))]
        for id in ids:
            state.users[id] = User(id, team, org)
        joint.members += ids
    state.users["U0OTHERBOT"] = User("U0OTHERBOT", "T0NORTHWIND", is_bot=True)
    joint.members.append("U0OTHERBOT")
    for team in installed:
        install(state, team)
        joint.members.append(state.workspaces[team].bot_user)
    return state


def uninstall(state: State, team: str) -> None:
    """Our app is removed: its tokens are dead, and its bot is in no channel any more."""
    workspace = state.workspaces[team]
    workspace.token, workspace.refresh, workspace.older = "", "", {}
    for room in state.rooms.values():
        room.members = [id for id in room.members if id != workspace.bot_user]


def install(state: State, team: str) -> Workspace:
    """Install our app in a workspace."""
    workspace = state.workspaces[team]
    workspace.token, workspace.bot_user, workspace.bot_id = (
        f"xoxb-{team}",
        f"U0PULSE{team[2:]}",
        f"B0{team[2:]}",
    )
    state.users[workspace.bot_user] = User(
        workspace.bot_user, team, workspace.enterprise, is_bot=True, app=state.app_id
    )
    return workspace
