"""Follow the copies of the bot: which of them reaches whom, and what it means when one goes."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.slack.api import SlackApi
from adapters.slack.identity import NAME
from adapters.slack.installations import SlackInstallations
from bot.app.platforms.company_ids import list_company_ids, list_named_ids
from bot.model.alliance import Member, Place
from bot.model.events import Changed, Left
from bot.ports import Inbox, PlatformError, Store
from storage import DatabaseStore

_PATIENCE = 1.0
"""Seconds for the question whether another copy is in a channel: Slack waits for the answer to its event."""


@dataclass(frozen=True, slots=True)
class Uninstallation:
    """Handles workspaces that remove the bot."""

    store: DatabaseStore
    inbox: Inbox
    installations: SlackInstallations
    copies: "BotCopies"

    async def end_installation(self, workspace: str, at: datetime) -> None:
        """Delete the token at once, note the departure for later erasure, and tell the inbox. Raises StoreUnavailable.

        If no channel uses the workspace, only the token is deleted: a company may remove an installation that it does
        not need. The departure is noted before the token is deleted, because Slack repeats the event until it is
        acknowledged.
        """
        reached = [
            channel
            for alliance in await self.store.alliances.list_all()
            if workspace in list_named_ids([alliance], NAME)
            for channel in alliance.channels
            if channel.platform == NAME
        ]
        is_served = any(channel.workspace == workspace for channel in reached)
        if is_served and await self.store.installations.find(workspace):
            await self.store.departures.record_departure(NAME, workspace, at)
        if not await self.installations.end_installation(workspace, at):
            await self.store.departures.cancel_departure(NAME, workspace)
            return
        for channel in reached:
            left = Left(at=at, channel=replace(channel, workspace=workspace), who=None)
            await self.inbox.take(await self.copies.judge_leaving(left))


@dataclass(frozen=True, slots=True)
class BotCopies:
    """The copies of the bot in a channel: those of both companies may be there, and only one speaks."""

    store: Store
    api: SlackApi

    async def judge_leaving(self, event: Left) -> Left | Changed:
        """Return what it means that a copy left: another one takes over, nothing, or that none is left.

        While Slack does not say whether another copy is there, the copy that speaks counts as the last one.
        """
        declared = await self.store.alliances.resolve_channel(event.channel)
        alliance = await self.store.alliances.find_by_channel(declared)
        if alliance is None:
            return event
        others = {declared.workspace, *list_company_ids([alliance], NAME)} - {event.channel.workspace}
        there = [await self._is_member(workspace, declared.address) for workspace in sorted(others)]
        if declared.workspace != event.channel.workspace:
            return event if True in there or None in there else replace(event, channel=declared)
        if True in there:
            gone = event.channel.workspace
            return Changed(at=event.at, channel=declared, change="handed_over", company=gone)
        return event

    async def _is_member(self, workspace: str, address: str) -> bool | None:
        """Return whether that workspace's copy is in the channel; None if Slack does not say."""
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await self.api.call(workspace, "conversations.info", {"channel": address})
        except TimeoutError:
            return None
        except PlatformError as error:
            return False if error.kind == "refused" else None
        return bool((answer.get("channel") or {}).get("is_member"))


@dataclass(frozen=True, slots=True)
class DeclaredCompanies:
    """The companies and workspaces that alliances name."""

    store: Store

    async def is_declared(self, company_ids: tuple[str, ...]) -> bool:
        """Return True if an alliance names one of the ids, or if there are no alliances yet."""
        alliances = await self.store.alliances.list_all()
        return not alliances or not list_named_ids(alliances, NAME).isdisjoint(company_ids)

    async def list_workspaces(self, place: Place) -> tuple[str, ...]:
        """List workspaces that may reach a place, the first one first.

        A channel: the one that it is declared with, then those of both companies, whose copies may be there too.
        """
        if isinstance(place, Member):
            return await self._list_of_person(place)
        alliance = await self.store.alliances.find_by_channel(place)
        return (place.workspace, *sorted(list_company_ids([alliance] if alliance else [], NAME)))

    async def _list_of_person(self, member: Member) -> tuple[str, ...]:
        """List those of their company, the one they were seen in, and those of their alliance.

        For somebody in several alliances, partners' workspaces are left out: a partner's administrators could read
        what concerns another partner.
        """
        alliances = await self.store.alliances.list_by_homes([(NAME, home) for home in member.home])
        only = alliances if len(alliances) == 1 else ()
        joint = [
            channel.workspace
            for alliance in only
            for channel in alliance.channels
            if channel.platform == NAME
        ]
        return (*member.home, member.workspace, *joint, *sorted(list_company_ids(only, NAME)))
