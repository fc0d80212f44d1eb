"""List the ids by which alliances name companies and workspaces on a platform."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bot.model.alliance import Alliance, Channel, Organisation, Side


def list_ids(company: Organisation, platform: str) -> set[str]:
    """Return the company's ids there."""
    return {company_id for name, company_id in company.homes if name == platform}


def list_company_ids(alliances: Iterable[Alliance], platform: str) -> set[str]:
    """Return the ids of both companies of each alliance."""
    both = (alliance.organisation(side) for alliance in alliances for side in Side)
    return {company_id for company in both for company_id in list_ids(company, platform)}


def list_workspace_ids(alliances: Iterable[Alliance], platform: str) -> set[str]:
    """Return the ids of the workspaces through which the bot is in the alliances' channels."""
    return {
        channel.workspace
        for alliance in alliances
        for channel in alliance.channels
        if channel.platform == platform
    }


def list_joint_channels(alliances: Iterable[Alliance], platform: str) -> Mapping[str, Sequence[Channel]]:
    """Return the platform's channels of all alliances that name an id, by that id."""
    found: defaultdict[str, list[Channel]] = defaultdict(list)
    for alliance in alliances:
        channels = [channel for channel in alliance.channels if channel.platform == platform]
        for named in list_named_ids([alliance], platform):
            found[named] += channels
    return found


def list_named_ids(alliances: Iterable[Alliance], platform: str) -> frozenset[str]:
    """Return all ids that an alliance names: of its companies and of its channels' workspaces."""
    declared = tuple(alliances)
    return frozenset(list_company_ids(declared, platform) | list_workspace_ids(declared, platform))
