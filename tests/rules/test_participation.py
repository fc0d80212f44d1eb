"""Fewer answers than usual, a silent side, misjudged partners, and the mood line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.alarms.blind_spot import judge_blind_spots
from bot.alarms.mood_trend import average_side, judge_mood
from bot.alarms.state import State
from bot.app.backtest.generate import Change, World
from bot.closing.replay import replay_rounds
from bot.model.alliance import Reading, Side
from bot.model.closing import Alarm, Asked, Cell, MoodLine, Release
from tests.rules.histories import simulated
from tests.rules.records import asked, item

STEADY = World(people=(15, 15), leaving=0.0)


def alarms(*changes: Change, weeks: int = 44, seed: int = 11) -> list[Alarm]:
    past = simulated(STEADY, seed, weeks, *changes)
    return [
        alarm for lived in replay_rounds(past) for alarm in lived.outcome.alarms if alarm.level == "alert"
    ]


def test_a_side_that_answers_half_as_often_is_noticed_within_a_few_rounds() -> None:
    found = [
        alarm for alarm in alarms(Change(32, Side.SPONSOR, response=0.4)) if alarm.kind == "part_sponsor"
    ]
    assert found and 32 <= found[0].round <= 36
    assert found[0].size is not None and -0.9 < found[0].size < -0.3


def test_a_silent_side_is_reported_once_and_again_after_it_spoke() -> None:
    silence = [Change(34, Side.CRO, response=0.0, last=36), Change(38, Side.CRO, response=0.0, last=40)]
    assert [alarm.round for alarm in alarms(*silence) if alarm.kind == "silent_cro"] == [34, 38]


def test_silence_in_holiday_rounds_is_no_news() -> None:
    """Weeks 30 and 31 are holidays."""
    quiet = Change(30, Side.CRO, response=0.0, last=31)
    assert not [alarm for alarm in alarms(quiet) if alarm.kind.endswith("cro")]


def test_silence_is_reported_while_everything_else_is_still_learning() -> None:
    found = alarms(Change(6, Side.CRO, response=0.0, last=7), weeks=9)
    assert [(notice.kind, notice.round) for notice in found] == [("silent_cro", 6)]


def test_nothing_is_said_of_how_four_people_answer() -> None:
    few = replace(STEADY, people=(4, 15), response=0.95, response_sd=0.0)
    for response in (0.2, 0.0):
        past = simulated(few, 3, 44, Change(32, Side.SPONSOR, response=response))
        kinds = {alarm.kind for lived in replay_rounds(past) for alarm in lived.outcome.alarms}
        assert not kinds & {"part_sponsor", "silent_sponsor"}


def test_a_pooled_alliance_hears_of_its_level_and_of_no_side() -> None:
    past = simulated(STEADY, 3, 44, Change(32, Side.CRO, shift=-2.0))
    apart = {
        alarm.kind
        for lived in replay_rounds(past)
        for alarm in lived.outcome.alarms
        if alarm.level == "alert"
    }
    pooled = [alarm for lived in replay_rounds(past, pooled=True) for alarm in lived.outcome.alarms]
    assert "cro" in apart and {alarm.kind for alarm in pooled if alarm.level == "alert"} == {"level"}
    assert not any(alarm.dimensions for alarm in pooled)


# Blind spots

OVERALL, GUESS = item("overall", kind="overall"), item("prediction", kind="prediction")


def wave(
    state: State, round: int, guess: float, answer: float, band: int = 20
) -> tuple[State, tuple[Alarm, ...]]:
    """The CRO guesses what the sponsor answers."""
    now = asked(round, [OVERALL, GUESS])
    cells = {Cell(Side.CRO, "prediction"): guess, Cell(Side.SPONSOR, "overall"): answer}
    fresh = [Release(cell, round, now.slot, value, band) for cell, value in cells.items()]  # type: ignore[arg-type]
    return judge_blind_spots(state, now, fresh)


def test_a_blind_spot_takes_two_waves_running() -> None:
    state, first = wave(State(), 3, 85, 40)
    state, second = wave(state, 11, 85, 40)
    state, third = wave(state, 19, 85, 40)
    assert first == ()
    assert [(alarm.kind, alarm.side, alarm.reminder) for alarm in (*second, *third)] == [
        ("blind_spot", Side.CRO, False),
        ("blind_spot", Side.CRO, True),
    ]
    assert second[0].size == pytest.approx(45 / 25)


def test_two_sides_that_misjudge_each_other_are_one_alarm() -> None:
    """The store keeps one of a kind and closing, and leads would read the same words twice."""
    state, told = State(), ()
    for round in (3, 11):
        now = asked(round, [OVERALL, GUESS])
        values = {"prediction": 85, "overall": 40}
        fresh = [
            Release(Cell(side, name), round, now.slot, value, 20)
            for side in Side
            for name, value in values.items()
        ]
        state, told = judge_blind_spots(state, now, fresh)
    assert [(alarm.kind, alarm.reminder) for alarm in told] == [("blind_spot", False)]


@pytest.mark.parametrize(("guess", "answer", "band"), [(64, 40, 20), (75, 40, 5), (40, 40, 20)])
def test_small_or_uncertain_misjudgements_are_none(guess: float, answer: float, band: int) -> None:
    state, _ = wave(State(), 3, guess, answer, band)
    assert wave(state, 11, guess, answer, band)[1] == ()


def test_a_wave_without_numbers_breaks_the_run() -> None:
    state, _ = wave(State(), 3, 85, 40)
    state, _ = judge_blind_spots(state, asked(11, [OVERALL, GUESS]), ())
    assert wave(state, 19, 85, 40)[1] == ()
    same, _ = judge_blind_spots(state, asked(12, [item("trust")]), ())
    assert same == state


# Mood

NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)


def said(person: str, day: int, polarity: float | None, hour: int = 0, side: Side = Side.CRO) -> Reading:
    return Reading(side, person, NOON + timedelta(days=day, hours=hour), polarity)


def year(polarity: float, last: float, people: int = 6) -> list[Reading]:
    """Two messages a person and week; the mood of the last four weeks is `last`."""
    return [
        said(f"p{person}", 7 * week + day, (last if week >= 26 else polarity) + 0.02 * ((week + person) % 3))
        for week in range(30)
        for day in (-3, -1)
        for person in range(people)
    ]


def line(readings: list[Reading], weeks: int = 30) -> MoodLine:
    """The CRO's line at the last of so many rounds."""
    state, lines, rounds = State(), (), list[Asked]()
    for index in range(weeks):
        rounds.append(asked(index, [item("trust")]))
        state, lines = judge_mood(state, rounds, readings)
    return next(entry for entry in lines if entry.side is Side.CRO)


