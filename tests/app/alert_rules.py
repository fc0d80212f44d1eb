"""Evaluate the alert rules as Prometheus does, over two looks at /metrics: only the shapes that the rules use.

A counter that appears between two looks has no rise, as there: https://prometheus.io/docs/prometheus/latest/querying/functions/.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Look = Mapping[tuple[str, Labels], float]
"""(name, labels) → value."""
NOW = re.compile(r"(\w+)(?:\{(.*)\})? (==|>) ([\d.]+)")
RISE = re.compile(r"(?:sum\()?(?:increase|delta)\((\w+)(?:\{(.*)\})?\[\w+\]\)\)? > ([\d.]+)")
QUANTILE = re.compile(
    r"histogram_quantile\(([\d.]+), sum by \(le\) \(increase\((\w+)\[\w+\]\)\)\) > ([\d.]+)"
)


def read_rules(file: Path) -> dict[str, str]:
    """Return alert → expression."""
    return dict(re.findall(r"- alert: (\w+)\n\s+expr: (.+)\n", file.read_text()))


def parse_look(text: str | None) -> Look:
    """Read what a scrape got; None: nothing answered."""
    seen = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text or "")
        for sample in family.samples
    }
    return seen | {("up", frozenset({("job", "alliance-pulse")})): float(text is not None)}


def is_firing(rule: str, before: Look, after: Look) -> bool:
    """Say whether an expression holds at the second look. Raises AssertionError for a shape that is unknown."""
    if found := QUANTILE.fullmatch(rule):
        rises = _sum_rises(found[2], before, after)
        return _find_quantile(float(found[1]), rises) > float(found[3])
    if found := RISE.fullmatch(rule):
        rises_of = _list_rises(found[1], found[2] or "", before, after)
        return sum(rises_of.values()) > float(found[3])
    found = NOW.fullmatch(rule)
    assert found, rule
    values = [value for _, value in _select(found[1], found[2] or "", after)]
    return any(value == float(found[4]) if found[3] == "==" else value > float(found[4]) for value in values)


def _select(name: str, matchers: str, look: Look) -> list[tuple[Labels, float]]:
    wanted = re.findall(r'(\w+)(=~|=)"([^"]*)"', matchers)
    return [
        (labels, value)
        for (own, labels), value in look.items()
        if own == name and all(re.fullmatch(text, dict(labels).get(label, "")) for label, _, text in wanted)
    ]


def _list_rises(name: str, matchers: str, before: Look, after: Look) -> dict[Labels, float]:
    return {
        labels: value - before.get((name, labels), value) for labels, value in _select(name, matchers, after)
    }


def _sum_rises(name: str, before: Look, after: Look) -> dict[float, float]:
    """Return upper bound of a bucket → how many more requests are within it."""
    buckets: dict[float, float] = defaultdict(float)
    for labels, rise in _list_rises(name, "", before, after).items():
        buckets[float(dict(labels)["le"])] += rise
    return dict(sorted(buckets.items()))


def _find_quantile(part: float, buckets: Mapping[float, float]) -> float:
    """Interpolate within the bucket, as histogram_quantile does; 0 where nothing was counted."""
    rank, low, below = part * max(buckets.values(), default=0.0), 0.0, 0.0
    for bound, count in buckets.items():
        if count >= rank > 0:
            return low if bound == float("inf") else low + (bound - low) * (rank - below) / (count - below)
        low, below = bound, count
    return 0.0
