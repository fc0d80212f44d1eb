"""Tell leads of the alarms that concern them, each once."""

from collections.abc import Iterable
from datetime import date

from bot.alarms.evidence import told
from bot.alarms.mood_trend import seen
from bot.model.alliance import Alliance, Side
from bot.model.closing import Alarm, MoodLine
from bot.model.delivery import Delivery
from bot.privacy.permissions import is_told, may_see
from bot.use_cases.notify_leads import write_to_sides
from bot.wording import alert


def alerts(
    alliance: Alliance,
    alarms: Iterable[Alarm],
    mood: Iterable[MoodLine],
    slot: date,
    secret: bytes,
) -> tuple[Delivery, ...]:
    """One message a lead and closing; the watch level and single dimensions wait for the digest."""
    lines, urgent = tuple(mood), [one for one in alarms if is_told(one)]
    cards = {
        side: alert.write_alert(alliance, [told(one, slot) for one in own], seen(lines, side))
        for side in Side
        if (own := tuple(one for one in urgent if may_see(alliance, one, side)))
    }
    return write_to_sides(alliance, f"alert:{alliance.key}:{urgent[0].round}", cards, secret) if cards else ()
