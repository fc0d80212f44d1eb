"""Slack's documented limits on Block Kit as a checker that refuses what Slack refuses.

Written from https://docs.slack.dev/reference/block-kit/blocks and independent of the renderer under test. Lengths are
counted in UTF-16 units, the strictest reading. A block or key that is not listed here is an error.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]

MOST = {"message": 50, "modal": 100, "home": 100}


def problems(blocks: object, surface: str = "message") -> list[str]:
    """Why Slack would answer `invalid_blocks`; empty if it would not."""
    if not isinstance(blocks, list):
        return ["blocks: not a list"]
    found = [f"blocks: {len(blocks)} of at most {MOST[surface]}"] if len(blocks) > MOST[surface] else []
    for place, block in enumerate(blocks):
        found += [f"blocks[{place}].{problem}" for problem in _block(block, surface)]
    found += [f"{key} used twice" for key in _doubles(blocks)]
    charts = sum(part.get("type") == "data_visualization" for part in blocks if isinstance(part, dict))
    return [*found, *(["more than 2 charts"] if charts > 2 else [])]


def view_problems(view: object) -> list[str]:
    """Why Slack would refuse a modal or a home tab."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["view: neither modal nor home"]
    allowed = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
    if view["type"] == "modal":
        allowed |= {"title", "close", "submit", "clear_on_close", "notify_on_close", "submit_disabled"}
    found = [f"view.{key}: unknown" for key in view.keys() - allowed]
    for key in ("title", "close", "submit"):
        found += _text(view[key], 24, f"view.{key}", plain=True) if key in view else []
    if view["type"] == "modal" and "title" not in view:
        found.append("view.title: missing")
    has_input = any(isinstance(part, dict) and part.get("type") == "input" for part in view.get("blocks", ()))
    if has_input and "submit" not in view:
        found.append("view.submit: missing beside an input")
    found += _length(view.get("private_metadata", ""), 3000, "view.private_metadata", least=0)
    found += _length(view.get("callback_id", ""), 255, "view.callback_id", least=0)
    return found + problems(view.get("blocks"), str(view["type"]))


def _doubles(blocks: list[Any]) -> Iterator[str]:
    block_ids = Counter(part.get("block_id") for part in blocks if isinstance(part, dict))
    action_ids = Counter(
        element["action_id"] for block in blocks for element in elements(block) if "action_id" in element
    )
    yield from (f"block_id {id}" for id, count in block_ids.items() if id and count > 1)
    yield from (f"action_id {id}" for id, count in action_ids.items() if count > 1)


def elements(block: object) -> list[Json]:
    """The interactive elements of a block."""
    if not isinstance(block, dict):
        return []
    match block.get("type"):
        case "actions":
            return [element for element in block.get("elements", ()) if isinstance(element, dict)]
        case "section" if isinstance(block.get("accessory"), dict):
            return [block["accessory"]]
        case "input" if isinstance(block.get("element"), dict):
            return [block["element"]]
    return []


def _block(block: object, surface: str) -> list[str]:
    if not isinstance(block, dict) or block.get("type") not in _BLOCKS:
        return [f"type: unknown {block.get('type') if isinstance(block, dict) else block!r}"]
    keys, check = _BLOCKS[block["type"]]
    found = [f"{key}: unknown" for key in block.keys() - keys - {"type", "block_id"}]
    found += _length(block["block_id"], 255, "block_id") if "block_id" in block else []
    return found + check(block, surface)


def _section(block: Json, surface: str) -> list[str]:
    if "text" not in block and not block.get("fields"):
        return ["neither text nor fields"]
    found = _text(block["text"], 3000, "text") if "text" in block else []
    fields = block.get("fields", [])
    found += [f"fields: {len(fields)} of at most 10"] if len(fields) > 10 else []
    return found + [problem for field in fields for problem in _text(field, 2000, "fields")]


def _header(block: Json, surface: str) -> list[str]:
    return _text(block.get("text"), 150, "text", plain=True)


def _context(block: Json, surface: str) -> list[str]:
    items = block.get("elements", [])
    found = [] if 1 <= len(items) <= 10 else [f"elements: {len(items)} of 1 to 10"]
    return found + [problem for question in items for problem in _text(question, 3000, "elements")]


def _actions(block: Json, surface: str) -> list[str]:
    items = block.get("elements", [])
    found = [] if 1 <= len(items) <= 25 else [f"elements: {len(items)} of 1 to 25"]
    return found + [problem for question in items for problem in _button(question)]


def _button(item: Json) -> list[str]:
    if item.get("type") != "button":
        return [f"elements: {item.get('type')} is not a button"]
    allowed = {"type", "action_id", "text", "value", "style", "url", "confirm", "accessibility_label"}
    found = [f"button.{key}: unknown" for key in item.keys() - allowed]
    found += _text(item.get("text"), 75, "button.text", plain=True)
    found += _length(item.get("action_id"), 255, "button.action_id")
    found += _length(item["value"], 2000, "button.value") if "value" in item else []
    if "accessibility_label" in item:
        found += _length(item["accessibility_label"], 75, "button.accessibility_label")
    if item.get("style", "primary") not in ("primary", "danger"):
        found.append(f"button.style: {item['style']}")
    return found


