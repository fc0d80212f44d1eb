"""Keep of a time only what the rules need: who saw a person tap or write cannot find the row by its time."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, delete, func, select, union_all, update

from storage.engine.upsert import insert_new
from storage.tables import answers, comments, departures, erased, readings, rounds

ROUNDS = 20
"""In one transaction."""
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)


def floor_day(at: datetime) -> datetime:
    """Return the beginning of the day in UTC."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def forget_times(connection: Connection, before: datetime) -> int:
    """Keep only the days of answers and comments of some rounds that closed before that time; return how many rounds.

    No tap needs their order any more. Platforms have told by then of the departures of that time.
    """
    over = rounds.c.state == "closed", ~rounds.c.coarse, rounds.c.closes_at < before
    query = select(rounds.c.id, rounds.c.alliance).where(*over).order_by(rounds.c.closes_at).limit(ROUNDS)
    found = connection.execute(query).all()
    for row in found:
        _forget_round(connection, row.alliance, row.id)
        connection.execute(update(rounds).where(rounds.c.id == row.id).values(coarse=True))
    return len(found)


def forget_order(connection: Connection, day: datetime) -> int:
    """Write that day's readings again in the order of their hashes; return how many.

    Both databases put rows into a page as they come, so their place would tell which message is which.
    """
    here = readings.c.at >= day, readings.c.at < day + DAY, readings.c.version.is_not(None)
    query = select(readings).where(*here).order_by(readings.c.message).with_for_update()
    rows = [dict(row) for row in connection.execute(query).mappings()]
    connection.execute(delete(readings).where(readings.c.message.in_(row["message"] for row in rows)))
    insert_new(connection, readings, rows)
    return len(rows)


def _forget_round(connection: Connection, alliance: str, round_id: str) -> None:
    first, last = _find_span(connection, round_id)
    if first is None or last is None:
        return
    cuts = _list_cuts(connection, alliance, first, last)
    for cut, following in pairwise((*cuts, last + DAY)):
        between = answers.c.round == round_id, answers.c.at > cut, answers.c.at < following
        connection.execute(update(answers).where(*between).values(at=cut))
    _forget_comments(connection, round_id, cuts)


def _find_span(connection: Connection, round_id: str) -> tuple[datetime | None, datetime | None]:
    given = union_all(
        *(select(table.c.at).where(table.c.round == round_id) for table in (answers, comments))
    ).subquery()
    first, last = connection.execute(select(func.min(given.c.at), func.max(given.c.at))).one()
    return first, last


def _list_cuts(connection: Connection, alliance: str, first: datetime, last: datetime) -> list[datetime]:
    """Return the times that are left: beginnings of days, and of the time after each erasure or departure.

    So a restore erases again what was there then, and an answer after a departure still cancels it.
    """
    days = [floor_day(first) + nth * DAY for nth in range((last - floor_day(first)) // DAY + 1)]
    within = (
        select(erased.c.at).where(erased.c.alliance == alliance, erased.c.at.between(days[0], last)),
        select(departures.c.at).where(departures.c.at.between(days[0], last)),
    )
    return sorted({*days, *(at + TICK for query in within for at in connection.scalars(query))})


def _forget_comments(connection: Connection, round_id: str, cuts: list[datetime]) -> None:
    """Keep a person's comments apart by microseconds, in an order that says nothing of time."""
    here = select(comments.c.id, comments.c.person, comments.c.at).where(comments.c.round == round_id)
    taken: dict[str, int] = {}
    for row in connection.execute(here.order_by(comments.c.id)).all():
        nth = taken[row.person] = taken.get(row.person, -1) + 1
        at = cuts[bisect_right(cuts, row.at) - 1] + nth * TICK
        connection.execute(update(comments).where(comments.c.id == row.id).values(at=at))
