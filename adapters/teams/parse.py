"""Teams' activities as events: pure, and strict about what is read.

People come out with their ids and without their company, which no activity tells: `people` adds it from the roster.
"""

import re
from html import unescape

from botbuilder.schema import ActivityTypes

from adapters.teams.activity import Sent
from adapters.teams.identity import NAME, Json, Malformed, member_id, thread_root, without_thread
from bot.model.alliance import Channel, Member
from bot.model.cards import AnswerWith, RunCommand, SendComment, decode
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


def events(sent: Sent) -> tuple[Event, ...]:
    """What happened, in order; nothing for what is of no interest. Raises Malformed."""
    match sent.type:
        case ActivityTypes.message:
            return _message(sent)
        case ActivityTypes.invoke:
            return (_acted(sent, _pressed(sent)),)
        case ActivityTypes.message_update if _is_said(sent) and not _mentions(sent):
            return (_written(Edited, sent),)
        case ActivityTypes.message_delete if not sent.is_personal and sent.id:
            return (Deleted(at=sent.at, channel=where(sent), message=sent.id),)
        case ActivityTypes.installation_update if not sent.is_personal:
            return _installed(sent)
        case ActivityTypes.conversation_update if not sent.is_personal:
            return _roster(sent)
    return ()


def author(sent: Sent) -> Member:
    """Who acted. Raises Malformed where it was nobody of Entra."""
    if not sent.object_id:
        raise Malformed("nobody acted")
    return Member(NAME, member_id(sent.tenant, sent.object_id), workspace=sent.tenant)


def where(sent: Sent) -> Channel:
    """The channel or group chat, as an operator declares it."""
    return Channel(NAME, sent.tenant, without_thread(sent.conversation))


def _message(sent: Sent) -> tuple[Event, ...]:
    if _is_automatic(sent):
        return ()
    if isinstance(sent.activity.value, dict) and "pulse" in sent.activity.value:
        return (_acted(sent, sent.activity.value),)
    if not sent.id:
        raise Malformed("a message without id")
    if sent.is_personal or sent.is_targeted or _mentions(sent):
        place = None if sent.is_personal else where(sent)
        key = f"{sent.conversation} {sent.id}"
        return (Commanded(by=author(sent), at=sent.at, channel=place, text=_words(sent), delivery=key),)
    return (_written(Said, sent),) if _is_said(sent) else ()


def _written(kind: type[Said] | type[Edited], sent: Sent) -> Said | Edited:
    return kind(
        by=author(sent),
        at=sent.at,
        channel=where(sent),
        message=sent.id,
        thread=_thread(sent),
        text=_text(sent),
    )


def _pressed(sent: Sent) -> Json:
    """The data of the button in an `adaptiveCard/action`, the card's inputs among it."""
    if sent.activity.name != EXECUTE:
        raise Malformed("an invoke that is not answered here")
    match sent.activity.value:
        case {"action": {"data": dict(data)}}:
            return data
    raise Malformed("a button without data")


def _acted(sent: Sent, data: Json) -> Event:
    by = author(sent)
    try:
        action = decode(str(data.get("pulse", "")))
    except ValueError:
        raise Malformed("a button that is not of this bot") from None
    match action:
        case AnswerWith(round, item, value):
            in_place = sent.type == ActivityTypes.invoke
            return Answered(by=by, at=sent.at, round=round, item=item, value=value, in_place=in_place)
        case RunCommand(text):
            place = None if sent.is_personal else where(sent)
            return Commanded(by=by, at=sent.at, channel=place, text=text)
        case SendComment(round):
            words = data.get("text")
            text = words if isinstance(words, str) else ""
            return Commented(by=by, at=sent.at, round=round, text=text, share=data.get("share") == "true")


def _installed(sent: Sent) -> tuple[Event, ...]:
    match sent.activity.action:
        case "add" | "add-upgrade":
            return (Joined(at=sent.at, channel=where(sent), who=None),)
        case "remove" | "remove-upgrade":
            return (Left(at=sent.at, channel=where(sent), who=None),)
    return ()


