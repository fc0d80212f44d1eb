"""Turn Teams' activities into events: pure, and strict about the fields that it reads.

People have no company yet, because no activity names it; `roster` adds it.
"""

import re
from html import unescape

from botbuilder.schema import ActivityTypes

from adapters.shared.text import join_command
from adapters.teams.activity import ReceivedActivity
from adapters.teams.identity import NAME, Json, MalformedActivity, member_id, thread_root, without_thread
from bot.model.alliance import Channel, Member
from bot.model.cards import AnswerWith, RunCommand, SendComment, SendWords, decode_action
from bot.model.events import (
    LONGEST_MESSAGE,
    Answered,
    Change,
    Changed,
    Commanded,
    Commented,
    Deleted,
    Edited,
    Event,
    Joined,
    Left,
    Said,
)

EXECUTE = "adaptiveCard/action"
_ENDS = frozenset({"channelDeleted", "teamDeleted", "teamHardDeleted"})
_CHANGES: dict[str, Change] = {
    "channelRenamed": "renamed",
    "channelRestored": "reopened",
    "teamArchived": "archived",
    "teamUnarchived": "reopened",
    "teamRestored": "reopened",
}
"""https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events"""
_TAG = re.compile(r"<at\b[^<>]*>[^<>]*</at>|</?[a-z][^<>]*>", re.IGNORECASE)


def to_events(activity: ReceivedActivity) -> tuple[Event, ...]:
    """Return the events of an activity in order; empty if the bot ignores it. Raises MalformedActivity."""
    match activity.type:
        case ActivityTypes.message:
            return _to_message_events(activity)
        case ActivityTypes.invoke:
            return (_to_action(activity, _read_button_data(activity)),)
        case ActivityTypes.message_update if _is_said(activity) and not _list_mentions(activity):
            return (_to_message(Edited, activity),)
        case ActivityTypes.message_delete if not activity.is_personal and activity.id:
            return (Deleted(at=activity.at, channel=locate_channel(activity), message=activity.id),)
        case ActivityTypes.installation_update if activity.is_personal:
            return _to_greeting(activity)
        case ActivityTypes.installation_update:
            return _to_installation_events(activity)
        case ActivityTypes.conversation_update if not activity.is_personal:
            return _to_roster_events(activity)
    return ()


def identify_author(activity: ReceivedActivity) -> Member:
    """Return the person who acted. Raises MalformedActivity where Entra does not know them."""
    if not activity.object_id:
        raise MalformedActivity("the activity has no author in Entra")
    return Member(NAME, member_id(activity.tenant, activity.object_id), workspace=activity.tenant)


def locate_channel(activity: ReceivedActivity) -> Channel:
    """Return the channel or group chat, as an operator declares it."""
    return Channel(NAME, activity.tenant, without_thread(activity.conversation))


def _to_message_events(activity: ReceivedActivity) -> tuple[Event, ...]:
    if _is_automatic(activity):
        return ()
    if isinstance(activity.model.value, dict) and "pulse" in activity.model.value:
        return (_to_action(activity, activity.model.value),)
    if not activity.id:
        raise MalformedActivity("the message has no id")
    if activity.is_personal or activity.is_targeted or _list_mentions(activity):
        place = None if activity.is_personal else locate_channel(activity)
        key = f"{activity.conversation} {activity.id}"
        return (
            Commanded(
                by=identify_author(activity),
                at=activity.at,
                channel=place,
                text=_read_command(activity),
                delivery=key,
            ),
        )
    return (_to_message(Said, activity),) if _is_said(activity) else ()


def _to_message(kind: type[Said] | type[Edited], activity: ReceivedActivity) -> Said | Edited:
    return kind(
        by=identify_author(activity),
        at=activity.at,
        channel=locate_channel(activity),
        message=activity.id,
        thread=_find_thread(activity),
        text=_clean_text(activity),
    )


