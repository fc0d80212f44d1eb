"""The twelve invariants of `docs/reliability.md`: what must be so whatever happened, compared with what people saw."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.slow.simulation.people import WORDS, Attempt, People
from tests.slow.simulation.settings import SLOT
from tests.slow.simulation.world import World

MARGIN = 200.0
"""Seconds around the closing in which an answer may be early or late: the bot's clock may be off by so much."""
MINIMUM = 5

Seen = Iterator[str]


@dataclass(slots=True)
class Observed:
    """What was seen while it went on."""

    closed: dict[str, set[tuple[Any, ...]]] = field(default_factory=dict)
    """The answers of a round when it was first seen not to be open any more."""
    ids: set[str] = field(default_factory=set)
    """Every delivery that ever was there."""
    released: dict[int, frozenset[tuple[Any, ...]]] = field(default_factory=dict)
    """The numbers of each round when the first of them was seen."""
    broken: list[tuple[str, str]] = field(default_factory=list)


def observe(world: World, observed: Observed) -> None:
    observed.ids |= {row[0] for row in world.rows("SELECT id FROM delivery")}
    for (round_id,) in world.rows(
        "SELECT id FROM round WHERE state <> 'open' AND slot = ?", str(SLOT.date())
    ):
        observed.closed.setdefault(round_id, _answers(world, round_id))
    for number, rows in _released(world).items():
        if observed.released.setdefault(number, rows) != rows:
            observed.broken.append(("released together", f"round {number} released more later"))
    observed.broken += [("asked once", why) for why in _asked_twice(world)]
    observed.broken += [("posted once", why) for why in _posted_twice(world)]


def check(world: World, people: People, observed: Observed) -> list[tuple[str, str]]:
    """(name, what was seen) of each that does not hold, at the end."""
    observe(world, observed)
    found = [
        (name, why) for name, invariant in INVARIANTS.items() for why in invariant(world, people, observed)
    ]
    return list(dict.fromkeys([*observed.broken, *found]))


def acknowledged_is_stored(world: World, people: People, _: Observed) -> Seen:
    """An acknowledged answer or comment is stored, once."""
    stored = _stored(world)
    for key, attempts in _by_key(people, world).items():
        if any(entry.status == "saved" for entry in attempts) and key not in stored:
            yield f"acknowledged and not there: {attempts}"
    for person in {entry.person for entry in people.comments}:
        mine = [entry for entry in people.comments if entry.person == person]
        acknowledged = len({entry.words for entry in mine if entry.status == "saved"})
        (kept,) = world.rows("SELECT count(*) FROM comment WHERE person = ?", person)[0]
        if not acknowledged <= kept <= len({entry.words for entry in mine}):
            yield f"{acknowledged} comments acknowledged of {len(mine)}, {kept} kept"


def last_by_platform_time_wins(world: World, people: People, _: Observed) -> Seen:
    """Of two answers the later by the platform's time stays, whichever arrives first."""
    stored = _stored(world)
    for key, attempts in _by_key(people, world).items():
        if key not in stored:
            continue
        newest = max((entry.at for entry in attempts if entry.status == "saved"), default=0.0)
        may_be = {entry.value for entry in attempts if entry.at >= newest}
        if stored[key] not in may_be:
            yield f"{stored[key]} is kept of {attempts}"


def each_slot_is_asked_once(world: World, _people: People, _: Observed) -> Seen:
    """Each slot is asked, once in each channel."""
    rounds = world.rows("SELECT id FROM round WHERE slot = ?", str(SLOT.date()))
    if len(rounds) != 1:
        yield f"{len(rounds)} rounds for the slot"
    for (round_id,) in rounds:
        asked = len(world.questions_on_slack(round_id)), len(world.questions_on_teams(round_id))
        if asked != (1, 1):
            yield f"asked (on Slack, on Teams): {asked}"


def nothing_is_posted_twice(world: World, _people: People, _: Observed) -> Seen:
    """No delivery stands twice."""
    yield from _posted_twice(world)


def nothing_unknown_is_dropped(world: World, _people: People, observed: Observed) -> Seen:
    """No delivery vanishes; what is `sent` stands there, and what failed says why."""
    rows = {
        row[0]: row[1:]
        for row in world.rows("SELECT id, slot, state, reason, platform, direct FROM delivery")
    }
    for gone in observed.ids - rows.keys():
        yield f"delivery {gone} is gone"
    standing = set(_marks(world))
    before = {entry for entry in rows if _is_older(rows[entry][0], world)}
    for id, (slot, state, reason, platform, _) in rows.items():
        if id in before or slot.startswith("closed:"):
            continue
        if state == "sent" and platform == "slack" and id not in standing:
            yield f"{slot} is said to be sent and stands nowhere"
        if state == "failed":
            yield f"{slot} failed: {reason}"


