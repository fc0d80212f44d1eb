"""Read and build the ids that Teams gives people, channels, threads and the bot. Pure.

A person is identified by tenant and object id in that tenant, never by name or e-mail address. A guest has the object
id of the guest account in the inviting tenant: https://learn.microsoft.com/en-us/entra/external-id/user-properties
"""

from typing import Any, TypeAlias

from bot.model.alliance import GUESTS_OF, Member

Json: TypeAlias = dict[str, Any]

NAME = "teams"
GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""Pattern of the id of a tenant, a person or an app; Entra does not tell capitals apart."""


class MalformedActivity(ValueError):
    """Raised for an activity that breaks Teams' schema. The message quotes nothing from it."""


def member_id(tenant: str, object_id: str) -> str:
    """Return the id of a `Member`: Entra tenant id and object id, in lower case."""
    return f"{tenant.lower()}/{object_id.lower()}"


def object_id(member: Member) -> str:
    """Return the Entra object id from a member's id. Teams accepts it instead of its own user id for a personal chat.

    https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
    """
    return member.id.rpartition("/")[2]


def bot_id(app_id: str) -> str:
    """Return Teams' id of the bot in conversations."""
    return f"28:{app_id}"


def thread_root(conversation: str) -> str | None:
    """Return the id of the message that began a channel thread, from `19:…@thread.tacv2;messageid=<root>`."""
    return conversation.partition(";messageid=")[2] or None


def without_thread(conversation: str) -> str:
    """Return the channel of a thread: the id that has a roster and that an operator declares."""
    return conversation.partition(";")[0]


def is_team_channel(address: str) -> bool:
    """Return True for a channel of a team, where a post begins a thread; False for a group chat."""
    return address.endswith(("@thread.tacv2", "@thread.skype"))


def parse_member(account: Json, host: str) -> Member | None:
    """Return the person in an entry of the roster of a conversation that tenant `host` hosts; None for a bot.

    If the roster leaves out a guest's own tenant, or names the host's instead, the guest belongs to no known company
    and never to the host's: the home is then `guests-of-<host>`, which a lead of the other side can claim.
    """
    object_id = account.get("aadObjectId") or account.get("objectId")
    if not isinstance(object_id, str) or not object_id or account.get("userRole") == "bot":
        return None
    tenant_id, is_guest = account.get("tenantId"), _is_guest(account)
    tenant = tenant_id.lower() if isinstance(tenant_id, str) else ""
    home = f"{GUESTS_OF}{host}" if is_guest and tenant in ("", host) else tenant
    is_known = bool(home) and account.get("userRole") != "anonymous"
    found, unread = member_id(host if is_guest else tenant or host, object_id), member_id(host, object_id)
    return Member(
        NAME,
        found,
        home=(home,) if is_known else (),
        workspace=host,
        unread_id=unread if unread != found else "",
    )


def _is_guest(account: Json) -> bool:
    """Return True for a guest by role, or by the mark that Entra puts into the user name of a guest account.

    https://learn.microsoft.com/en-us/entra/external-id/user-properties
    """
    name = account.get("userPrincipalName")
    return account.get("userRole") == "guest" or (isinstance(name, str) and "#ext#" in name.lower())
