"""The repository of companies that no declaration names."""

from collections.abc import Sequence
from typing import Protocol

from bot.model.alliance import Side
from bot.model.audit import AuditEntry
from bot.model.delivery import Delivery


class CompanyClaims(Protocol):
    """Companies that no declaration names, and which side leads say that they are.

    `home` is (platform, organisation id); `told` is sent in the same transaction as the change, or not at all; `noted`
    goes into the audit log in it, with the outcome.
    """

    async def claim(
        self,
        alliance: str,
        side: Side,
        home: tuple[str, str],
        told: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> bool:
        """Count the company's people as that side, with what they said before.

        False, and no change, where nobody of it waits, or it is claimed, disputed or declared already.
        """

    async def suspend(
        self,
        alliance: str,
        side: Side,
        home: tuple[str, str],
        told: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> bool:
        """Count it as neither side's until the claim is withdrawn or a declaration names it.

        False, and no change, where that side has not claimed it.
        """

    async def withdraw(
        self,
        alliance: str,
        home: tuple[str, str],
        told: Sequence[Delivery],
        noted: AuditEntry | None = None,
    ) -> int | None:
        """Take a claim back, so that the company waits again. Return how many people's answers wait again.

        None where there is none.
        """

    async def merge(self, platform: str, part: str, whole: str) -> int:
        """Count what waits under a part of a company (its id there) as the whole company's, and return how much.

        Nothing changes in an alliance that does not know the whole, or knows the part itself.
        """
