"""The golden examples of scores, agreement and paired change, as the document lists them."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.model.alliance import Side
from bot.scoring.agreement import measure_agreement
from bot.scoring.scores import AllianceScore, Estimate, Gap
from bot.scoring.window import (
    NOT_ENOUGH,
    WindowScore,
    core_dimensions,
    measure_change,
    person_values,
)
from tests.rules.records import golden_history, score_window

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "golden.json").read_text())
ITEMS = CASES["_items"]
SCORES = [name for name in CASES if name.startswith("G")]
TRENDS = [name for name in CASES if name.startswith("T")]


def close_to(value: Any) -> Any:
    return pytest.approx(value, abs=1e-4)


def as_written(one: Estimate | None) -> dict[str, float] | None:
    if one is None:
        return None
    low, high = one.interval
    return {"n": one.n, "mean": one.mean, "se": one.se, "df": one.df, "lo": low, "hi": high}


def gap_as_written(gap: Gap, prefix: str) -> dict[str, float]:
    low, high = gap.interval
    return {prefix: gap.value, f"{prefix}_lo": low, f"{prefix}_hi": high}


def dimension_as_written(found: WindowScore, dimension: str) -> dict[str, Any]:
    written: dict[str, Any] = {
        side: as_written(found.dimensions[Side(side)].get(dimension)) for side in ("sponsor", "cro")
    }
    if found.alliance and dimension in found.alliance.shared:
        shared = found.alliance.shared[dimension]
        written |= gap_as_written(shared.gap, "gap") | {"gap_se": shared.gap.se}
        written |= {"level": shared.level, "alignment": shared.alignment}
    return written


def alliance_as_written(whole: AllianceScore | None) -> dict[str, Any]:
    if whole is None:
        return {"alignment": None, "reason": NOT_ENOUGH}
    low, high = whole.interval
    return {
        "alignment": whole.alignment,
        "se": whole.se,
        "lo": low,
        "hi": high,
        "level": whole.level,
        "agreement": whole.agreement,
        "credible": whole.credible,
        "mean_abs_gap": whole.mean_gap,
        **gap_as_written(whole.gap, "overall_gap"),
    }


@pytest.mark.parametrize("name", SCORES)
def test_scores_are_those_of_the_golden_example(name: str) -> None:
    case = CASES[name]
    past = golden_history(case["answers"], ITEMS, case["now"])
    found = score_window(past, case["args"].get("minimum", 1), case["args"].get("weights"))
    expected = dict(case["expect"])
    for dimension, cell in expected.pop("dimensions").items():
        written = dimension_as_written(found, dimension)
        for key, value in cell.items():
            assert written[key] == close_to(value), (dimension, key)
    for side, value in expected.pop("sides").items():
        assert as_written(found.sides[Side(side)]) == close_to(value)
    used = expected.pop("used", [])
    assert alliance_as_written(found.alliance) == close_to(expected)
    assert sorted(found.alliance.shared if found.alliance else []) == used


@pytest.mark.parametrize("case", CASES["R1_rwg"])
def test_agreement_within_a_side(case: dict[str, Any]) -> None:
    assert measure_agreement(case["values"]) == close_to(case["expect"])


@pytest.mark.parametrize("name", TRENDS)
def test_paired_change(name: str) -> None:
    case = CASES[name]
    windows = golden_history([*case["then"], *case["now"]], ITEMS, 10)
    then = golden_history([*case["then"], *[[*row[:2], 0, *row[3:]] for row in case["now"]]], ITEMS, 4)
    dimensions = core_dimensions(windows)
    found = measure_change(
        person_values(then, Side.SPONSOR, dimensions), person_values(windows, Side.SPONSOR, dimensions)
    )
    assert found is not None
    low, high = found.interval
    written = {"n": found.estimate.n, "change": found.estimate.mean, "se": found.estimate.se}
    assert {**written, "lo": low, "hi": high, "verdict": found.verdict} == close_to(case["expect"])
    if "composition" in case:
        assert found.composition == close_to(case["composition"])
        assert found.composition + found.estimate.mean == close_to(case["cross_section_change"])