def _read_button_data(activity: ReceivedActivity) -> Json:
    """Return the button's data from an `adaptiveCard/action`, with the card's inputs. Raises MalformedActivity."""
    if activity.model.name != EXECUTE:
        raise MalformedActivity("this kind of invoke is not supported")
    match activity.model.value:
        case {"action": {"data": dict(data)}}:
            return data
    raise MalformedActivity("the button has no data")


def _to_action(activity: ReceivedActivity, data: Json) -> Event:
    by = identify_author(activity)
    try:
        action = decode_action(str(data.get("pulse", "")))
    except ValueError:
        raise MalformedActivity("the button is not one of this bot's") from None
    match action:
        case AnswerWith(round_id, item, value):
            in_place = activity.type == ActivityTypes.invoke
            return Answered(by=by, at=activity.at, round=round_id, item=item, value=value, in_place=in_place)
        case RunCommand(text):
            place = None if activity.is_personal else locate_channel(activity)
            return Commanded(by=by, at=activity.at, channel=place, text=text)
        case SendWords():
            place = None if activity.is_personal else locate_channel(activity)
            typed = data.get("text")
            text = join_command(action, typed if isinstance(typed, str) else "")
            return Commanded(by=by, at=activity.at, channel=place, text=text)
        case SendComment(round_id, reviewed):
            words = data.get("text")
            text = words if isinstance(words, str) else ""
            return Commented(
                by=by,
                at=activity.at,
                round=round_id,
                text=text,
                share=data.get("share") == "true",
                reviewed=reviewed,
            )


def _to_greeting(activity: ReceivedActivity) -> tuple[Event, ...]:
    """Return the command that greets a person who added the personal app."""
    if activity.model.action != "add" or not activity.object_id:
        return ()
    key = f"{activity.conversation} {activity.id}" if activity.id else ""
    by = identify_author(activity)
    return (Commanded(by=by, at=activity.at, channel=None, text="welcome", delivery=key),)


def _to_installation_events(activity: ReceivedActivity) -> tuple[Event, ...]:
    match activity.model.action:
        case "add" | "add-upgrade":
            return (Joined(at=activity.at, channel=locate_channel(activity), who=None),)
        case "remove" | "remove-upgrade":
            return (Left(at=activity.at, channel=locate_channel(activity), who=None),)
    return ()


def _to_roster_events(activity: ReceivedActivity) -> tuple[Event, ...]:
    match activity.data:
        case {"channel": {"id": str(channel_id)}} if concerns_one_channel(activity) and channel_id:
            return _to_member_events(Channel(NAME, activity.tenant, channel_id), activity)
        case {"eventType": str(kind), "channel": {"id": str(channel_id)}} if channel_id and kind.startswith(
            "channel"
        ):
            return _to_change_events(kind, Channel(NAME, activity.tenant, channel_id), activity)
        case {"eventType": str(kind)} if kind in _CHANGES or kind in _ENDS:
            return _to_change_events(kind, locate_channel(activity), activity)
    return _to_member_events(locate_channel(activity), activity)


def concerns_one_channel(activity: ReceivedActivity) -> bool:
    """Return True for news of the members of one shared or private channel, the bot itself among them.

    https://learn.microsoft.com/en-us/microsoftteams/platform/build-apps-for-shared-private-channels
    """
    return activity.data.get("eventType") in ("channelMemberAdded", "channelMemberRemoved")


def _to_member_events(channel: Channel, activity: ReceivedActivity) -> tuple[Event, ...]:
    came, went = activity.model.members_added or (), activity.model.members_removed or ()
    joined = (
        Joined(at=activity.at, channel=channel, who=who)
        for known, who in _list_people(activity, came)
        if known
    )
    # That the bot was removed from a team, `installationUpdate` reports too, at another time: one report is enough.
    left = (
        Left(at=activity.at, channel=channel, who=who)
        for known, who in _list_people(activity, went)
        if who or (known and concerns_one_channel(activity))
    )
    return (*joined, *left)


