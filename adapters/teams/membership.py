"""Complete parsed events with the channels, companies and permissions that Teams leaves out.

Teams adds and removes the bot for a whole team, while an alliance declares single channels.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from adapters.teams import parse
from adapters.teams.activity import ReceivedActivity
from adapters.teams.identity import is_team_channel
from adapters.teams.platform import TeamsPlatform
from adapters.teams.team_channels import TeamChannels
from bot.model.alliance import Channel
from bot.model.events import Changed, Edited, Event, Joined, Left, Said
from bot.ports import PlatformError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EventReader:
    platform: TeamsPlatform
    rooms: TeamChannels

    async def read_events(self, activity: ReceivedActivity) -> tuple[Event, ...]:
        """Return one event for each channel concerned. Raises MalformedActivity, StoreUnavailable."""
        found: list[Event] = []
        for event in parse.to_events(activity):
            match event:
                case Joined(who=None):
                    found += await self._spread_join(event, activity)
                case Joined():
                    found += await self._spread_over_team(await self._add_company(event), activity)
                case Left(who=None) | Changed():
                    found += await self._spread_over_team(event, activity)
                case Said() | Edited():
                    found += await self._correct_scope(event, activity)
                case _:
                    found.append(event)
        return tuple(found)

    async def _spread_join(self, joined: Joined, activity: ReceivedActivity) -> list[Event]:
        """Return a join for every channel of the team, because an app is added to a team as a whole.

        It is added to a shared or private channel by itself, by hand.

        Teams does not list shared and private channels. The owner's permissions cover the whole team and are read
        again at each join, because they may have changed.
        """
        channels = [joined.channel]
        if activity.team:
            others = () if parse.concerns_one_channel(activity) else await self._list_channels(activity)
            channels += [place for place in others if place != joined.channel]
            await self.rooms.learn_channels(
                activity.tenant, activity.team, [channel.address for channel in channels]
            )
        hears = await self.platform.grants.find_message_scope(joined.channel)
        if hears:
            for channel in channels:
                await self.rooms.save_message_scope(channel.workspace, channel.address, hears)
        return [replace(joined, channel=channel, hears=hears) for channel in channels]

    async def _list_channels(self, activity: ReceivedActivity) -> Iterable[Channel]:
        try:
            return await self.platform.list_channels(activity.tenant, activity.team)
        except PlatformError as error:
            log.warning("channels of a team could not be listed: %s", error.reason)
            return ()

    async def _add_company(self, joined: Joined) -> Joined:
        """Add the company of the person who joined, if the roster can be read."""
        if joined.who is None:
            return joined
        try:
            who = await self.platform.people.find_member(joined.who, joined.channel.address)
        except PlatformError as error:
            log.warning("the roster could not be read for a person who joined: %s", error.reason)
            return joined
        return replace(joined, who=who or joined.who)

    async def _spread_over_team(
        self, event: Joined | Left | Changed, activity: ReceivedActivity
    ) -> list[Event]:
        """Return the event for every known channel if it concerns the whole team.

        A team has the same id as its first channel.
        """
        if event.channel.address != activity.team:
            return [event]
        known = await self.rooms.list_channels(activity.tenant, activity.team)
        channels = (replace(event.channel, address=address) for address in sorted({activity.team, *known}))
        return [replace(event, channel=channel) for channel in channels]

    async def _correct_scope(self, event: Said | Edited, activity: ReceivedActivity) -> list[Event]:
        """Put a join with scope `all` before the first message that mentions nobody.

        It proves that Teams passes on all messages, whatever was stored before.
        """
        place = event.channel
        if activity.team and is_team_channel(place.address):
            await self.rooms.learn_channels(activity.tenant, activity.team, [place.address])
        if await self.rooms.correct_message_scope(place.workspace, place.address):
            return [Joined(at=event.at, channel=place, who=None, hears="all"), event]
        return [event]
