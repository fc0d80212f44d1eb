"""Remind those who have not answered, privately. Nobody else learns who they are."""

from collections.abc import Mapping
from datetime import datetime

from bot.model.alliance import Alliance, Round
from bot.model.delivery import Delivery
from bot.ports import ChatPlatform, Store
from bot.privacy.permissions import find_side
from bot.privacy.pseudonym import make_pseudonym
from bot.use_cases.enrol import read_roster, visits_of
from bot.use_cases.visits import Visits
from bot.wording import question


async def send_reminders(
    store: Store,
    platforms: Mapping[str, ChatPlatform],
    secret: bytes,
    now: datetime,
    visits: Visits,
    seconds: float | None = None,
) -> int:
    """Send the reminders that are due within so many seconds, each round's once; return for how many rounds."""

    async def remind_one(asked_round: Round, alliance: Alliance) -> bool:
        reminders = await _make_reminders(store, platforms, secret, alliance, asked_round)
        return reminders is not None and await store.rounds.remind(asked_round.id, reminders)

    found = await visits_of(store, "remind", await store.rounds.list_to_remind(now), remind_one)
    return await visits.run_visits(found, seconds)


async def _make_reminders(
    store: Store, platforms: Mapping[str, ChatPlatform], secret: bytes, alliance: Alliance, asked_round: Round
) -> tuple[Delivery, ...] | None:
    people = await read_roster(alliance, platforms)
    if people is None:
        return None
    answered = await store.answers.list_respondents(asked_round.id)
    card = question.write_reminder(alliance, asked_round)
    return tuple(
        Delivery(
            f"reminder:{asked_round.id}:{make_pseudonym(secret, alliance.key, person, 'delivery')}",
            alliance.key,
            person,
            card,
            not_before=asked_round.remind_at,
            due=asked_round.remind_at,
        )
        for person in people
        if find_side(alliance, person)
        and make_pseudonym(secret, alliance.key, person, "answer") not in answered
    )
