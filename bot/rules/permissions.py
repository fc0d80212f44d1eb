"""Which side a person is on, and whether they lead it. Never guessed."""

from bot.model import Alliance, Member, Side


def side_of(alliance: Alliance, member: Member) -> Side | None:
    """The side whose home organisations the member's belong to; None if neither, or both."""
    homes = {(member.platform, home) for home in member.home}
    sides = [side for side in Side if homes & alliance.organisation(side).homes]
    return sides[0] if len(sides) == 1 else None


def leads(alliance: Alliance, member: Member) -> Side | None:
    """The side that this member leads, or None."""
    side = side_of(alliance, member)
    return side if side and member in alliance.organisation(side).leads else None