def _roster(sent: Sent) -> tuple[Event, ...]:
    match sent.data:
        case {"eventType": str(kind), "channel": {"id": str(id)}} if id and kind.startswith("channel"):
            return _changed(kind, Channel(NAME, sent.tenant, id), sent)
        case {"eventType": str(kind)} if kind in _CHANGES or kind in _ENDS:
            return _changed(kind, where(sent), sent)
    came, went = sent.activity.members_added or (), sent.activity.members_removed or ()
    joined = (Joined(at=sent.at, channel=where(sent), who=who) for known, who in _people(sent, came) if known)
    # That the bot was removed is told by `installationUpdate` too, at another time: once is enough.
    left = (Left(at=sent.at, channel=where(sent), who=who) for _, who in _people(sent, went) if who)
    return (*joined, *left)


def _changed(kind: str, channel: Channel, sent: Sent) -> tuple[Event, ...]:
    """Names are never kept: a channel that was given another one is the same. A team's own name is of no interest."""
    if kind in _ENDS:
        return (Left(at=sent.at, channel=channel, who=None),)
    if kind in _CHANGES:
        return (Changed(at=sent.at, channel=channel, change=_CHANGES[kind]),)
    match kind, sent.data:
        case "channelShared", {"sharedWithTeams": list(teams)}:
            return tuple(_with_company("shared", one, channel, sent) for one in _elsewhere(teams, sent))
        case "channelUnshared", {"unsharedFromTeams": list(teams)}:
            return tuple(_with_company("unshared", one, channel, sent) for one in _elsewhere(teams, sent))
    return ()


def _with_company(change: Change, tenant: str, channel: Channel, sent: Sent) -> Changed:
    return Changed(at=sent.at, channel=channel, change=change, company=tenant)


def _elsewhere(teams: list[object], sent: Sent) -> list[str]:
    """Tenants of those teams that are not of the company that holds the channel; empty where one is not told."""
    told = [one.get("tenantId") for one in teams if isinstance(one, dict)]
    tenants = {one.lower() if isinstance(one, str) else "" for one in told}
    return sorted(tenants - {sent.tenant})


def _people(sent: Sent, accounts: object) -> list[tuple[bool, Member | None]]:
    """(is it somebody we can name, who): the bot itself is None."""
    found: list[tuple[bool, Member | None]] = []
    for account in accounts if isinstance(accounts, list) else []:
        id, object_id = getattr(account, "id", None), getattr(account, "aad_object_id", None)
        if id == sent.bot and id:
            found.append((True, None))
        elif isinstance(object_id, str) and object_id:
            found.append((True, Member(NAME, member_id(sent.tenant, object_id), workspace=sent.tenant)))
    return found


def _is_automatic(sent: Sent) -> bool:
    """Written by a program: by us, by another bot or by a connector."""
    return sent.author in ("", sent.bot) or sent.author.startswith("28:") or not sent.object_id


def _is_said(sent: Sent) -> bool:
    is_text = isinstance(sent.activity.text, str) and sent.activity.text.strip() != ""
    return is_text and not sent.is_personal and not _is_automatic(sent) and bool(sent.id)


def _thread(sent: Sent) -> str | None:
    root = thread_root(sent.conversation)
    return root if root != sent.id else None


def _mentions(sent: Sent) -> list[str]:
    """The text of each mention of the bot."""
    found = []
    for entity in sent.activity.entities or ():
        match getattr(entity, "type", None), getattr(entity, "additional_properties", None):
            case "mention", {"mentioned": {"id": str(id)}, **rest} if id == sent.bot:
                text = rest.get("text")
                found.append(text if isinstance(text, str) else "")
    return found


def _text(sent: Sent) -> str:
    """What was typed, without mentions and tags. Teams sends `text` with HTML's entities."""
    return unescape(_TAG.sub(" ", (sent.activity.text or "")[:LONGEST_MESSAGE])).replace("\xa0", " ").strip()


def _words(sent: Sent) -> str:
    text = sent.activity.text[:LONGEST_MESSAGE] if isinstance(sent.activity.text, str) else ""
    for mention in filter(None, _mentions(sent)):
        text = text.replace(mention, " ")
    words = unescape(_TAG.sub(" ", text)).split()
    return " ".join(words).removeprefix("/")
