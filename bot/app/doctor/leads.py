"""Open a private chat with each lead: whoever cannot be written to gets no alert and no digest."""

from typing import Protocol, runtime_checkable

from bot.app.doctor.finding import Finding
from bot.app.runtime.bot import Bot
from bot.model.alliance import Alliance, Member, Side
from bot.ports import PlatformError

_ADVICE = (
    "alerts and digests go to the side's other leads, and wait as a button in the channel. Let this person add the app "
    "or write to it once. A guest may not have it: then declare their account at home"
)


@runtime_checkable
class OpensChats(Protocol):
    """A platform that can open a private chat without writing anything."""

    async def open_chat(self, member: Member) -> str: ...


async def check_chats(bot: Bot, alliance: Alliance) -> list[Finding]:
    """Return a finding for each lead, numbered as declared, of platforms that can open a chat."""
    found = []
    for company in (alliance.organisation(side) for side in Side):
        for number, lead in enumerate(company.leads, 1):
            platform: object = bot.platforms.get(lead.platform)
            if isinstance(platform, OpensChats):
                check = f"{alliance.key}: lead {number} of {company.name} can be written to"
                found.append(await _check_chat(platform, lead, check))
    return found


async def _check_chat(platform: OpensChats, lead: Member, check: str) -> Finding:
    try:
        await platform.open_chat(lead)
    except PlatformError as error:
        return Finding(check, error.kind == "not_yet", f"{error.reason}: {_ADVICE}")
    return Finding(check, True)