def _input(block: Json, surface: str) -> list[str]:
    if surface == "message":
        return ["input: not in this bot's messages"]
    found = _text(block.get("label"), 2000, "label", plain=True)
    found += _text(block["hint"], 2000, "hint", plain=True) if "hint" in block else []
    element = block.get("element") or {}
    found += _length(element.get("action_id"), 255, "element.action_id")
    match element.get("type"):
        case "plain_text_input":
            extra = element.keys() - {
                *(
                    "type",
                    "action_id",
                    "multiline",
                    "max_length",
                    "min_length",
                    "initial_value",
                    "placeholder",
                ),
            }
            if not 1 <= element.get("max_length", 3000) <= 3000:
                found.append("element.max_length: not in 1 to 3000")
        case "checkboxes":
            extra = element.keys() - {"type", "action_id", "options", "initial_options"}
            found += _check_options(element.get("options", []))
        case other:
            return [*found, f"element: unknown {other}"]
    return [*found, *(f"element.{key}: unknown" for key in extra)]


def _check_options(options: list[Json]) -> list[str]:
    found = [] if 1 <= len(options) <= 10 else ["options: not 1 to 10"]
    for option in options:
        found += _text(option.get("text"), 75, "option.text") + _length(
            option.get("value"), 150, "option.value"
        )
    return found


_PARTS = {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}


def _rich(block: Json, surface: str) -> list[str]:
    found: list[str] = [] if block.get("elements") else ["elements: empty"]
    for part in block.get("elements", []):
        if part.get("type") not in _PARTS or part.keys() - {"type", "elements", "border"}:
            found.append(f"rich text: unknown {part}")
            continue
        for element in part["elements"]:
            if element.get("type") != "text" or element.keys() - {"type", "text", "style"}:
                found.append(f"rich text: unknown {element}")
            else:
                found += _length(element.get("text"), 3000, "rich text")
    return found


def _chart(block: Json, surface: str) -> list[str]:
    """https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block"""
    if surface != "message":
        return ["data_visualization: only in messages"]
    chart = block.get("chart") or {}
    found = _length(block.get("title"), 50, "title")
    if chart.get("type") not in ("line", "bar", "area") or chart.keys() - {"type", "series", "axis_config"}:
        return [*found, "chart: unknown type or key"]
    axis = chart.get("axis_config") or {}
    categories = axis.get("categories", [])
    found += [] if 1 <= len(categories) <= 20 else ["categories: not 1 to 20"]
    found += [problem for category in categories for problem in _length(category, 20, "categories")]
    found += ["categories: not unique"] if len(set(categories)) < len(categories) else []
    found += [f"axis_config.{key}: unknown" for key in axis.keys() - {"categories", "x_label", "y_label"}]
    found += [] if 1 <= len(chart.get("series", [])) <= 6 else ["series: not 1 to 6"]
    for line in chart.get("series", []):
        found += _length(line.get("name"), 20, "series.name")
        points = line.get("data", [])
        if [point.get("label") for point in points] != categories:
            found.append("series.data: not one point for every category")
        if not all(type(point.get("value")) in (int, float) for point in points):
            found.append("series.data: not a number")
    return found


_BLOCKS: dict[str, tuple[set[str], Callable[[Json, str], list[str]]]] = {
    "section": ({"text", "fields", "accessory", "expand"}, _section),
    "header": ({"text"}, _header),
    "context": ({"elements"}, _context),
    "actions": ({"elements"}, _actions),
    "divider": (set(), lambda _block, _surface: []),
    "input": ({"label", "hint", "element", "optional", "dispatch_action"}, _input),
    "rich_text": ({"elements"}, _rich),
    "data_visualization": ({"title", "chart"}, _chart),
}


def _text(text: object, most: int, where: str, plain: bool = False) -> list[str]:
    if not isinstance(text, dict) or text.get("type") not in ("plain_text", "mrkdwn"):
        return [f"{where}: not a text object"]
    if plain and text["type"] != "plain_text":
        return [f"{where}: must be plain_text"]
    allowed = {"type", "text", "emoji"} if text["type"] == "plain_text" else {"type", "text", "verbatim"}
    found = [f"{where}.{key}: unknown" for key in text.keys() - allowed]
    return found + _length(text.get("text"), most, where)


def _length(text: object, most: int, where: str, least: int = 1) -> list[str]:
    if not isinstance(text, str):
        return [f"{where}: missing"]
    try:
        units = len(text.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        return [f"{where}: not valid Unicode"]
    if "\x00" in text or (least and not text.strip()):
        return [f"{where}: empty, blank or with NUL"]
    return [] if least <= units <= most else [f"{where}: {units} characters of {least} to {most}"]
