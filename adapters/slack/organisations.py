"""Learn which workspace belongs to which Enterprise organisation: payloads often name only one of the two.

Sources: the directory, and payloads that name a workspace beside its organisation. What is known of one person of a
workspace then holds for everybody of it: https://docs.slack.dev/enterprise/organization-ready-apps
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from adapters.shared.lru import remember_recent
from adapters.slack.identity import Payload
from bot.model.alliance import Member
from bot.ports import StoreUnavailable

log = logging.getLogger(__name__)

_MAX_WORKSPACES = 10_000
_MERGE_INTERVAL = 600.0
"""Seconds after which what waits is merged again: another process may have declared the organisation meanwhile."""


async def _merge_nothing(_workspace: str, _organisation: str) -> None:
    """Merge nothing: for a directory without a store."""


@dataclass(frozen=True, slots=True)
class SlackOrganisations:
    """Organisations by workspace, learned while the process runs. "" stands for a workspace without one."""

    merge: Callable[[str, str], Awaitable[object]] = _merge_nothing
    """Called with a workspace and its organisation: counts what waits under the workspace as the organisation's. May
    raise StoreUnavailable."""
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    known: "OrderedDict[str, str]" = field(default_factory=OrderedDict)
    merged: "OrderedDict[str, float]" = field(default_factory=OrderedDict)
    asked: dict[str, asyncio.Event] = field(default_factory=dict)
    """Set as soon as a look-up of somebody of that workspace has ended."""

    async def learn_home(self, home: tuple[str, ...]) -> None:
        """Learn from a person's home in the directory, the widest id last."""
        match home:
            case (workspace, organisation) if is_pair(workspace, organisation):
                await self._learn(workspace, organisation)
            case (workspace,) if workspace.startswith("T"):
                remember_recent(self.known, workspace, self.known.get(workspace, ""), _MAX_WORKSPACES)
                self._wake(workspace)

    async def learn_payload(self, sent: Payload) -> None:
        """Learn from the pairs that a payload names; the directory's word stands against them."""
        for workspace, organisation in list_pairs(sent):
            if not self.known.get(workspace):
                await self._learn(workspace, organisation)

    async def merge_again(self, member: Member) -> None:
        """Merge what waits under the member's workspace: at once if they came without organisation, else rarely."""
        workspace = member.home[0] if member.home else ""
        organisation = self.known.get(workspace)
        if organisation:
            await self._merge(workspace, organisation, 0.0 if len(member.home) == 1 else _MERGE_INTERVAL)

    def complete_home(self, member: Member) -> Member:
        """Return the member with the organisation of their workspace, if the payload named only the workspace."""
        match member.home:
            case (workspace,) if organisation := self.known.get(workspace):
                return replace(member, home=(workspace, organisation))
        return member

    def complete_payload(self, sent: Payload) -> Payload:
        """Return a form with the organisation that installed the bot, if it names one of its workspaces instead."""
        match sent:
            case {"is_enterprise_install": True, "view": {"app_installed_team_id": str(workspace)} as view}:
                organisation = self.known.get(workspace)
                return (
                    sent | {"view": view | {"app_installed_team_id": organisation}} if organisation else sent
                )
        return sent

    @contextmanager
    def ask_first(self, member: Member) -> Iterator[None]:
        """Let others of the member's workspace wait until the block ends, if nobody asks about it yet."""
        workspace = member.home[0] if len(member.home) == 1 else ""
        if not workspace or workspace in self.known or workspace in self.asked:
            yield
            return
        self.asked[workspace] = asyncio.Event()
        try:
            yield
        finally:
            self._wake(workspace)

    async def wait_for_first(self, member: Member) -> None:
        """Wait for the look-up that tells the organisation of the member's workspace, if one is under way."""
        if len(member.home) == 1 and (event := self.asked.get(member.home[0])):
            await event.wait()

    async def _learn(self, workspace: str, organisation: str) -> None:
        remember_recent(self.known, workspace, organisation, _MAX_WORKSPACES)
        self._wake(workspace)
        await self._merge(workspace, organisation, _MERGE_INTERVAL)

    async def _merge(self, workspace: str, organisation: str, interval: float) -> None:
        if self.clock() < self.merged.get(workspace, -interval) + interval:
            return
        remember_recent(self.merged, workspace, self.clock(), _MAX_WORKSPACES)
        is_done = False
        try:
            await self.merge(workspace, organisation)
            is_done = True
        except StoreUnavailable:
            log.warning("store unavailable: what waits for a workspace's organisation is counted later")
        finally:
            if not is_done:
                self.merged.pop(workspace, None)

    def _wake(self, workspace: str) -> None:
        if event := self.asked.pop(workspace, None):
            event.set()


def is_pair(workspace: object, organisation: object) -> bool:
    """Return True for the id of a workspace and that of an organisation."""
    match workspace, organisation:
        case str(team), str(whole):
            return team.startswith("T") and whole.startswith("E")
    return False


def list_pairs(sent: Payload) -> list[tuple[str, str]]:
    """Return the pairs (workspace, its organisation) that a payload certainly names. Pure.

    In a click, `enterprise` may be another company's than `team`, unless `team` is the person's own.
    """
    named: list[tuple[object, object]] = [(sent.get("team_id"), sent.get("enterprise_id"))]
    match sent:
        case {"authorizations": [{"team_id": team, "enterprise_id": whole}, *_]}:
            named.append((team, whole))
    match sent:
        case {"team": {"id": team, "enterprise_id": whole}}:
            named.append((team, whole))
        case {"team": {"id": team}, "enterprise": {"id": whole}, "user": {"team_id": own}} if own == team:
            named.append((team, whole))
    return [(str(team), str(whole)) for team, whole in named if is_pair(team, whole)]
