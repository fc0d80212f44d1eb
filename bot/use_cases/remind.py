"""A round closes soon: write privately to those who have not answered. Nobody else learns who they are."""

from collections.abc import Mapping
from datetime import datetime

from bot.model.alliance import Alliance, Round
from bot.model.delivery import Delivery
from bot.ports import ChatPlatform, Store
from bot.privacy.permissions import side_of
from bot.privacy.pseudonym import pseudonym
from bot.use_cases.enrol import roster, visits_of
from bot.use_cases.visits import Visits
from bot.wording import question


async def remind(
    store: Store,
    platforms: Mapping[str, ChatPlatform],
    secret: bytes,
    now: datetime,
    visits: Visits,
    seconds: float | None = None,
) -> int:
    """How many rounds were reminded, within so many seconds; each is reminded once."""

    async def remind_one(round: Round, alliance: Alliance) -> bool:
        reminders = await _reminders(store, platforms, secret, alliance, round)
        return reminders is not None and await store.rounds.remind(round.id, reminders)

    found = await visits_of(store, "remind", await store.rounds.list_to_remind(now), remind_one)
    return await visits.run(found, seconds)


async def _reminders(
    store: Store, platforms: Mapping[str, ChatPlatform], secret: bytes, alliance: Alliance, round: Round
) -> tuple[Delivery, ...] | None:
    people = await roster(alliance, platforms)
    if people is None:
        return None
    answered = await store.answers.list_respondents(round.id)
    card = question.write_reminder(alliance, round)
    return tuple(
        Delivery(
            f"reminder:{round.id}:{pseudonym(secret, alliance.key, one, 'delivery')}",
            alliance.key,
            one,
            card,
            not_before=round.remind_at,
            due=round.remind_at,
        )
        for one in people
        if side_of(alliance, one) and pseudonym(secret, alliance.key, one, "answer") not in answered
    )