def test_the_mood_is_told_against_the_sides_own_habit() -> None:
    assert line(year(0.1, -0.6)).word == "tenser"
    assert line(year(0.1, 0.8)).word == "lighter"
    assert line(year(-0.5, -0.5)).word == "as usual"


def test_few_people_or_messages_or_no_habit_say_nothing() -> None:
    assert line(year(0.1, -0.6, people=4)).word is None
    assert line(year(0.1, 0.1), weeks=5).word is None
    assert line([]) == MoodLine(Side.CRO, None, 0, 0, 0.0)


def test_three_messages_a_person_and_day_count_and_people_count_alike() -> None:
    talker = [said("talker", 0, -1.0, hour) for hour in range(6)]
    others = [said(f"p{i}", 0, polarity) for i, polarity in enumerate((-1.0, 0.0, 1.0, 1.0))]
    assert average_side([*talker, *others]) == (pytest.approx(0.0), 5, 7)


def test_the_highest_and_the_lowest_person_do_not_make_a_sides_mood() -> None:
    usual = [said(f"p{i}", 0, 0.1 * i) for i in range(5)]
    assert average_side(usual)[0] == pytest.approx(0.2)
    assert average_side([*usual, said("p0", 1, -1.0), said("p4", 1, 1.0)])[0] == pytest.approx(0.2)
    assert average_side(usual[:2])[0] == pytest.approx(0.05), "of two there is nobody between them"


def test_coverage_is_the_share_that_could_be_judged() -> None:
    readings = [
        replace(reading, polarity=None) if i % 4 == 0 else reading for i, reading in enumerate(year(0.1, 0.1))
    ]
    assert line(readings).coverage == pytest.approx(0.75, abs=0.05)
