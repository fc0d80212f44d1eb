"""Tell which side a person is on, whether they lead it, and which alarms they may see. Nothing is guessed."""

from collections import Counter
from collections.abc import Iterable, Mapping

from bot.model.alarm_kind import parse_kind
from bot.model.alliance import Alliance, Member, Organisation, Side, find_host
from bot.model.closing import Alarm


def find_side(alliance: Alliance, member: Member) -> Side | None:
    """Return the side whose home organisations the member's belong to; None if neither, both, or for an outsider.

    A declared lead is of the side that they lead, unless the platform tells that the account belongs to a company other
    than the one it is declared in. What is declared goes before what a lead claimed: no claim takes anybody away from a
    declared company. Guests are known by the alliance's channel alone.
    """
    led = [side for side in Side if _is_declared_lead(alliance.organisation(side), member)]
    if len(led) == 1:
        return led[0]
    if is_outside(alliance, member):
        return None
    homes = {(member.platform, home) for home in member.home if member.rooms or not find_host(home)}
    companies = {side: alliance.organisation(side) for side in Side}
    declared = [side for side in Side if homes & (companies[side].homes - companies[side].claimed)]
    sides = declared or [side for side in Side if homes & companies[side].claimed]
    return sides[0] if len(sides) == 1 else None


def is_outside(alliance: Alliance, member: Member) -> bool:
    """Return True for somebody who is no lead, and whom none of the alliance's channels lists, as far as is known."""
    if member.rooms is None or any(_is_declared_lead(alliance.organisation(side), member) for side in Side):
        return False
    return not any(
        channel.platform == member.platform and channel.address in member.rooms
        for channel in alliance.channels
    )


def _is_declared_lead(company: Organisation, member: Member) -> bool:
    """Return True for the declared account, if it is a guest's or its home is where it is declared to be reached.

    Where the platform refuses to tell the home, the account's id decides.
    """
    is_guest = (member.is_unread or member.home != ()) and all(find_host(home) for home in member.home)
    return any(
        lead == member and (is_guest or (lead.workspace != "" and lead.workspace in member.home))
        for lead in company.leads
    )


def find_undeclared_home(alliance: Alliance, member: Member) -> tuple[str, str] | None:
    """Return the (platform, organisation id) that an answer is kept with; None for somebody of a declared company.

    The company that a lead claimed, and so may take back, or guests, who may be declared otherwise; else the widest
    home.
    """
    homes = [(member.platform, home) for home in reversed(member.home)]
    side = find_side(alliance, member)
    if side is None:
        return homes[0] if homes else None
    company = alliance.organisation(side)
    if any(home in company.homes - company.claimed and not find_host(home[1]) for home in homes):
        return None
    return next((home for home in homes if home in company.homes), None)


def is_host(alliance: Alliance, side: Side, home: tuple[str, str]) -> bool:
    """Return True if `home` stands for the guests of that side's own organisation: they are never its own people."""
    platform, organisation = home
    return (platform, find_host(organisation)) in alliance.organisation(side).homes


def find_company_side(alliance: Alliance, platform: str, organisation: str) -> Side | None:
    """Return the side that an organisation is; None for a third company."""
    return next(
        (side for side in Side if (platform, organisation) in alliance.organisation(side).homes), None
    )


def find_led_side(alliance: Alliance, member: Member) -> Side | None:
    """Return the side that this member leads, or None."""
    side = find_side(alliance, member)
    return side if side and member in alliance.organisation(side).leads else None


def count_besides_leads(alliance: Alliance, people: Iterable[Member]) -> Mapping[Side, int]:
    """Count the people of each side, its leads left out."""
    sides = (find_side(alliance, person) for person in people if person not in alliance.leads)
    return Counter(side for side in sides if side)


def find_small_sides(alliance: Alliance, besides_leads: Mapping[Side, int]) -> tuple[Side, ...]:
    """Return the sides of which no number can appear: fewer people besides leads than a number rests on.

    None where the sides are pooled, or nobody at all is known.
    """
    if alliance.pooled or not any(besides_leads.values()):
        return ()
    return tuple(side for side in Side if besides_leads.get(side, 0) < alliance.minimum)


def find_concerned(kind: str) -> tuple[Side, ...]:
    """Return the sides whose leads are told of that kind of alarm: a side's own, or both where both make it."""
    return parse_kind(kind).sides


def may_see(alliance: Alliance, alarm: Alarm, side: Side, shared: bool = True) -> bool:
    """Hide the other side's alarms, and alarms about both where the charter keeps numbers to each side.

    `shared`: numbers were shared when the question was asked at whose closing it was judged.
    """
    return may_hear_of(alliance, alarm.kind, side, shared)


def may_hear_of(alliance: Alliance, kind: str, side: Side, shared: bool = True) -> bool:
    """Return whether the leads of a side hear of a kind of alarm, when it opens and when it ends."""
    told = find_concerned(kind)
    return side in told and (len(told) == 1 or (alliance.share_dimensions and shared) or alliance.pooled)


def list_told_sides(alarm: Alarm, reader: Side | None) -> tuple[Side, ...]:
    """Return the sides that a drop is put down to before this reader: both, or the reader's own alone."""
    return alarm.lower if len(alarm.lower) != 1 or reader in alarm.lower else ()


def is_told(alarm: Alarm) -> bool:
    """Return whether the alarm goes out at once; the watch level and single dimensions wait for the digest."""
    return alarm.level == "alert" and parse_kind(alarm.kind).subject != "topic"
