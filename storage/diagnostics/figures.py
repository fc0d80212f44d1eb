"""How the bot is doing, in numbers: what the database alone knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.model.delivery import DeliveryState
from storage.tables import deliveries, missed


@dataclass(frozen=True, slots=True)
class Figures:
    deliveries: Mapping[str, int]
    """By state; those sent are not counted one by one."""
    made: int
    """Deliveries ever made."""
    unknown_seconds: float
    """Since when the oldest one is unknown; 0 where none is."""
    missed: int
    """Slots that passed unasked."""


COUNTED = [state.value for state in DeliveryState if state is not DeliveryState.SENT]


def count_figures(connection: Connection, now: datetime) -> Figures:
    counts = select(deliveries.c.state, func.count()).where(deliveries.c.state.in_(COUNTED))
    found = {row[0]: row[1] for row in connection.execute(counts.group_by(deliveries.c.state))}
    since = connection.scalar(
        select(func.min(deliveries.c.changed_at)).where(deliveries.c.state == "unknown")
    )
    return Figures(
        deliveries={state: found.get(state, 0) for state in COUNTED},
        made=connection.scalar(select(func.max(deliveries.c.seq))) or 0,
        unknown_seconds=max(0.0, (now - since).total_seconds()) if since else 0.0,
        missed=connection.scalar(select(func.count()).select_from(missed)) or 0,
    )
