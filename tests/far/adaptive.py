"""Check whether Teams accepts a card, and find the words and buttons that a person sees in it.

The schema is Microsoft's for 1.5; Teams' own extensions (charts, `msteams`) are removed before the check.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft6Validator

Json = dict[str, Any]

LARGEST = 100_000
"""Bytes of a card as UTF-16 at most; Teams answers 413 for a larger one."""
_SHOWN_AT_ONCE = 6
_MARKUP = re.compile(r"[*_\[\]`~<>\\#|{}@\n]|&\w|&#|://|\w\.\w{2}|^([-+]|\d+[.)]) |\A\s|\s\Z", re.MULTILINE)
"""What Teams may read as more than words in a TextBlock."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
"""An x of this form on every point makes an axis of time."""


@lru_cache
def _load_schema() -> Draft6Validator:
    text = (Path(__file__).parent / "data" / "adaptive-card-1.5.json").read_text()
    return Draft6Validator(json.loads(text))


def problems(card: Any) -> list[str]:
    """Return the reasons why Teams would refuse the card or show it wrongly; empty for a good card."""
    if not isinstance(card, dict):
        return ["not an object"]
    plain = strip_extensions(card)
    found = [
        f"{list(error.absolute_path)}: {error.message[:200]}" for error in _load_schema().iter_errors(plain)
    ]
    return found + [why for element in elements(card) for why in _check_element(element)] + _check_ids(card)


def size(card: Json) -> int:
    return 2 * len(json.dumps(card, ensure_ascii=False))


def strip_extensions(value: Any) -> Any:
    """Return the card for a client without Teams' extensions: charts are replaced by their fallback."""
    if isinstance(value, list):
        return [strip_extensions(item) for item in value]
    if not isinstance(value, dict):
        return value
    if str(value.get("type", "")).startswith("Chart."):
        return strip_extensions(value.get("fallback", {"type": "missing fallback"}))
    return {key: strip_extensions(item) for key, item in value.items() if key != "msteams"}


def elements(value: Any) -> Iterator[Json]:
    """Yield every element and action in reading order, without fallbacks."""
    if isinstance(value, list):
        for item in value:
            yield from elements(item)
    elif isinstance(value, dict):
        if "type" in value:
            yield value
        for key, item in value.items():
            if key not in ("fallback", "data"):
                yield from elements(item)


def words(card: Json) -> str:
    """Return the words that a person reads in the card, one line for each element."""
    lines = []
    for element in elements(card.get("body", [])):
        match element:
            case {"type": "RichTextBlock", "inlines": runs}:
                lines.append("".join(run["text"] for run in runs))
            case {"type": "TextBlock", "text": text} | {"type": "Input.Text" | "Input.Toggle", "label": text}:
                lines.append(text)
            case {"type": str(kind), "title": title} if kind.startswith("Chart."):
                lines.append(title)
    return "\n".join(lines).replace("\u2060", "")


def buttons(card: Json) -> list[Json]:
    return [element for element in elements(card) if str(element["type"]).startswith("Action.")]


def labels(card: Json) -> list[str]:
    return [button["title"] for button in buttons(card)]


def inputs(card: Json) -> list[Json]:
    return [element for element in elements(card) if str(element["type"]).startswith("Input.")]


def _check_element(element: Json) -> list[str]:
    match element:
        case {"type": "TextBlock", "style": "heading", "wrap": True, "text": str(text)} if text:
            return ["a heading that Teams reads as markup"] if _MARKUP.search(text) else []
        case {"type": "TextBlock" | "FactSet"}:
            return ["text that Teams reads as markdown"]
        case {"type": "TextRun", "text": text} if "{{" in text or not text:
            return ["text that Teams would expand, or no text"]
        case {"type": str(kind)} if kind.startswith("Input.") and not element.get("label"):
            return [f"{kind} without a label"]
        case {"type": "Input.Text", "isRequired": True} if not element.get("errorMessage"):
            return ["a required input without an error message"]
        case {"type": "ActionSet", "actions": actions} if len(actions) > _SHOWN_AT_ONCE:
            return ["more buttons than Teams shows at once"]
        case {"type": "Action.Execute"}:
            return _check_button(element)
        case {"type": str(kind)} if kind.startswith("Chart."):
            return _check_chart(element)
    return []


def _check_chart(chart: Json) -> list[str]:
    """Teams takes a chart that nobody can read, as well: without its scale, its title, or room for its labels.

    https://adaptivecards.microsoft.com/?topic=Chart.Line
    """
    found = [] if chart.get("data") else ["a chart without data"]
    if (chart.get("yMin"), chart.get("yMax")) != (0, 100):
        found.append("an axis that ends at the data")
    if not chart.get("showTitle") or not chart.get("title"):
        found.append("a chart whose title is not shown")
    places = {point["x"] for line in chart.get("data", ()) for point in line["values"]}
    if len(places) >= 12 and not all(_DAY.fullmatch(str(place)) for place in places):
        found.append("labels over each other")
    return found


def _check_button(button: Json) -> list[str]:
    older = button.get("fallback", {})
    found = [] if older.get("type") == "Action.Submit" else ["a button without its fallback"]
    if older.get("data") != button.get("data") or older.get("title") != button.get("title"):
        found.append("a fallback with another meaning")
    if not button.get("title") or "{{" in f"{button['title']} {button.get('tooltip', '')}":
        found.append("a button without a title, or with one that Teams would expand")
    return found


def _check_ids(card: Json) -> list[str]:
    counted = Counter(element["id"] for element in elements(card) if "id" in element)
    return [f"id used twice: {element_id}" for element_id, times in counted.items() if times > 1]
