"""What the bot is made of is pinned, hashed and listed."""

import re
import tomllib
from pathlib import Path

import pytest

from bench import licences

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_is_pinned_with_hashes_and_without_an_address(lock: str) -> None:
    text = Path(lock).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 40
    for entry in entries:
        assert PINNED.match(entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]
    assert "://" not in text


def test_what_runs_is_locked() -> None:
    declared = tomllib.loads(Path("pyproject.toml").read_text())["project"]["dependencies"]
    wanted = {canonical(name(requirement)) for requirement in declared}
    locked = {canonical(name) for name, _ in PINNED.findall(Path("requirements.lock").read_text())}
    assert wanted <= locked


def test_each_dependency_has_its_reason_and_nothing_else_has_one() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())
    told = Path("docs/dependencies.md").read_text()
    first_table = told.partition("## Five libraries")[0]
    runs = re.findall(r"^\| ([\w-]+) \|", first_table, re.MULTILINE)
    assert sorted(runs[1:]) == sorted(name(requirement) for requirement in project["project"]["dependencies"])
    for requirement in (
        requirement for group in project["dependency-groups"].values() for requirement in group
    ):
        assert name(requirement).removeprefix("types-") in told, requirement


def test_each_package_that_runs_has_an_accepted_licence_and_stands_in_the_list() -> None:
    """A new package, or a new version of one, is looked at: `python -m bench.licences` writes the list."""
    assert licences.TABLE.read_text() == licences.make_table()
    assert {canonical(name) for name in licences.list_packages()} == {
        canonical(name) for name, _ in PINNED.findall(Path("requirements.lock").read_text())
    }


@pytest.mark.parametrize("said", ["", "GPL-3.0-only", "MIT AND AGPL-3.0-only", "free for everybody"])
def test_a_licence_that_nobody_accepted_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="click: licence"):
        licences.check_licence("click", said)


def name(requirement: str) -> str:
    return re.split(r"[\[=<>;! ]", requirement)[0]
