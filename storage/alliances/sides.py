"""Sides of what is not released yet: moved when somebody says whose a company is, or when rosters are read again."""

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from bot.model.alliance import Side
from storage.engine.upsert import insert_new
from storage.tables import answers, comments, invitations, rounds


def move_to_side(
    connection: Connection, which: Callable[[Table], ColumnElement[bool]], side: str | None
) -> set[str]:
    """Count unreleased answers and comments of `which` for that side; None: they wait for a claim.

    Return the pseudonyms of the people whose answers or comments moved.
    """
    moved: set[str] = set()
    for table, is_unreleased in ((answers, ~answers.c.spent), (comments, comments.c.block.is_(None))):
        theirs = and_(which(table), is_unreleased, table.c.side.is_distinct_from(side))
        moved.update(
            connection.scalars(update(table).where(theirs).values(side=side).returning(table.c.person))
        )
    return moved


def request_rosters(connection: Connection, alliances: Collection[str]) -> None:
    """Make the rosters of these alliances' open rounds due again: their people's sides may have changed."""
    theirs = rounds.c.alliance.in_(alliances), rounds.c.state == "open"
    connection.execute(update(rounds).where(*theirs).values(enrol_due=rounds.c.opens_at))


def seat_people(connection: Connection, round_id: str, sides: Mapping[str, str | None]) -> int:
    """Write down who is on the roster of a round, on which side; return how many people's answers changed side.

    `sides`: by pseudonym; None for somebody of a company that is neither side's, whose answers wait. People who were on
    the roster before and are not named stay on it.
    """
    here = invitations.c.round == round_id
    before = select(invitations.c.person, invitations.c.side).where(here)
    wrong = [row.person for row in connection.execute(before) if sides.get(row.person, row.side) != row.side]
    connection.execute(delete(invitations).where(here, invitations.c.person.in_(wrong)))
    rows = [{"round": round_id, "person": person, "side": side} for person, side in sides.items() if side]
    insert_new(connection, invitations, rows)
    moved: set[str] = set()
    for side in (*(side.value for side in Side), None):
        people = [person for person, own in sides.items() if own == side]
        moved |= move_to_side(connection, _is_by(round_id, people), side)
    return len(moved)


def rename_people(connection: Connection, round_id: str, renamed: Mapping[str, str]) -> None:
    """Give what was said under an earlier pseudonym to the present one; where both answered an item, that one stays."""
    for table in (answers, comments):
        theirs = _is_by(round_id, list(renamed))(table)
        for person in connection.scalars(select(table.c.person).where(theirs).distinct()).all():
            _rename_person(connection, table, round_id, person, renamed[person])


def _rename_person(connection: Connection, table: Table, round_id: str, old: str, new: str) -> None:
    own = and_(table.c.round == round_id, table.c.person == old)
    if table is answers:
        there = select(answers.c.item).where(answers.c.round == round_id, answers.c.person == new)
        connection.execute(delete(answers).where(own, answers.c.item.in_(there)))
    connection.execute(update(table).where(own).values(person=new))


def _is_by(round_id: str, people: Collection[str]) -> Callable[[Table], ColumnElement[bool]]:
    return lambda table: and_(table.c.round == round_id, table.c.person.in_(people))
