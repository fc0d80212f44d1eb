"""The bank, what an alliance may put in its place, and the rotation."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.questions.bank import BankError, find_reweighting, find_rewording, load_builtin, parse_bank
from bot.questions.rotation import WAVE_EVERY, rotate_items

DIMENSIONS = {"vision", "practice", "communication", "collaboration", "trust", "value", "roles", "change"}
OWN = """
name = "ours"
version = 3
[[item]]
key = "sites"
version = 1
dimension = "sites"
text = "Sites get one answer from both of us."
"""


def test_eight_joint_core_items_one_for_each_dimension() -> None:
    core = load_builtin().core
    assert len(core) == 8 and {item.dimension for item in core} == DIMENSIONS
    assert not any(item.reverse for item in core)


def test_every_kind_of_supplement_is_asked_some_time() -> None:
    asked = {item.kind for index in range(4 * 14) for item in rotate_items(load_builtin(), index)}
    assert asked == {
        "core",
        "mirror",
        "sponsor",
        "cro",
        "governance",
        "overall",
        "prediction",
        "will_act",
        "open",
    }


def test_the_guess_is_asked_together_with_what_is_guessed() -> None:
    rounds = [{item.kind for item in rotate_items(load_builtin(), index)} for index in range(60)]
    assert all(("overall" in kinds) == ("prediction" in kinds) for kinds in rounds)
    assert sum("overall" in kinds for kinds in rounds) >= 6


def test_a_round_asks_core_items_3t_and_the_next_two() -> None:
    bank = load_builtin()
    for t in range(50):
        expected = [bank.core[(3 * t + i) % 8] for i in range(3)]
        assert list(rotate_items(bank, t, 3)[:3]) == expected


@given(start=st.integers(0, 10**6), count=st.integers(1, 3))
def test_each_core_item_comes_equally_often_in_any_eight_rounds(start: int, count: int) -> None:
    asked = Counter(
        item.key
        for index in range(start, start + 8)
        for item in rotate_items(load_builtin(), index, count)
        if item.kind == "core"
    )
    assert set(asked.values()) == {count} and len(asked) == 8


@given(st.integers(0, 10**6))
def test_one_or_two_supplements_every_fourth_round_and_none_between(index: int) -> None:
    extra = [item for item in rotate_items(load_builtin(), index) if item.kind != "core"]
    assert len(extra) in ((1, 2) if index % WAVE_EVERY == WAVE_EVERY - 1 else (0,))


def test_a_bank_of_ones_own_replaces_the_built_in_one() -> None:
    bank = parse_bank(OWN)
    assert [item.id for item in bank.items] == ["sites@1"]
    assert [item.key for item in rotate_items(bank, 7, 3)] == ["sites"]


def test_an_extension_adds_and_a_new_version_replaces() -> None:
    bank = parse_bank(
        "extends = true\n"
        + OWN
        + '[[item]]\nkey = "trust"\nversion = 2\ndimension = "trust"\ntext = "New."\n'
        '[[item]]\nkey = "steering"\nversion = 1\ndimension = "steering"\nkind = "governance"\ntext = "New."\n'
    )
    assert len(bank.core) == 9
    assert {item.id for item in bank.core} >= {"sites@1", "trust@2"} and "trust@1" not in {
        item.id for item in bank.items
    }
    assert [item.key for item in bank.waves[-1]] == ["steering"] and bank.waves[:-1] == load_builtin().waves


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name = ", "not valid TOML"),
        (OWN + 'colour = "red"\n', "item 'sites' has the unknown key 'colour'"),
        (OWN.replace("version = 1", "version = 0"), "item 'sites'"),
        (OWN.replace("Sites get one answer from both of us.", "x" * 201), "1 to 200 characters, not 201"),
        (OWN.replace('"sites"\nversion', '"Si tes"\nversion'), "key = 'Si tes' must be small letters"),
        (OWN + 'kind = "joke"\n', "kind = 'joke' is none of core"),
        (OWN + 'kind = "mirror"\n', 'no item of kind = "core"'),
        ('waves = [["sites"]]\n' + OWN, "waves names 'sites'"),
        (
            "extends = true\n" + OWN.replace("sites", "trust"),
            "item 'trust' differs from its version 1: set version = 2",
        ),
        (OWN + OWN.split("version = 3")[1], "item 'sites' is there twice"),
    ],
)
def test_a_bank_that_cannot_be_used_is_refused_with_what_to_change(text: str, complaint: str) -> None:
    with pytest.raises(BankError) as refused:
        parse_bank(text)
    assert complaint in str(refused.value)


WEIGHTED = (
    OWN
    + """
[[weights]]
from_round = 4
sites = 3
"""
)


def test_weights_hold_from_their_round_on() -> None:
    bank = parse_bank("extends = true\n" + WEIGHTED)
    assert set(bank.weights_at(3).values()) == {1.0}
    assert bank.weights_at(4) == {**bank.weights_at(3), "sites": 3}
    assert list(bank.weights_at(9)) == [item.dimension for item in bank.core]


@pytest.mark.parametrize(
    ("weights", "complaint"),
    [
        ("from_round = -1", "from_round = a whole number from 0"),
        ("sites = 2", "from_round = a whole number from 0"),
        ("from_round = 0\nsites = 0", "sites must be above 0 and at most 10"),
        ("from_round = 0\nsites = true", "sites must be above 0"),
        ("from_round = 0\nweather = 2", "weights from round 0 has the unknown key 'weather'"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weights: str, complaint: str) -> None:
    with pytest.raises(BankError) as refused:
        parse_bank(f"{OWN}[[weights]]\n{weights}\n")
    assert complaint in str(refused.value)


def test_weights_are_never_applied_backwards() -> None:
    before, after = parse_bank(OWN), parse_bank(WEIGHTED)
    assert find_reweighting(before, after, last=3) is None and find_reweighting(before, after, last=4) == 4
    assert find_reweighting(after, before, last=3) is None and find_reweighting(after, before, last=9) == 4
    assert find_reweighting(after, after, last=99) is None


def test_a_question_that_was_asked_keeps_its_form_under_its_version() -> None:
    asked = parse_bank(OWN).items
    reworded = parse_bank(OWN.replace("one answer", "the same answer"))
    assert find_rewording(asked, reworded) == reworded.core[0]
    assert find_rewording(asked, parse_bank(OWN + "reverse = true\n"))
    assert find_rewording(asked, parse_bank(OWN.replace("version = 1", "version = 2"))) is None
    assert find_rewording((), reworded) is None and find_rewording(asked, parse_bank(OWN)) is None
