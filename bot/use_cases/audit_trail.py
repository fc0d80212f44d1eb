"""Note in the audit log who looked and who changed what."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.alliance import Member
from bot.model.audit import Act, AuditEntry
from bot.ports import AuditLog, Proposals
from bot.privacy.pseudonym import make_pseudonym


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Hold the audit log and the proposals. `secret` is what pseudonyms are made with."""

    audit: AuditLog
    proposals: Proposals
    secret: bytes

    async def note_act(self, act: Act, alliance: str, by: Member, now: datetime, detail: str = "") -> None:
        """Write down that a member looks at something, or what came of an act. May raise StoreUnavailable.

        To be called before the act: what cannot be noted is not done.
        """
        await self.audit.note(self.make_entry(act, alliance, by, now, detail))

    def make_entry(self, act: Act, alliance: str, by: Member, now: datetime, detail: str = "") -> AuditEntry:
        """Return the entry for a store that writes it down together with the change and its outcome."""
        who = make_pseudonym(self.secret, alliance, by, "audit")
        return AuditEntry(act, alliance, f"member:{who}", now, detail)
