"""Kinds of alarm: the stored text is the same as ever, and comes back as the same kind."""

import pytest

from bot.model.alarm_kind import AlarmKind, parse_kind
from bot.model.alliance import Side

STORED = {
    "level": AlarmKind("level"),
    "sponsor": AlarmKind("side", Side.SPONSOR),
    "cro": AlarmKind("side", Side.CRO),
    "gap": AlarmKind("gap"),
    "blind_spot": AlarmKind("blind_spot"),
    "part_cro": AlarmKind("participation", Side.CRO),
    "silent_sponsor": AlarmKind("silence", Side.SPONSOR),
    "dim:sponsor_time": AlarmKind("topic", topic="sponsor_time"),
}


@pytest.mark.parametrize(("text", "kind"), STORED.items())
def test_a_kind_is_stored_under_the_text_that_databases_hold(text: str, kind: AlarmKind) -> None:
    assert (str(kind), parse_kind(text)) == (text, kind)


@pytest.mark.parametrize(
    "text", ["", "dim:", "dim", "part", "part_", "part_both", "sponsor_", "gap:vision", "Level"]
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_kind(text)


def test_an_alarm_about_one_side_concerns_that_side_alone() -> None:
    assert [kind.sides for kind in STORED.values() if kind.side] == [
        (Side.SPONSOR,), (Side.CRO,), (Side.CRO,), (Side.SPONSOR,)
    ]  # fmt: skip
    assert all(kind.sides == tuple(Side) for kind in STORED.values() if not kind.side)
