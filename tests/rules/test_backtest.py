"""`pulse backtest` and `pulse simulate` as a lead meets them: tables in, lines out, clear refusals."""

import io
import json
import random
from pathlib import Path
from typing import Any

import pytest

from bot.app.backtest import backtest, simulate
from bot.app.backtest import csv_tables as tables
from bot.app.backtest.generate import Change
from bot.model.alliance import Side

DATA = Path(__file__).parent / "data"
GOLDEN = DATA / "golden_alert"


def lines(responses: Path, posts: Path | None = None, roster: Path | None = None) -> list[dict[str, Any]]:
    out = io.StringIO()
    backtest.run_backtest(responses, posts, roster, out, as_json=True, progress=False)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def golden_lines() -> list[dict[str, Any]]:
    return lines(GOLDEN / "responses.csv", GOLDEN / "posts.csv", GOLDEN / "roster.csv")


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_golden_histories_give_their_alarms() -> None:
    pipeline = json.loads((DATA / "golden_robust.json").read_text())
    found = golden_lines()
    for name, golden in pipeline.items():
        alarms = [line for line in found if line["alliance"] == name and "alarm" in line]
        alerts = {(a["week"], a["alarm"], a["start_week"]) for a in alarms if a["level"] == "alert"}
        assert alerts == {tuple(row[:3]) for row in golden["alerts"] if row[2] != ""}
        sizes = {(a["week"], a["alarm"]): a["size"] for a in alarms if a["level"] == "alert"}
        for week, kind, _, size in (row for row in golden["alerts"] if row[2] != ""):
            assert sizes[week, kind] == pytest.approx(size, abs=0.0051)
        notices = {(a["week"], a["alarm"]) for a in alarms if a["alarm"].startswith("dim:")}
        assert notices == {tuple(row[:2]) for row in golden["alerts"] if row[1].startswith("dim:")}
        watched = {a["week"] for a in alarms if a["level"] == "watch" and not a["alarm"].startswith("dim:")}
        assert watched == {row[0] for row in golden["alerts"] if row[1] == "watch"}


def test_a_line_a_week_with_scores_and_what_was_released() -> None:
    weeks = [line for line in golden_lines() if "alarm" not in line and line["alliance"] == "A000"]
    assert [line["week"] for line in weeks] == list(range(60))
    first, later = weeks[0], weeks[12]
    assert set(later) == {
        "alliance",
        "week",
        "alignment",
        "lo",
        "hi",
        "level",
        "agreement",
        "sides",
        "dimensions",
        "released",
    }
    assert later["lo"] <= later["alignment"] <= later["hi"]
    assert later["alignment"] <= later["level"] and later["agreement"] <= 100
    assert first["released"]["sponsor"]["communication"]["state"] == "fresh"
    assert first["released"]["sponsor"]["trust"] == {
        "state": "hidden",
        "value": None,
        "reason": "not enough answers",
    }
    held = [cell for cell in later["released"]["cro"].values() if cell["state"] == "held"]
    assert held and all(cell["reason"].startswith("no new number") for cell in held)


def test_a_side_has_the_same_peoples_change_over_four_rounds_and_what_is_composition() -> None:
    weeks = [line for line in golden_lines() if "alarm" not in line and line["alliance"] == "A000"]
    assert [line["sides"]["cro"]["change"] for line in weeks[:4]] == [None] * 4
    dropped = weeks[41]["sides"]["cro"]["change"]
    assert dropped["verdict"] == "down" and dropped["lo"] < dropped["paired"] < dropped["hi"] < 0
    assert isinstance(dropped["composition"], float) and dropped["n"] <= weeks[41]["sides"]["cro"]["n"]


def test_a_higher_threshold_can_be_tried() -> None:
    def fresh(minimum: int) -> int:
        out = io.StringIO()
        files = (GOLDEN / name for name in ("responses.csv", "posts.csv", "roster.csv"))
        backtest.run_backtest(*files, out, as_json=True, minimum=minimum, progress=False)
        return out.getvalue().count('"state": "fresh"')

    assert 0 < fresh(9) < fresh(5)


