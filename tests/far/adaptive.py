"""What Teams makes of a card: whether it takes it, and what a person sees and can press.

The schema is Microsoft's for 1.5; Teams' own extensions (charts, `msteams`) are taken off before it is asked.
"""

import json
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft6Validator

Json = dict[str, Any]

LARGEST = 100_000
"""Bytes of a card as UTF-16: more is answered with 413."""
_SHOWN_AT_ONCE = 6


@lru_cache
def _schema() -> Draft6Validator:
    text = (Path(__file__).parent / "data" / "adaptive-card-1.5.json").read_text()
    return Draft6Validator(json.loads(text))


def problems(card: Any) -> list[str]:
    """Why Teams would refuse the card, or show it wrongly; empty for a good one."""
    if not isinstance(card, dict):
        return ["not an object"]
    plain = stripped(card)
    found = [f"{list(one.absolute_path)}: {one.message[:200]}" for one in _schema().iter_errors(plain)]
    return found + [why for element in elements(card) for why in _rules(element)] + _same_ids(card)


def size(card: Json) -> int:
    return 2 * len(json.dumps(card, ensure_ascii=False))


def stripped(value: Any) -> Any:
    """The card as a client without Teams' extensions would take it: charts give way to their fallback."""
    if isinstance(value, list):
        return [stripped(one) for one in value]
    if not isinstance(value, dict):
        return value
    if str(value.get("type", "")).startswith("Chart."):
        return stripped(value.get("fallback", {"type": "missing fallback"}))
    return {key: stripped(one) for key, one in value.items() if key != "msteams"}


def elements(value: Any) -> Iterator[Json]:
    """Every element and action, in the order of reading; what stands in a fallback is not seen."""
    if isinstance(value, list):
        for one in value:
            yield from elements(one)
    elif isinstance(value, dict):
        if "type" in value:
            yield value
        for key, one in value.items():
            if key not in ("fallback", "data"):
                yield from elements(one)


def words(card: Json) -> str:
    """All that a person reads in the card, one line an element."""
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
    return [one for one in elements(card) if str(one["type"]).startswith("Action.")]


def labels(card: Json) -> list[str]:
    return [one["title"] for one in buttons(card)]


def inputs(card: Json) -> list[Json]:
    return [one for one in elements(card) if str(one["type"]).startswith("Input.")]


def _rules(element: Json) -> list[str]:
    match element:
        case {"type": "TextBlock" | "FactSet"}:
            return ["words where Teams reads markdown"]
        case {"type": "TextRun", "text": text} if "{{" in text or not text:
            return ["words that Teams would expand, or none"]
        case {"type": str(kind)} if kind.startswith("Input.") and not element.get("label"):
            return [f"{kind} without a label"]
        case {"type": "Input.Text", "isRequired": True} if not element.get("errorMessage"):
            return ["a required input that does not say what is missing"]
        case {"type": "ActionSet", "actions": actions} if len(actions) > _SHOWN_AT_ONCE:
            return ["buttons that hide behind dots"]
        case {"type": "Action.Execute"}:
            return _button_rules(element)
        case {"type": str(kind), **rest} if kind.startswith("Chart.") and not rest.get("data"):
            return ["a chart of nothing"]
    return []


def _button_rules(button: Json) -> list[str]:
    older = button.get("fallback", {})
    found = [] if older.get("type") == "Action.Submit" else ["a button without its fallback"]
    if older.get("data") != button.get("data") or older.get("title") != button.get("title"):
        found.append("a fallback that means something else")
    if not button.get("title") or "{{" in f"{button['title']} {button.get('tooltip', '')}":
        found.append("a button without a title, or one that is expanded")
    return found


def _same_ids(card: Json) -> list[str]:
    counted = Counter(one["id"] for one in elements(card) if "id" in one)
    return [f"id used twice: {id}" for id, times in counted.items() if times > 1]
