"""mypy refuses a number on a card that did not pass the privacy gate."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAD = "from dataclasses import replace\nfrom bot.model.cards import Series\nfrom bot.privacy.published import Shown\n"
ATTEMPTS = {
    "a number made by hand": 'Shown("fresh", "74")',
    "a number with a seal of one's own": 'Shown("fresh", "74", seal=object())',
    "another number under the same seal": "def f(one: Shown) -> Shown:\n    return replace(one, text='12')",
    "a plain number where a shown one belongs": "from bot.wording.score import format_number\nformat_number(74.0)",
    "a released value as it is": (
        "from bot.model.closing import Release\nfrom bot.wording.score import format_number\n"
        "def f(release: Release) -> str:\n    return format_number(release.value)"
    ),
    "a chart of one's own numbers": 'Series("x", (74, 61.5))',
    "an alarm with its size": (
        "from bot.model.closing import Alarm\nfrom bot.model.alliance import Alliance\n"
        "from bot.wording.alert import name_alarm\n"
        "def f(to: Alliance, alarm: Alarm) -> str:\n    return name_alarm(to, alarm)"
    ),
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """mypy's errors by attempt; the last is what is allowed."""
    folder = tmp_path_factory.mktemp("attempts")
    allowed = (
        "from bot.wording.score import format_number\n"
        "def f(shown: Shown) -> str:\n    return format_number(shown)"
    )
    texts = {**ATTEMPTS, "allowed": allowed}
    for place, text in enumerate(texts.values()):
        (folder / f"attempt_{place}.py").write_text(f"{HEAD}{text}\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", str(folder)]
    root = Path(__file__).parents[2]
    said = subprocess.run(command, cwd=root, capture_output=True, text=True).stdout.splitlines()
    return {
        name: "\n".join(line for line in said if f"attempt_{place}.py" in line and ": error:" in line)
        for place, name in enumerate(texts)
    }


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_it_does_not_type_check(attempt: str, complaints: dict[str, str]) -> None:
    assert "[arg-type]" in complaints[attempt] or "[call-arg]" in complaints[attempt]
    assert "[attr-defined]" not in complaints[attempt] and "[import-not-found]" not in complaints[attempt]


def test_a_number_of_the_gates_does(complaints: dict[str, str]) -> None:
    assert complaints["allowed"] == ""
