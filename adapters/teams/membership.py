"""The bot comes into channels and goes out of them, by the team: parsed events, completed by what Teams left out."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from adapters.teams import parse
from adapters.teams.activity import Sent
from adapters.teams.identity import is_team_channel
from adapters.teams.platform import TeamsPlatform
from adapters.teams.team_channels import Rooms
from bot.model.alliance import Channel
from bot.model.events import Changed, Edited, Event, Joined, Left, Said
from bot.ports import PlatformError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    platform: TeamsPlatform
    rooms: Rooms

    async def events(self, sent: Sent) -> tuple[Event, ...]:
        """What happened, in every channel that it happened to. Raises Malformed, StoreUnavailable."""
        found: list[Event] = []
        for event in parse.events(sent):
            match event:
                case Joined(who=None):
                    found += await self._joined(event, sent)
                case Joined():
                    found += await self._of_team(await self._introduced(event), sent)
                case Left(who=None) | Changed():
                    found += await self._of_team(event, sent)
                case Said() | Edited():
                    found += await self._said(event, sent)
                case _:
                    found.append(event)
        return tuple(found)

    async def _joined(self, joined: Joined, sent: Sent) -> list[Event]:
        """An app is added to a team and not to a channel: the bot has come into every channel of it.

        A shared or private channel is not among those that a team lists. What an owner agreed to holds for all of the
        team, and is asked anew at each coming: it may be other things than last time.
        """
        channels = [joined.channel]
        if sent.team:
            channels += [one for one in await self._listed(sent) if one != joined.channel]
            await self.rooms.learn(sent.tenant, sent.team, [one.address for one in channels])
        hears = await self.platform.grants.hears(joined.channel)
        if hears:
            for one in channels:
                await self.rooms.told(one.workspace, one.address, hears)
        return [replace(joined, channel=one, hears=hears) for one in channels]

    async def _listed(self, sent: Sent) -> Iterable[Channel]:
        try:
            return await self.platform.channels(sent.tenant, sent.team)
        except PlatformError as error:
            log.warning("channels of a team not told: %s", error.reason)
            return ()

    async def _introduced(self, joined: Joined) -> Joined:
        """With the company of who came; without it where the roster does not tell."""
        if joined.who is None:
            return joined
        try:
            who = await self.platform.people.member(joined.who, joined.channel.address)
        except PlatformError as error:
            log.warning("the roster did not tell who came: %s", error.reason)
            return joined
        return replace(joined, who=who or joined.who)

    async def _of_team(self, event: Joined | Left | Changed, sent: Sent) -> list[Event]:
        """A team bears the id of its first channel; what happened to it, or to who is in it, happened to all."""
        if event.channel.address != sent.team:
            return [event]
        known = await self.rooms.channels(sent.tenant, sent.team)
        channels = (replace(event.channel, address=one) for one in sorted({sent.team, *known}))
        return [replace(event, channel=one) for one in channels]

    async def _said(self, event: Said | Edited, sent: Sent) -> list[Event]:
        """The first message that mentions nobody proves that all come, whatever was told before."""
        place = event.channel
        if sent.team and is_team_channel(place.address):
            await self.rooms.learn(sent.tenant, sent.team, [place.address])
        if await self.rooms.overheard(place.workspace, place.address):
            return [Joined(at=event.at, channel=place, who=None, hears="all"), event]
        return [event]
