"""Whom alliances name on a platform: the companies of their sides, and the workspaces that hold their channels."""

from collections.abc import Iterable

from bot.model.alliance import Alliance, Organisation, Side


def ids(company: Organisation, platform: str) -> set[str]:
    """Ids of a company there."""
    return {id for there, id in company.homes if there == platform}


def companies(alliances: Iterable[Alliance], platform: str) -> set[str]:
    """Ids of both companies of each alliance there."""
    both = (one.organisation(side) for one in alliances for side in Side)
    return {id for company in both for id in ids(company, platform)}


def workspaces(alliances: Iterable[Alliance], platform: str) -> set[str]:
    """Ids of the workspaces through which the bot is in channels of these alliances there."""
    return {place.workspace for one in alliances for place in one.channels if place.platform == platform}