def test_rows_in_any_order_say_the_same(tmp_path: Path) -> None:
    header, *rows = (GOLDEN / "responses.csv").read_text().splitlines()
    random.Random(1).shuffle(rows)
    shuffled = written(tmp_path, "shuffled.csv", "\n".join([header, *rows]))
    assert lines(shuffled, GOLDEN / "posts.csv", GOLDEN / "roster.csv") == golden_lines()


def test_a_history_of_the_banks_items_needs_no_posts_and_no_roster(tmp_path: Path) -> None:
    drop = Change(20, Side.CRO, shift=-1.2)
    simulate.simulate_tables(tmp_path, 1, 40, seed=3, changes=[drop], progress=False)
    found = lines(tmp_path / "responses.csv")
    assert len([line for line in found if "alarm" not in line]) == 40
    alerts = [line for line in found if line.get("level") == "alert"]
    assert "cro" in {line["alarm"] for line in alerts if 20 <= line["week"] <= 24}


def test_for_people_the_lines_are_sentences(tmp_path: Path) -> None:
    out = io.StringIO()
    backtest.run_backtest(
        GOLDEN / "responses.csv", GOLDEN / "posts.csv", None, out, as_json=False, progress=False
    )
    assert "A000, week 39: ALERT cro, since week 38 (-1.10)" in out.getvalue().splitlines()


def test_the_same_seed_makes_the_same_tables(tmp_path: Path) -> None:
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        simulate.simulate_tables(tmp_path / folder, 2, 10, seed, progress=False)
    text = {name: (tmp_path / name / "responses.csv").read_text() for name in "abc"}
    assert text["a"] == text["b"] != text["c"]


GOOD = "alliance,side,person,week,item,value\nA,sponsor,p,0,vision,4\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("alliance,side,person,week,item\n", "line 1, column value: there is no such column"),
        (GOOD + "A,sponsor,p,1,vision,6\n", "line 3, column value: '6' is not 1 to 5"),
        (GOOD + "A,sponsor,p,1,vision,4.0\n", "line 3, column value: '4.0'"),
        (GOOD + "A,both,p,1,vision,4\n", "line 3, column side: 'both' is neither sponsor nor cro"),
        (GOOD + "A,cro,p,-1,vision,4\n", "line 3, column week: '-1' is not a whole number"),
        (GOOD + "A,cro,p,1000000,vision,4\n", "line 3, column week: '1000000' is not a whole number"),
        (GOOD + "A,cro,p,1,weather,4\n", "line 3, column item: 'weather' is not in the bank; give --posts"),
        (GOOD + "A,cro,,1,vision,4\n", "line 3, column person: is empty"),
        (GOOD + ",cro,p,1,vision,4\n", "line 3, column alliance: is empty"),
        (GOOD + "A,cro,p,1\n", "line 3, column item: the row ends before it"),
        ("alliance,side,person,week,item,value\n", "there are no answers in it"),
    ],
)
def test_a_bad_table_is_refused_by_file_line_and_column(tmp_path: Path, text: str, complaint: str) -> None:
    path = written(tmp_path, "responses.csv", text)
    with pytest.raises(tables.TableError) as refused:
        lines(path)
    assert str(path) in str(refused.value) and complaint in str(refused.value)


def test_posts_are_checked_too(tmp_path: Path) -> None:
    responses = written(tmp_path, "responses.csv", GOOD)
    posts = written(
        tmp_path, "posts.csv", "alliance,week,item,dimension,reverse,holiday\nA,0,trust,trust,2,0\n"
    )
    with pytest.raises(tables.TableError, match=r"posts.csv, line 2, column reverse: '2' is neither 0 nor 1"):
        lines(responses, posts)
    posts.write_text("alliance,week,item,dimension,reverse,holiday\nA,0,trust,trust,0,0\n")
    with pytest.raises(tables.TableError, match="'vision' was not asked in week 0"):
        lines(responses, posts)
    with pytest.raises(tables.TableError, match="No such file"):
        lines(tmp_path / "nothing.csv")
