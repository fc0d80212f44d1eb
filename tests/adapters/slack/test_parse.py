"""Test that recorded payloads become the right events, and that malformed ones are refused."""

import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack import parse
from adapters.slack.identity import MalformedPayload
from adapters.slack.verify import Refusal, check_payload_shape
from bot.model.events import Event

RECEIVED = datetime.fromtimestamp(1700000005, UTC)
PAYLOADS = {path.stem: json.loads(path.read_text()) for path in Path(__file__).parent.glob("payloads/*.json")}


def flat(event: Event | None) -> dict[str, Any] | None:
    """An event as the files have it."""
    return event and {
        "event": type(event).__name__,
        **{f.name: _flat(getattr(event, f.name)) for f in fields(event)},
    }


def _flat(value: Any) -> Any:
    match value:
        case datetime():
            return value.timestamp()
        case object(home=home, workspace=workspace, id=id):
            return {"id": id, "home": list(home), "workspace": workspace}
        case object(address=address):
            return address
    return value


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_payload_becomes_its_event(name: str) -> None:
    payload, event = PAYLOADS[name]["payload"], PAYLOADS[name]["event"]
    assert check_payload_shape(payload) == payload
    assert flat(parse.parse_payload(payload, RECEIVED)) == event


def test_there_is_a_payload_of_every_event() -> None:
    kinds = {sample["event"]["event"] for sample in PAYLOADS.values() if sample["event"]}
    assert kinds == {
        "Answered",
        "Commented",
        "Said",
        "Edited",
        "Deleted",
        "Commanded",
        "Joined",
        "Left",
        "Changed",
        "Moved",
    }


JUNK = st.sampled_from(
    [None, "", "x", 0, -1.5, True, [], {}, [{}], {"id": None}, "9" * 30, "1.1.1", "\ud800"]
)


def _places(part: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    match part:
        case dict():
            inner = [_places(value, (*way, key)) for key, value in part.items()]
        case list():
            inner = [_places(value, (*way, at)) for at, value in enumerate(part)]
        case _:
            inner = []
    return [*([way] if way else []), *(path for found in inner for path in found)]


@given(st.sampled_from(sorted(PAYLOADS)), st.data())
@settings(max_examples=300)
def test_a_payload_with_rubbish_in_it_is_refused_or_read_but_never_breaks(
    name: str, data: st.DataObject
) -> None:
    payload = json.loads(json.dumps(PAYLOADS[name]["payload"]))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(_places(payload)))
        part = payload
        for step in way:
            part = part[step]
        part[last] = json.loads(json.dumps(data.draw(JUNK)))
        if not isinstance(payload, dict) or not _places(payload):
            return
    assert read(payload) in {"refused", "not listened to", "an event"}


def read(payload: Any) -> str:
    """What becomes of it; whatever else is raised is a fault."""
    try:
        known = check_payload_shape(payload)
        event = None if known is None else parse.parse_payload(known, RECEIVED)
    except (MalformedPayload, Refusal):
        return "refused"
    return "an event" if isinstance(event, Event) else "not listened to"
