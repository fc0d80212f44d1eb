"""What scores and alarms must not depend on: order, names, double delivery, and which side is called which."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.closing.close_round import close_record
from bot.closing.replay import replay_rounds
from bot.model.alliance import Answer, Side
from bot.model.closing import Alarm, Invitation
from bot.scoring.agreement import find_wilson_interval, measure_agreement
from bot.scoring.answer_matrix import History, build_history
from bot.scoring.window import WindowScore
from tests.rules.histories import golden_record
from tests.rules.records import asked, item, record, score_window

ITEMS = [item("a"), item("b"), item("c", reverse=True), item("d", "c")]
ROUNDS = [asked(index, ITEMS) for index in range(4)]
ANSWERS = st.dictionaries(
    st.tuples(
        st.sampled_from(list(Side)),
        st.integers(0, 6),
        st.integers(0, 3),
        st.sampled_from([question.id for question in ITEMS]),
    ),
    st.integers(1, 5),
    min_size=1,
    max_size=60,
).map(
    lambda table: [
        Answer(side, f"{side}{person}", round, key, value)
        for (side, person, round, key), value in table.items()
    ]
)


def scored(answers: list[Answer]) -> WindowScore:
    return score_window(build_history(record(ROUNDS, answers)), 1)


def numbers(score: WindowScore) -> list[float]:
    """Everything that a score says."""
    sides = [side for side in score.sides.values() if side]
    whole = [score.alliance] if score.alliance else []
    return [
        *(number for side in sides for number in (side.n, *side.interval)),
        *(number for score in whole for number in (score.alignment, *score.interval, score.gap.value)),
    ]


@given(ANSWERS, st.randoms())
def test_scores_do_not_depend_on_order_or_double_delivery(answers: list[Answer], chance: object) -> None:
    shuffled = [*answers, *answers[::2]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert repr(scored(shuffled)) == repr(scored(answers))


@given(ANSWERS, st.permutations(range(7)))
def test_scores_do_not_depend_on_names(answers: list[Answer], names: list[int]) -> None:
    renamed = [
        replace(answer, person=f"{answer.side}{names[int(answer.person.removeprefix(answer.side))]}")
        for answer in answers
    ]
    assert numbers(scored(renamed)) == pytest.approx(numbers(scored(answers)), abs=1e-9)


@given(ANSWERS)
def test_swapping_the_sides_turns_the_gap_and_keeps_alignment(answers: list[Answer]) -> None:
    found = scored(answers).alliance
    swapped = scored([replace(answer, side=answer.side.other) for answer in answers]).alliance
    assert (found is None) == (swapped is None)
    if found and swapped:
        assert swapped.alignment == pytest.approx(found.alignment)
        assert swapped.gap.value == pytest.approx(-found.gap.value, abs=1e-9)
        for dimension, dimension_score in found.shared.items():
            assert swapped.shared[dimension].gap.value == pytest.approx(-dimension_score.gap.value, abs=1e-9)


@given(ANSWERS)
def test_alignment_lies_between_the_lower_side_and_the_level(answers: list[Answer]) -> None:
    whole = scored(answers).alliance
    if whole:
        lower, level = whole.level - whole.mean_gap / 2, whole.level
        assert -1e-9 <= lower <= whole.alignment + 1e-9 and whole.alignment <= level + 1e-9 <= 100 + 1e-8
        assert 0 <= whole.credible <= 1 and 0 <= whole.agreement <= 100
        assert sum(dimension_score.alignment for dimension_score in whole.shared.values()) / len(
            whole.shared
        ) == pytest.approx(whole.alignment)


@given(ANSWERS, st.randoms())
def test_closing_does_not_depend_on_the_order_of_the_record(answers: list[Answer], chance: object) -> None:
    roster = tuple(
        {Invitation(answer.side, answer.person, round) for answer in answers for round in range(4)}
    )
    shuffled = list(answers)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one = close_record(record(ROUNDS, answers, roster=roster))
    assert close_record(record(ROUNDS, shuffled, roster=roster[::-1])) == one


@given(st.lists(st.integers(0, 4).map(lambda v: 25.0 * v), min_size=2, max_size=30))
def test_agreement_is_highest_where_all_say_the_same(values: list[float]) -> None:
    found = measure_agreement(values)
    assert found is not None and 0 <= found <= 1
    assert (found == 1) == (len(set(values)) == 1)


@given(st.floats(0, 1), st.integers(1, 500))
def test_the_wilson_interval_holds_the_share(share: float, n: int) -> None:
    low, high = find_wilson_interval(share, n)
    assert 0 <= low <= share + 1e-12 and share - 1e-12 <= high <= 1


def alarms(past: History) -> list[Alarm]:
    return [alarm for lived in replay_rounds(past) for alarm in lived.outcome.alarms]


def rounded(found: list[Alarm]) -> list[tuple[object, ...]]:
    return [
        (
            notice.kind,
            notice.level,
            notice.round,
            notice.start_round,
            round(notice.size or 0, 6),
            notice.dimensions,
            notice.reminder,
        )
        for notice in found
    ]


@cache
def golden_alarms() -> list[tuple[object, ...]]:
    return rounded(alarms(build_history(golden_record("A001"))))


def alarms_under_other_names(seed: int) -> list[tuple[object, ...]]:
    whole = golden_record("A001")
    people = sorted({invitation.person for invitation in whole.roster})
    names: Mapping[str, str] = dict(
        zip(people, (f"x{i}" for i in np.random.default_rng(seed).permutation(len(people))), strict=True)
    )
    renamed = replace(
        whole,
        answers=tuple(replace(answer, person=names[answer.person]) for answer in whole.answers),
        responded=frozenset((names[person], round) for person, round in whole.responded),
        roster=tuple(replace(invitation, person=names[invitation.person]) for invitation in whole.roster),
    )
    return rounded(alarms(build_history(renamed)))


@pytest.mark.parametrize("seed", range(2))
def test_no_alarm_depends_on_who_a_person_is(seed: int) -> None:
    """More of it in tests/slow/test_year.py."""
    assert alarms_under_other_names(seed) == golden_alarms()


def test_swapping_the_sides_swaps_the_alarms() -> None:
    whole = golden_record("A001")
    swapped = replace(
        whole,
        answers=tuple(replace(answer, side=answer.side.other) for answer in whole.answers),
        roster=tuple(replace(invitation, side=invitation.side.other) for invitation in whole.roster),
    )
    other = {"sponsor": "cro", "cro": "sponsor", "part_sponsor": "part_cro", "part_cro": "part_sponsor"}
    expected = {
        (other.get(alarm.kind, alarm.kind), alarm.level, alarm.round)
        for alarm in alarms(build_history(whole))
    }
    assert {(alarm.kind, alarm.level, alarm.round) for alarm in alarms(build_history(swapped))} == expected


@pytest.mark.parametrize("value", [0, 6, -1])
def test_anything_but_one_to_five_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 5"):
        build_history(record(ROUNDS, [Answer(Side.CRO, "p", 0, ITEMS[0].id, value)]))
