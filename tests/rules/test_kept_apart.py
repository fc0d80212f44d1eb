"""What a charter keeps to each side, and what a pooled alliance says of both together."""

from dataclasses import replace

from bot.closing.close_round import close_record
from bot.model.alliance import Side
from bot.model.cards import Trend
from bot.model.closing import Alarm, Cell
from bot.privacy.board import Charter, make_board
from bot.privacy.permissions import may_see
from bot.privacy.published import NOT_SHARED, POOLED
from bot.privacy.release_gate import is_pooled_at
from bot.questions.bank import load_builtin
from bot.wording import score
from tests.rules.boards import CORE, answers, make_release, make_releases, shown_in
from tests.rules.records import asked, record
from tests.rules.surface import ALLIANCE


def test_a_charter_that_hides_the_other_side_hides_all_that_could_be_subtracted_from() -> None:
    found = make_board(make_releases(), 0, load_builtin(), Charter(share_dimensions=False))
    assert found.for_member().alignment.reason == NOT_SHARED
    view = found.for_lead(Side.CRO)
    assert {value.state for value in shown_in(view.own)} == {"fresh"}
    others = [*shown_in(view.headline), view.gap, *(c.sponsor for c in view.comparisons)]
    assert {(other.state, other.reason) for other in others} == {("hidden", NOT_SHARED)}


def test_a_pooled_alliance_has_one_number_and_none_of_a_side() -> None:
    given = [*answers(Side.SPONSOR, CORE[0], [4, 4]), *answers(Side.CRO, CORE[0], [3, 3, 3])]
    closing = close_record(record([asked(0, CORE[:3])], given, pooled=True))
    assert [release.cell for release in closing.releases] == [Cell(None, "vision")]
    found = make_board(closing.releases, 0, load_builtin(), pooled=True)
    assert found.for_member().level.point == 60
    assert found.for_member().alignment.reason == POOLED
    view = found.for_lead(Side.CRO)
    assert {value.state for value in shown_in((view.own, view.gap, view.comparisons))} == {"hidden"}


def test_what_is_pooled_stays_so_for_a_quarter_and_what_is_apart_too() -> None:
    apart, pooled = (
        [make_release(Side.CRO, "trust", 60, round=20)],
        [make_release(None, "trust", 60, round=20)],
    )
    assert not is_pooled_at(True, apart, 32) and is_pooled_at(True, apart, 33)
    assert is_pooled_at(False, pooled, 32) and not is_pooled_at(False, pooled, 33)
    assert is_pooled_at(True, [], 0) and not is_pooled_at(False, [], 0)
    assert (
        not make_board(apart, 32, load_builtin(), pooled=True).pooled
        and make_board(apart, 33, load_builtin(), pooled=True).pooled
    )
    again = [*pooled, make_release(Side.CRO, "trust", 60, round=34)]
    assert not is_pooled_at(True, again, 40)
    given = [answer for side in Side for answer in answers(side, CORE[0], [4] * 6, round=1)]
    rounds = [asked(index, CORE[:3]) for index in range(2)]
    before = (make_release(Side.CRO, "vision", 60, round=0),)
    closing = close_record(record(rounds, given, pooled=True, released=before))
    assert {release.cell.side for release in closing.releases} == set(Side)


def test_where_the_charter_keeps_numbers_apart_no_alarm_speaks_of_both() -> None:
    alarms = [Alarm(kind, "alert", 9, 8, -1.0) for kind in ("level", "gap", "dim:trust", "blind_spot", "cro")]
    apart = replace(ALLIANCE, share_dimensions=False)
    assert [alarm.kind for alarm in alarms if may_see(apart, alarm, Side.CRO)] == ["cro"]
    assert [alarm.kind for alarm in alarms if may_see(apart, alarm, Side.SPONSOR)] == []
    assert len([alarm for alarm in alarms if may_see(ALLIANCE, alarm, Side.SPONSOR)]) == 4


def test_the_chart_of_a_pooled_alliance_is_of_its_level() -> None:
    found = make_board(
        [make_release(None, "trust", 60), make_release(None, "trust", 70, round=8)],
        8,
        load_builtin(),
        pooled=True,
    )
    card = score.write_score_for_member(ALLIANCE, found.for_member(), found.pooled)
    (trend,) = [block for block in card.blocks if isinstance(block, Trend)]
    assert trend.title == "Level over time"
    assert [(line.name, line.values) for line in trend.series] == [("Level", (60, 66))]
