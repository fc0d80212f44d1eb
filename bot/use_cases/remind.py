"""Remind those who have not answered, privately and in their hours of work. Nobody else learns who they are.

A person gets one reminder a round, and a second one if they ask for it. It comes between 09:00 and 17:00 where they
are, and not on a weekend or a holiday of their side. Whoever waits for such a time is looked at again then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bot.model.alliance import Alliance, Member, Round, Side
from bot.model.delivery import Delivery
from bot.model.wish import Wish
from bot.ports import ChatPlatform, Store
from bot.privacy.permissions import find_side
from bot.privacy.pseudonym import make_pseudonym
from bot.schedule import find_contact_end, find_contact_time
from bot.use_cases.enrol import read_roster, visits_of
from bot.use_cases.visits import Visits
from bot.wording import question
from bot.working_days import find_working_days


@dataclass(frozen=True, slots=True)
class Reminder:
    """Plan a reminder of one person, in their time zone."""

    person: Member
    due: datetime
    """The first time for it."""
    at: datetime
    """The same, or if that has passed the next time from now on."""
    zone: str
    is_second: bool = False


async def send_reminders(
    store: Store,
    platforms: Mapping[str, ChatPlatform],
    secret: bytes,
    now: datetime,
    visits: Visits,
    seconds: float | None = None,
) -> int:
    """Send the reminders that are due within so many seconds; return how many people are reminded."""

    async def remind_one(asked_round: Round, alliance: Alliance) -> int:
        people = await read_roster(alliance, platforms)
        if people is None:
            return 0
        planned = await _plan_reminders(store, secret, alliance, asked_round, people, now)
        due = [_make_delivery(secret, alliance, asked_round, item) for item in planned if item.at <= now]
        look_at = min((item.at for item in planned if item.at > now), default=None)
        return await store.rounds.remind(asked_round.id, due, now, look_at)

    found = await visits_of(store, "remind", await store.rounds.list_to_remind(now), remind_one)
    return await visits.run_visits(found, seconds)


async def _plan_reminders(
    store: Store,
    secret: bytes,
    alliance: Alliance,
    asked_round: Round,
    people: Sequence[Member],
    now: datetime,
) -> list[Reminder]:
    """List who is to be reminded before the round closes, and when; some of it may have been sent already."""
    answered = await store.answers.list_respondents(asked_round.id)
    wishes = await store.wishes.list_wishes(alliance.key, now)
    planned: list[Reminder] = []
    for person in people:
        side, who = find_side(alliance, person), make_pseudonym(secret, alliance.key, person, "answer")
        own = wishes.get(who, ())
        if side and who not in answered and not any(wish.kind in ("pause", "quiet") for wish in own):
            planned += _plan_person(alliance, asked_round, person, side, own, now)
    return planned


def _plan_person(
    alliance: Alliance, asked_round: Round, person: Member, side: Side, own: Sequence[Wish], now: datetime
) -> list[Reminder]:
    first = asked_round.remind_at
    again = next((wish.until for wish in own if wish.kind == "again" and wish.round == asked_round.id), None)
    zone = choose_zone(alliance, person)
    wanted = [(start, is_second) for start, is_second in ((first, False), (again, True)) if start]
    return [
        Reminder(person, due, at, zone, is_second)
        for start, is_second in wanted
        if (due := find_time_for(alliance, side, zone, start))
        and (at := find_time_for(alliance, side, zone, max(due, now)))
        and at < asked_round.closes_at
    ]


def find_time_for(alliance: Alliance, side: Side, zone: str, earliest: datetime) -> datetime | None:
    """Return when somebody of that side may be written to."""
    return find_contact_time(earliest, zone, find_working_days(alliance, (side,)))


def choose_zone(alliance: Alliance, person: Member) -> str:
    """Return the person's own time zone where the platform tells one that exists, else the alliance's."""
    return person.zone if person.zone in _list_zones() else alliance.timezone


@lru_cache(maxsize=1)
def _list_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _make_delivery(secret: bytes, alliance: Alliance, asked_round: Round, reminder: Reminder) -> Delivery:
    who = make_pseudonym(secret, alliance.key, reminder.person, "delivery")
    again = ":again" if reminder.is_second else ""
    today = reminder.at.astimezone(ZoneInfo(reminder.zone)).date()
    return Delivery(
        f"reminder:{asked_round.id}:{who}{again}",
        alliance.key,
        replace(reminder.person, zone=""),
        question.write_reminder(alliance, asked_round, is_last=reminder.is_second),
        not_before=reminder.due,
        not_after=min(find_contact_end(today, reminder.zone), asked_round.closes_at),
        due=reminder.due,
    )