def below_the_minimum_nothing_is_released(world: World, _people: People, _: Observed) -> Seen:
    """No number rests on fewer people of a side than the threshold."""
    query = (
        "SELECT DISTINCT r.id, e.side, r.number FROM released e JOIN round r ON r.number = e.number "
        "WHERE r.slot = ?"
    )
    for round_id, side, number in world.rows(query, str(SLOT.date())):
        for entry in [side] if side else ["sponsor", "cro"]:
            people = (
                "SELECT count(DISTINCT person) FROM answer WHERE round = ? AND side = ? AND value IS NOT NULL"
            )
            ((count,),) = world.rows(people, round_id, entry)
            if count < MINIMUM:
                yield f"round {number} released {entry} on {count} people"


def both_sides_are_released_together(world: World, _people: People, _: Observed) -> Seen:
    """All numbers of a round, both sides', come out at one moment, and only once it is closed."""
    closed = {row[0] for row in world.rows("SELECT number FROM round WHERE state = 'closed'")}
    for number in _released(world).keys() - closed:
        yield f"round {number} has numbers and is not closed"


def each_lead_is_alerted_once(world: World, _people: People, _: Observed) -> Seen:
    """An alarm that leads are to be told of reaches each of them once, and nobody else."""
    alerts = world.rows("SELECT slot, state FROM delivery WHERE slot LIKE 'alert:%'")
    told = Counter[str]()
    for room in world.slack.state.rooms.values():
        for entry in room.messages:
            if entry.bot_id and "|ack " in json.dumps(entry.blocks):
                told[room.members[-1]] += 1
                if not room.is_im or room.members[-1] not in ("U0ANNA", "U0BEN"):
                    yield f"an alert in {room.id}"
    if any(count > 1 for count in told.values()) or sum(told.values()) != len(alerts):
        yield f"{len(alerts)} alerts, told {dict(told)}"


def a_closed_round_takes_no_answer(world: World, people: People, observed: Observed) -> Seen:
    """What a round holds when it closes stays as it is, and nobody is told otherwise."""
    for round_id, answers in observed.closed.items():
        if _answers(world, round_id) != answers:
            yield f"round {round_id} changed after it was closed"
    for entry in people.attempts:
        closes = _closes(world, entry.round)
        if closes and entry.at > closes + MARGIN and _stored_at(world, entry) == entry.at:
            yield f"kept after the closing: {entry}"


def erased_stays_erased(world: World, people: People, _: Observed) -> Seen:
    """Of a deleted message nothing is left, and no late edit or original brings it back; else its reading is there."""
    query = "SELECT polarity, person, deleted FROM reading WHERE message = ?"
    for message in people.messages:
        rows = world.rows(query, world.hash_message(message.channel, message.id))
        gone = any(what == "deleted" and taken for _, what, taken in message.done)
        tried = any(what == "deleted" for _, what, _ in message.done)
        if gone and rows != [(None, None, 1)]:
            yield f"deleted, and there is {rows}: {message}"
        taken = any(taken for _, _, taken in message.done)
        if not tried and taken and not (len(rows) == 1 and not rows[0][2]):
            yield f"taken, and there is {rows}: {message}"


def no_words_and_no_names_are_left(world: World, _people: People, _: Observed) -> Seen:
    """No text, token or person in the log or in the plain bytes of the database."""
    files = sorted(world.file.parent.glob(f"{world.file.name}*"))
    plain = b"".join(entry.read_bytes() for entry in files) + "\n".join(world.log).encode()
    people = [entry.id for entry in world.slack.state.users.values() if not entry.is_bot]
    secrets = [entry.token for entry in world.slack.state.workspaces.values() if entry.token]
    for word in (*WORDS, *people, *secrets, *world.teams.tokens):
        if word.encode() in plain:
            yield f"{word} is readable"


def all_that_is_due_is_done(world: World, people: People, _: Observed) -> Seen:
    """In the end nothing waits: asked, closed, told, and the question says that it is closed."""
    waiting = world.rows("SELECT slot, state, reason FROM delivery WHERE state NOT IN ('sent', 'failed')")
    if waiting:
        yield f"still waiting: {waiting}"
    open_rounds = world.rows("SELECT id, state FROM round WHERE state <> 'closed'")
    if open_rounds:
        yield f"still open: {open_rounds}"
    asked = people.seen.get("slack")
    room = world.slack.state.rooms["C0JOINT"]
    if asked and any('"a|' in json.dumps(entry.blocks) for entry in room.messages if entry.ts == asked.ts):
        yield "the question on Slack does not say that it is closed"
    if any("failed" in line and "Traceback" in line for line in world.log):
        yield f"errors in the log: {[line for line in world.log if 'Traceback' in line][:2]}"


