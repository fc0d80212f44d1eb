"""Ids of Teams: people, channels, threads, and the bot itself. Pure.

A person is (tenant, object id in that tenant), never a name or an address of mail. A guest's object id is that of the
guest account in the tenant that invited them: https://learn.microsoft.com/en-us/entra/external-id/user-properties
"""

from typing import Any, TypeAlias

from bot.model.alliance import Member

Json: TypeAlias = dict[str, Any]

NAME = "teams"
GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""Of a tenant, a person, an app; the same in capitals."""


class Malformed(ValueError):
    """An activity that lacks what Teams says it has. Quotes nothing of it."""


def member_id(tenant: str, object_id: str) -> str:
    """Id of a `Member`: Entra tenant id and object id."""
    return f"{tenant.lower()}/{object_id.lower()}"


def object_id(member: Member) -> str:
    """The Entra object id in a member's id. Teams takes it in place of its own user id for a personal chat.

    https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
    """
    return member.id.rpartition("/")[2]


def bot_id(app_id: str) -> str:
    """How Teams names the bot in conversations."""
    return f"28:{app_id}"


def thread_root(conversation: str) -> str | None:
    """Id of the message that a channel thread hangs on, as `19:…@thread.tacv2;messageid=<root>` has it."""
    return conversation.partition(";messageid=")[2] or None


def without_thread(conversation: str) -> str:
    """The channel of a thread: what rosters are asked of, and what an operator declares."""
    return conversation.partition(";")[0]


def is_team_channel(address: str) -> bool:
    """A channel of a team, where a post begins a thread; else a group chat."""
    return address.endswith(("@thread.tacv2", "@thread.skype"))


def person(account: Json, host: str) -> Member | None:
    """An entry of the roster of a conversation that tenant `host` holds; None for a bot.

    A guest whose own tenant the roster does not tell belongs to nobody's company: the home is `guests-of-<host>`,
    which a lead can adopt for the own side, and never that of the host.
    """
    object_id = account.get("aadObjectId") or account.get("objectId")
    if not isinstance(object_id, str) or not object_id or account.get("userRole") == "bot":
        return None
    told, is_guest = account.get("tenantId"), account.get("userRole") == "guest"
    tenant = told.lower() if isinstance(told, str) else ""
    home = f"guests-of-{host}" if is_guest and tenant in ("", host) else tenant
    is_known = bool(home) and account.get("userRole") != "anonymous"
    return Member(
        NAME,
        member_id(host if is_guest else tenant or host, object_id),
        home=(home,) if is_known else (),
        workspace=host,
    )