def _to_change_events(kind: str, channel: Channel, activity: ReceivedActivity) -> tuple[Event, ...]:
    """Return the event of a change to a channel or team; its name is never stored, so a new team name is ignored."""
    if kind in _ENDS:
        return (Left(at=activity.at, channel=channel, who=None),)
    if kind in _CHANGES:
        return (Changed(at=activity.at, channel=channel, change=_CHANGES[kind]),)
    match kind, activity.data:
        case "channelShared", {"sharedWithTeams": list(teams)}:
            return tuple(
                _to_company_change("shared", tenant, channel, activity)
                for tenant in _list_other_tenants(teams, activity)
            )
        case "channelUnshared", {"unsharedFromTeams": list(teams)}:
            return tuple(
                _to_company_change("unshared", tenant, channel, activity)
                for tenant in _list_other_tenants(teams, activity)
            )
    return ()


def _to_company_change(change: Change, tenant: str, channel: Channel, activity: ReceivedActivity) -> Changed:
    return Changed(at=activity.at, channel=channel, change=change, company=tenant)


def _list_other_tenants(teams: list[object], activity: ReceivedActivity) -> list[str]:
    """Return the tenants of those teams except the channel's host; `""` stands for a tenant that Teams leaves out."""
    tenant_ids = [team.get("tenantId") for team in teams if isinstance(team, dict)]
    tenants = {tenant.lower() if isinstance(tenant, str) else "" for tenant in tenant_ids}
    return sorted(tenants - {activity.tenant})


def _list_people(activity: ReceivedActivity, accounts: object) -> list[tuple[bool, Member | None]]:
    """Return (True, member) for each account that can be named; the bot itself is (True, None)."""
    found: list[tuple[bool, Member | None]] = []
    for account in accounts if isinstance(accounts, list) else []:
        teams_id, object_id = getattr(account, "id", None), getattr(account, "aad_object_id", None)
        if teams_id == activity.bot and teams_id:
            found.append((True, None))
        elif isinstance(object_id, str) and object_id:
            found.append(
                (True, Member(NAME, member_id(activity.tenant, object_id), workspace=activity.tenant))
            )
    return found


def _is_automatic(activity: ReceivedActivity) -> bool:
    """Return True for a message of a program: this bot, another bot or a connector."""
    return (
        activity.author in ("", activity.bot) or activity.author.startswith("28:") or not activity.object_id
    )


def _is_said(activity: ReceivedActivity) -> bool:
    is_text = isinstance(activity.model.text, str) and activity.model.text.strip() != ""
    return is_text and not activity.is_personal and not _is_automatic(activity) and bool(activity.id)


def _find_thread(activity: ReceivedActivity) -> str | None:
    root = thread_root(activity.conversation)
    return root if root != activity.id else None


def _list_mentions(activity: ReceivedActivity) -> list[str]:
    """Return the text of each mention of the bot."""
    found = []
    for entity in activity.model.entities or ():
        match getattr(entity, "type", None), getattr(entity, "additional_properties", None):
            case "mention", {"mentioned": {"id": str(mentioned)}, **rest} if mentioned == activity.bot:
                text = rest.get("text")
                found.append(text if isinstance(text, str) else "")
    return found


def _clean_text(activity: ReceivedActivity) -> str:
    """Return the typed text without mentions and tags. Teams sends `text` with HTML entities."""
    return unescape(_TAG.sub(" ", (activity.model.text or "")[:LONGEST_MESSAGE])).replace("\xa0", " ").strip()


def _read_command(activity: ReceivedActivity) -> str:
    text = activity.model.text[:LONGEST_MESSAGE] if isinstance(activity.model.text, str) else ""
    for mention in filter(None, _list_mentions(activity)):
        text = text.replace(mention, " ")
    words = unescape(_TAG.sub(" ", text)).split()
    return " ".join(words).removeprefix("/")