INVARIANTS: dict[str, Callable[[World, People, Observed], Seen]] = {
    "acknowledged is stored": acknowledged_is_stored,
    "last by platform time": last_by_platform_time_wins,
    "asked once": each_slot_is_asked_once,
    "posted once": nothing_is_posted_twice,
    "unknown is kept": nothing_unknown_is_dropped,
    "threshold": below_the_minimum_nothing_is_released,
    "released together": both_sides_are_released_together,
    "alerted once": each_lead_is_alerted_once,
    "closed is closed": a_closed_round_takes_no_answer,
    "erased stays erased": erased_stays_erased,
    "no words": no_words_and_no_names_are_left,
    "all is done": all_that_is_due_is_done,
}


# How it is read


def _by_key(people: People, world: World) -> dict[tuple[str, str, str], list[Attempt]]:
    """What each person tapped for each item, well before the round closed."""
    found: dict[tuple[str, str, str], list[Attempt]] = {}
    for entry in people.attempts:
        closes = _closes(world, entry.round)
        if closes is None or entry.ended < closes - MARGIN:
            found.setdefault((entry.round, entry.person, entry.item), []).append(entry)
    late = {(entry.round, entry.person, entry.item) for entry in people.attempts} - found.keys()
    # A tap near the closing may count or not: what it belongs to is judged only without it.
    doubtful = {
        (entry.round, entry.person, entry.item)
        for entry in people.attempts
        if (closes := _closes(world, entry.round)) is not None and closes - MARGIN <= entry.ended
    }
    return {key: attempts for key, attempts in found.items() if key not in late | doubtful}


def _stored(world: World) -> dict[tuple[str, str, str], int | None]:
    return {row[:3]: row[3] for row in world.rows("SELECT round, person, item, value FROM answer")}


def _stored_at(world: World, entry: Attempt) -> float | None:
    query = "SELECT at FROM answer WHERE round = ? AND person = ? AND item = ?"
    rows = world.rows(query, entry.round, entry.person, entry.item)
    return _seconds(rows[0][0]) if rows else None


def _answers(world: World, round_id: str) -> set[tuple[Any, ...]]:
    return set(world.rows("SELECT person, item, value, side FROM answer WHERE round = ?", round_id))


def _closes(world: World, round_id: str) -> float | None:
    rows = world.rows("SELECT closes_at FROM round WHERE id = ?", round_id)
    return _seconds(rows[0][0]) if rows else None


def _seconds(stored: object) -> float:
    at = datetime.fromisoformat(str(stored))
    return (at if at.tzinfo else at.replace(tzinfo=SLOT.tzinfo)).timestamp()


def _released(world: World) -> dict[int, frozenset[tuple[Any, ...]]]:
    """What was released at the closing of each round."""
    found: dict[int, set[tuple[Any, ...]]] = {}
    for row in world.rows("SELECT number, side, dimension, value, band FROM released"):
        found.setdefault(row[0], set()).add(row[1:])
    return {number: frozenset(rows) for number, rows in found.items()}


def _asked_twice(world: World) -> Seen:
    for (round_id,) in world.rows("SELECT id FROM round WHERE slot = ?", str(SLOT.date())):
        asked = len(world.questions_on_slack(round_id)), len(world.questions_on_teams(round_id))
        if max(asked) > 1:
            yield f"asked (on Slack, on Teams): {asked}"


def _posted_twice(world: World) -> Seen:
    for id, count in Counter(_marks(world)).items():
        if count > 1:
            yield f"delivery {id} stands {count} times on Slack"


def _marks(world: World) -> list[str]:
    """Ids of deliveries, one for each message that stands anywhere on Slack."""
    found = [entry for room in world.slack.state.rooms.values() for entry in room.messages if entry.metadata]
    return [str(entry.metadata["event_payload"]["delivery"]) for entry in found if entry.metadata]


def _is_older(slot: str, world: World) -> bool:
    """Of a round before the simulated one."""
    known = [row[0] for row in world.rows("SELECT id FROM round WHERE slot < ?", str(SLOT.date()))]
    return any(entry in slot for entry in known)
