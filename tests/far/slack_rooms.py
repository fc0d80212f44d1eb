"""Change channels and installations, and report it to the bot as Slack does.

Shapes: https://docs.slack.dev/reference/events
"""

from typing import Any

from tests.far.slack_hand import Hand
from tests.far.slack_line import Answer
from tests.far.slack_state import Room, Workspace, uninstall

Json = dict[str, Any]


async def renamed(hand: Hand, name: str, channel: str = "C0JOINT") -> Answer:
    room = hand.state.rooms[channel]
    room.name = name
    told = {"id": room.id, "name": name, "name_normalized": name, "created": 1700000000}
    return await _news(hand, room, {"type": _kind(room, "rename"), "channel": told})


async def archived(hand: Hand, by: str, channel: str = "C0JOINT", again: bool = False) -> Answer:
    """Archived by somebody, or (`again`) open again."""
    room = hand.state.rooms[channel]
    room.is_archived = not again
    kind = _kind(room, "unarchive" if again else "archive")
    return await _news(hand, room, {"type": kind, "channel": room.id, "user": by})


async def deleted(hand: Hand, channel: str = "C0JOINT") -> Answer:
    """Deleted for good: nobody sees or finds it any more."""
    room = hand.state.rooms[channel]
    answer = await _news(
        hand, room, {"type": _kind(room, "deleted"), "channel": room.id, "actor_id": "U0ANNA"}
    )
    del hand.state.rooms[channel]
    return answer


async def shared(hand: Hand, company: str, channel: str = "C0JOINT", ended: bool = False) -> Answer:
    """A company comes into the channel, or (`ended`) goes: then its people are gone, too."""
    room = hand.state.rooms[channel]
    if ended:
        room.members = [id for id in room.members if hand.state.users[id].team != company]
        inner = {"type": "channel_unshared", "previously_connected_team_id": company, "is_ext_shared": False}
    else:
        inner = {"type": "channel_shared", "connected_team_id": company}
    return await _news(hand, room, inner | {"channel": room.id})


async def moved(hand: Hand, to: str, channel: str = "C0JOINT", told: Workspace | None = None) -> Answer:
    """The channel has another id from now on; the old one is not known any more."""
    room = hand.state.rooms.pop(channel)
    room.id, room.is_private = to, False
    hand.state.rooms[to] = room
    for posted in (*room.messages, *room.ephemerals):
        posted.channel = to
    inner = {"type": "channel_id_changed", "old_channel_id": channel, "new_channel_id": to}
    return await _news(hand, room, inner, told)


async def removed(hand: Hand, ours: Workspace, channel: str = "C0JOINT") -> Answer:
    """Our bot is taken out of the channel; its own installation hears of it."""
    room = hand.state.rooms[channel]
    room.members.remove(ours.bot_user)
    inner = {"type": "member_left_channel", "user": ours.bot_user, "channel": room.id, "team": ours.id}
    return await _news(hand, room, inner | {"channel_type": "C"}, ours)


async def invited(hand: Hand, ours: Workspace, channel: str = "C0JOINT") -> Answer:
    room = hand.state.rooms[channel]
    room.members.append(ours.bot_user)
    inner = {"type": "member_joined_channel", "user": ours.bot_user, "channel": room.id, "team": ours.id}
    return await _news(hand, room, inner | {"channel_type": "C"}, ours)


async def uninstalled(
    hand: Hand, team: str, order: tuple[str, ...] = ("tokens_revoked", "app_uninstalled")
) -> None:
    """Slack sends both, in either order; neither names an authorization."""
    ours = hand.state.workspaces[team]
    bot = ours.bot_user
    uninstall(hand.state, team)
    for kind in order:
        tokens = {"tokens": {"oauth": [], "bot": [bot]}} if kind == "tokens_revoked" else {}
        await hand.deliver(
            {
                "token": "verification",
                **({"team_id": None, "enterprise_id": team} if ours.is_organisation else {"team_id": team}),
                "api_app_id": hand.state.app_id,
                "event": {"type": kind, **tokens},
                "type": "event_callback",
                "event_id": f"Ev{next(hand.state.serial):09d}",
                "event_time": int(hand.state.clock()),
            }
        )


def _kind(room: Room, what: str) -> str:
    return f"{'group' if room.is_private else 'channel'}_{what}"


async def _news(hand: Hand, room: Room, inner: Json, told: Workspace | None = None) -> Answer:
    ours = told or hand.state.bots(room)[-1]
    someone = next(user for user in hand.state.users.values() if ours.employs(user))
    inner = {**inner, "event_ts": hand.state.ts()}
    sent = hand.envelope(inner, room, someone, ours)
    if "channel" not in inner:
        del sent["event"]["channel"]
    return await hand.deliver(sent)
