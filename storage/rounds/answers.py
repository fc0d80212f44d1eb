"""Answers: the hot path, many in one go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.model.commands import GivenAnswer, Kept
from storage.engine.json_codec import items_of
from storage.engine.upsert import Insert
from storage.tables import answers, rounds

Asked = tuple[GivenAnswer, datetime]
"""An answer and the time it is now."""


def keep(connection: Connection, given: Sequence[Asked]) -> list[Kept]:
    """Keep the later of two answers by platform time. Refuse what no open round asked."""
    open_rounds = locked_rounds(connection, {answer.round for answer, _ in given})
    verdicts = [_judge(open_rounds.get(answer.round), answer, now) for answer, now in given]
    saved = [answer for (answer, _), verdict in zip(given, verdicts, strict=True) if verdict == "saved"]
    if saved:
        # In one order everywhere, so that two processes never wait for each other in a circle.
        rows = [_row(answer) for answer in sorted(saved, key=lambda one: (one.round, one.person, one.item))]
        _upsert(connection, rows)
    return verdicts


def own(connection: Connection, round: str, person: str) -> Mapping[str, int | None]:
    mine = and_(answers.c.round == round, answers.c.person == person)
    rows = connection.execute(select(answers.c.item, answers.c.value).where(mine))
    return {row.item: row.value for row in rows}


def locked_rounds(connection: Connection, ids: set[str]) -> dict[str, Any]:
    """The rounds as they are, and on PostgreSQL as they stay until the commit: freezing one waits for that."""
    return {row.id: row for row in connection.execute(_ROUNDS, {"ids": sorted(ids)})}


# Built once: building a statement takes longer than carrying it out.
_ROUNDS = (
    select(rounds.c.id, rounds.c.state, rounds.c.closes_at, rounds.c.asked)
    .where(rounds.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(rounds.c.id)
    .with_for_update(read=True)
)


def refusal(round: Any, now: datetime) -> Kept | None:
    """Why nothing can be said to this round, if so."""
    if round is None:
        return "unknown"
    return "closed" if round.state != "open" or now >= round.closes_at else None


def _judge(round: Any, answer: GivenAnswer, now: datetime) -> Kept:
    if round is None or not any(i.id == answer.item and i.kind != "open" for i in items_of(round.asked)):
        return "unknown"
    return refusal(round, now) or "saved"


def _row(answer: GivenAnswer) -> dict[str, object]:
    platform, organisation = answer.home or (None, None)
    return {
        "round": answer.round,
        "person": answer.person,
        "item": answer.item,
        "side": answer.side and answer.side.value,
        "home_platform": platform,
        "home_organisation": organisation,
        "value": answer.value,
        "at": answer.at,
        "spent": False,
    }


def _upsert(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    connection.execute(_LATER[connection.dialect.name], rows)


def _later(insert: Insert) -> Insert:
    """The later one by platform time stays."""
    new = insert.excluded
    changes = {name: new[name] for name in ("side", "home_platform", "home_organisation", "value", "at")}
    return insert.on_conflict_do_update(
        index_elements=["round", "person", "item"], set_=changes, where=new.at > answers.c.at
    )


_LATER = {"sqlite": _later(sqlite.insert(answers)), "postgresql": _later(postgresql.insert(answers))}
