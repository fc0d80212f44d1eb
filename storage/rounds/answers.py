"""Answers: the hot path, many in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.model.commands import GivenAnswer, Kept
from storage.engine.json_codec import read_items
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction
from storage.engine.upsert import Insert
from storage.engine.writer import Writer
from storage.tables import answers, rounds

TimedAnswer: TypeAlias = tuple[GivenAnswer, datetime]
"""An answer and the time it is now."""


@dataclass(frozen=True, slots=True)
class Answers:
    """`bot.ports.Answers` over the database."""

    reader: Reader
    writer: Writer

    async def save_answer(self, given: GivenAnswer, now: datetime) -> Kept:
        return await self.writer.run_bulk(save_answers, (given, now))

    @read_transaction
    def list_own(self, connection: Connection, round_id: str, person: str) -> Mapping[str, int | None]:
        own = and_(answers.c.round == round_id, answers.c.person == person)
        rows = connection.execute(select(answers.c.item, answers.c.value).where(own))
        return {row.item: row.value for row in rows}

    @read_transaction
    def list_respondents(self, connection: Connection, round_id: str) -> frozenset[str]:
        query = select(answers.c.person).where(answers.c.round == round_id)
        return frozenset(connection.scalars(query.distinct()))


def lock_rounds(connection: Connection, ids: set[str]) -> dict[str, Any]:
    """Return the rounds, on PostgreSQL locked (shared) until the commit: freezing one waits for that."""
    return {row.id: row for row in connection.execute(_ROUNDS, {"ids": sorted(ids)})}


# Built once: building a statement takes longer than carrying it out.
_ROUNDS = (
    select(rounds.c.id, rounds.c.state, rounds.c.closes_at, rounds.c.asked)
    .where(rounds.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(rounds.c.id)
    .with_for_update(read=True)
)


def find_refusal(round_row: Any, now: datetime) -> Kept | None:
    """Return why this round takes nothing at `now`; None if it does."""
    if round_row is None:
        return "unknown"
    return "closed" if round_row.state != "open" or now >= round_row.closes_at else None


def save_answers(connection: Connection, given: Sequence[TimedAnswer]) -> list[Kept]:
    """Keep the later of two answers by platform time. Refuse what no open round asked."""
    locked = lock_rounds(connection, {answer.round_id for answer, _ in given})
    verdicts = [_judge_answer(locked.get(answer.round_id), answer, now) for answer, now in given]
    valid = [answer for (answer, _), verdict in zip(given, verdicts, strict=True) if verdict == "saved"]
    if not valid:
        return verdicts
    # In one order everywhere, so that two processes never wait for each other in a circle.
    rows = [_answer_row(answer) for answer in sorted(valid, key=_key_of)]
    changed = connection.execute(_UPSERT[connection.dialect.name], rows).rowcount
    if changed == len(rows) == len({_key_of(answer) for answer in valid}):
        return verdicts
    newest = _list_newest(connection, valid)
    return [
        "older" if verdict == "saved" and newest[_key_of(answer)] != (answer.at, answer.value) else verdict
        for (answer, _), verdict in zip(given, verdicts, strict=True)
    ]


def _list_newest(
    connection: Connection, given: Sequence[GivenAnswer]
) -> dict[tuple[str, str, str], tuple[datetime, int | None]]:
    """Return time and value that stay for each answer's key: the newest; of the same time the one that came first."""
    people = {
        "ids": sorted({answer.round_id for answer in given}),
        "people": sorted({answer.person for answer in given}),
    }
    rows = connection.execute(_OF_PEOPLE, people)
    return {(row.round, row.person, row.item): (row.at, row.value) for row in rows}


def _key_of(answer: GivenAnswer) -> tuple[str, str, str]:
    return answer.round_id, answer.person, answer.item


_OF_PEOPLE = select(answers.c.round, answers.c.person, answers.c.item, answers.c.at, answers.c.value).where(
    answers.c.round.in_(bindparam("ids", expanding=True)),
    answers.c.person.in_(bindparam("people", expanding=True)),
)


def _judge_answer(round_row: Any, answer: GivenAnswer, now: datetime) -> Kept:
    if round_row is None:
        return "unknown"
    asked = (item for item in read_items(round_row.asked) if item.kind != "open")
    if not any(item.id == answer.item for item in asked):
        return "unknown"
    return find_refusal(round_row, now) or "saved"


def _answer_row(answer: GivenAnswer) -> dict[str, object]:
    platform, organisation = answer.home or (None, None)
    return {
        "round": answer.round_id,
        "person": answer.person,
        "item": answer.item,
        "side": answer.side and answer.side.value,
        "home_platform": platform,
        "home_organisation": organisation,
        "value": answer.value,
        "at": answer.at,
        "spent": False,
    }


def _keep_later(insert: Insert) -> Insert:
    """Update an answer only by one of later platform time."""
    new = insert.excluded
    changes = {name: new[name] for name in ("side", "home_platform", "home_organisation", "value", "at")}
    later = insert.on_conflict_do_update(
        index_elements=["round", "person", "item"], set_=changes, where=new.at > answers.c.at
    )
    # How many rows were written tells whether any answer was older, without reading them.
    return later.execution_options(preserve_rowcount=True)


_UPSERT = {
    "sqlite": _keep_later(sqlite.insert(answers)),
    "postgresql": _keep_later(postgresql.insert(answers)),
}
