"""An alarm was judged: tell the leads whom it concerns, each once."""

from collections.abc import Iterable, Mapping
from datetime import date

from bot.ledger import Alarm, MoodLine, alarm_id
from bot.model import Alliance, Side
from bot.ports import Delivery
from bot.rules.permissions import concerned
from bot.rules.pseudonym import pseudonym
from bot.wording import alert


def alerts(
    alliance: Alliance,
    alarms: Iterable[Alarm],
    mood: Iterable[MoodLine],
    slots: Mapping[int, date],
    secret: bytes,
) -> tuple[Delivery, ...]:
    """One message for each alarm and lead; the watch level and single dimensions wait for the digest."""
    lines = tuple(mood)
    return tuple(
        Delivery(
            f"alert:{alarm_id(alliance.key, alarm)}:{pseudonym(secret, alliance.key, lead, 'answer')}",
            alliance.key,
            lead,
            alert.raised(alliance, alarm, slots.get(alarm.start_round), _own(lines, side)),
        )
        for alarm in alarms
        if alarm.level == "alert" and not alarm.kind.startswith("dim:")
        for side in concerned(alarm)
        for lead in alliance.organisation(side).leads
    )


def _own(lines: tuple[MoodLine, ...], side: Side) -> MoodLine | None:
    return next((line for line in lines if line.side is side), None)
