"""Make the keyed pseudonym that stands for a person beside their answers.

HMAC-SHA-256 (RFC 2104, https://www.rfc-editor.org/rfc/rfc2104) under a secret that is not in the database.
The purpose keeps a person's answers, thread readings, messages sent to them, entries in the audit log and the alerts
that they own from being joined.
"""

import hmac
from typing import Literal, TypeAlias

from bot.model.alliance import Alliance, Member

Purpose: TypeAlias = Literal["answer", "reading", "delivery", "audit", "owner"]


def make_pseudonym(secret: bytes, alliance: str, member: Member, purpose: Purpose) -> str:
    """Return 32 hexadecimal characters; the same for the same person, alliance, purpose and secret."""
    message = "\x00".join((purpose, alliance, member.platform, member.id))
    return hmac.new(secret, message.encode(), "sha256").hexdigest()[:32]


def name_owners(alliance: Alliance, secret: bytes) -> dict[str, Member]:
    """Return both sides' leads by the pseudonyms under which they own alerts."""
    return {make_pseudonym(secret, alliance.key, lead, "owner"): lead for lead in alliance.leads}


def name_leads(alliance: Alliance, secret: bytes) -> frozenset[str]:
    """Return the pseudonyms under which both sides' leads answer."""
    return frozenset(make_pseudonym(secret, alliance.key, lead, "answer") for lead in alliance.leads)
