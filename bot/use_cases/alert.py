"""Tell leads of the alarms that concern them, and of their end, each once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date

from bot.alarms.evidence import Told, word_alarm
from bot.alarms.mood_trend import show_mood
from bot.model.alert import Alert
from bot.model.alliance import Alliance, Side
from bot.model.closing import Alarm, Asked, MoodLine, Recovery
from bot.model.commands import RaisedAlarm
from bot.model.delivery import Delivery
from bot.model.milestone import Milestone
from bot.privacy.permissions import is_told, may_hear_of, may_see
from bot.use_cases.loop.tap import word_raised
from bot.use_cases.notify_leads import write_to_sides
from bot.wording import alert
from bot.wording.loop.alerts import add_alert_choices
from bot.wording.loop.milestones import add_near_milestone


def alerts(
    alliance: Alliance,
    alarms: Iterable[Alarm],
    mood: Iterable[MoodLine],
    now: Asked,
    secret: bytes,
    known: Sequence[Alert] = (),
    milestones: Sequence[Milestone] = (),
) -> tuple[Delivery, ...]:
    """One message a lead and closing of `now`; watch level and single dimensions wait for the digest."""
    lines, urgent = tuple(mood), [alarm for alarm in alarms if is_told(alarm)]
    cards = {
        side: add_alert_choices(
            alert.write_alert(
                alliance, [word_alarm(item, now.slot, reader=side) for item in own], show_mood(lines, side)
            ),
            alliance,
            [word_raised(alliance, item, now, known, side, secret) for item in own],
        )
        for side in Side
        if (own := tuple(item for item in urgent if may_see(alliance, item, side, now.shared)))
    }
    began = {
        side: next(item for item in urgent if may_see(alliance, item, side, now.shared)) for side in cards
    }
    dated = {
        side: add_near_milestone(card, milestones, began[side].since or now.slot)
        for side, card in cards.items()
    }
    return write_to_sides(alliance, f"alert:{alliance.key}:{urgent[0].round}", dated, secret) if cards else ()


def recoveries(
    alliance: Alliance, ended: Iterable[Recovery], is_open: Collection[str], now: Asked, secret: bytes
) -> tuple[Delivery, ...]:
    """One message a lead and closing on all that is over; `is_open` are the kinds of alarm that still are not."""
    over = tuple(ended)
    cards = {
        side: alert.write_recovery(
            alliance, own, sorted(kind for kind in is_open if may_hear_of(alliance, kind, side, now.shared))
        )
        for side in Side
        if (own := [item for item in over if may_hear_of(alliance, item.kind, side, now.shared)])
    }
    return write_to_sides(alliance, f"over:{alliance.key}:{now.index}", cards, secret) if cards else ()


def list_open_alerts(
    alliance: Alliance,
    raised: Sequence[RaisedAlarm],
    is_open: Collection[str],
    side: Side,
    new_after: date,
) -> tuple[Told, ...]:
    """Each open alert that side's leads may see, once: what is new first, then the latest; as it was judged last.

    A reminder belongs to the alert before it: who has seen one of them has seen all.
    """
    own = [
        item for item in raised if is_told(item.alarm) and may_see(alliance, item.alarm, side, item.shared)
    ]
    episodes = (_find_episode([item for item in own if item.alarm.kind == kind]) for kind in is_open)
    opened = sorted(
        (episode for episode in episodes if episode), key=lambda episode: episode[0].slot, reverse=True
    )
    return tuple(_sum_up(episode, new_after, side) for episode in opened)


def _find_episode(raised: list[RaisedAlarm]) -> list[RaisedAlarm]:
    """Return the newest alert that is no reminder, and its reminders."""
    first = max((place for place, item in enumerate(raised) if not item.alarm.reminder), default=0)
    return raised[first:]


def _sum_up(episode: list[RaisedAlarm], new_after: date, reader: Side) -> Told:
    first, last = episode[0], episode[-1]
    seen = frozenset(side for item in episode for side in item.acknowledged)
    alarm = replace(last.alarm, since=first.alarm.since, reminder=first.slot <= new_after)
    return word_alarm(alarm, first.slot, seen, reader)
