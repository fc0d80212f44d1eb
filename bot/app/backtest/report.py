"""Print a backtest: one line for each week, one for each alarm."""

from collections.abc import Mapping
from typing import Any

from bot.closing.replay import Lived
from bot.model.alliance import Side
from bot.model.closing import Alarm, Cell, Release
from bot.privacy.bands import write_band
from bot.privacy.pairing import find_visible
from bot.privacy.published import NOT_ENOUGH
from bot.scoring.scores import AllianceScore, Estimate
from bot.scoring.window import NOT_ENOUGH as NO_ALLIANCE
from bot.scoring.window import PairedChange, WindowScore, core_dimensions


def week_line(
    alliance: str, week: int, found: WindowScore, changes: Mapping[Side, PairedChange | None], lived: Lived
) -> dict[str, Any]:
    """Return scores on the answers of the window, the same people's changes since the one before, and under "released"
    what the gate let people see.
    """
    dimensions, now = core_dimensions(lived.history), lived.history.now.index
    cells = find_visible(lived.released, now)
    return {
        "alliance": alliance,
        "week": week,
        **_list_alliance(found.alliance),
        "sides": {side.value: _list_side(found.sides[side], changes[side]) for side in Side},
        "dimensions": {d: _list_dimension(found, d) for d in dimensions},
        "released": {
            side.value: {d: _list_cell(cells.get(Cell(side, d)), now) for d in dimensions} for side in Side
        },
    }


def alarm_line(alliance: str, week: int, alarm: Alarm, start_week: int) -> dict[str, Any]:
    return {
        "alliance": alliance,
        "week": week,
        "alarm": alarm.kind,
        "level": alarm.level,
        "start_week": start_week,
        "size": None if alarm.size is None else round(alarm.size, 4),
    }


def write_sentence(line: Mapping[str, Any]) -> str:
    """Write a line for people."""
    where = f"{line['alliance']}, week {line['week']}: "
    if "alarm" in line:
        since, size = f"since week {line['start_week']}", f" ({line['size']:+.2f})"
        return f"{where}{line['level'].upper()} {line['alarm']}, {since}{size}"
    if line["alignment"] is None:
        return f"{where}no alignment: {line['reason']}"
    return (
        f"{where}alignment {line['alignment']:.0f} ({line['lo']:.0f}–{line['hi']:.0f}), "
        f"level {line['level']:.0f}, agreement {line['agreement']:.0f}"
    )


def _list_alliance(score: AllianceScore | None) -> dict[str, Any]:
    if score is None:
        return dict.fromkeys(("alignment", "lo", "hi", "level", "agreement")) | {"reason": NO_ALLIANCE}
    low, high = score.interval
    numbers = {"alignment": score.alignment, "lo": low, "hi": high, "level": score.level}
    return _round_numbers({**numbers, "agreement": score.agreement})


def _list_estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    low, high = estimate.interval
    return _round_numbers({"n": estimate.n, "mean": estimate.mean, "se": estimate.se, "lo": low, "hi": high})


def _list_side(estimate: Estimate | None, since: PairedChange | None) -> dict[str, Any] | None:
    numbers = _list_estimate(estimate)
    return numbers and {**numbers, "change": since and _list_change(since)}


def _list_change(paired: PairedChange) -> dict[str, Any]:
    """Return the same people's change over four rounds with its 90 % interval; the rest is composition."""
    low, high = paired.interval
    numbers = {"paired": paired.estimate.mean, "lo": low, "hi": high, "composition": paired.composition}
    return {"n": paired.estimate.n, **_round_numbers(numbers), "verdict": paired.verdict}


def _list_dimension(found: WindowScore, dimension: str) -> dict[str, Any]:
    sides = {side.value: _list_estimate(found.dimensions[side].get(dimension)) for side in Side}
    if not found.alliance or dimension not in found.alliance.shared:
        return {**sides, "gap": None}
    shared = found.alliance.shared[dimension]
    low, high = shared.gap.interval
    gap = {"gap": shared.gap.value, "gap_lo": low, "gap_hi": high, "alignment": shared.alignment}
    return {**sides, **_round_numbers(gap)}


def _list_cell(release: Release | None, now: int) -> dict[str, Any]:
    if release is None:
        return {"state": "hidden", "value": None, "reason": NOT_ENOUGH}
    shown = {"value": round(release.value, 4), "people": write_band(release.band)}
    if release.round == now:
        return {"state": "fresh", **shown}
    return {"state": "held", **shown, "reason": f"no new number for {now - release.round} rounds"}


def _round_numbers(numbers: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 4) for key, value in numbers.items()}
