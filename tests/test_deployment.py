"""What operators run the bot with names files that are there and commands that it knows."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from bot.app.cli.main import pulse

UNITS = sorted(Path("deploy").glob("*.service"))
CONTAINERFILE = Path("Containerfile").read_text().replace("\\\n", " ")
PULSE = re.compile(r"(?:^|/)pulse (.*)")


def lines() -> list[str]:
    """Everything behind `pulse` in the Procfile and the units."""
    text = "\n".join(path.read_text().replace("\\\n", " ") for path in (Path("Procfile"), *UNITS))
    told = [line.partition(":")[2] for line in Path("Procfile").read_text().splitlines()]
    told += [command.rstrip("'") for command in re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)]
    return [found.group(1) for command in told for found in PULSE.finditer(command.strip())]


def test_each_line_is_a_command_with_its_options() -> None:
    assert len(lines()) == 3 + len(UNITS)
    for line in lines():
        name, *words = shlex.split(line)
        command = pulse.get_command(click.Context(pulse), name)
        assert command, name
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_the_container_is_made_of_files_that_are_there_and_of_all_that_a_build_needs() -> None:
    copied = [
        words.split()[:-1] for words in re.findall(r"^COPY (?!--from)(.*)$", CONTAINERFILE, re.MULTILINE)
    ]
    sources = {word for words in copied for word in words}
    assert all(Path(source).exists() for source in sources), sources
    project = tomllib.loads(Path("pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    wanted = {"pyproject.toml", "requirements.lock", project["project"]["readme"], *wheel}
    wanted |= set(project["project"]["license-files"])
    assert wanted <= sources
    version = re.findall(r"^FROM python:(\S+?)-slim", CONTAINERFILE, re.MULTILINE)
    assert set(version) == {project["project"]["requires-python"].removeprefix(">=")}


def test_the_container_starts_a_command_that_an_installation_has() -> None:
    scripts = tomllib.loads(Path("pyproject.toml").read_text())["project"]["scripts"]
    (entry,) = re.findall(r'^ENTRYPOINT \["/venv/bin/(\w+)"\]', CONTAINERFILE, re.MULTILINE)
    (given,) = re.findall(r'^CMD \["(\w+)"\]', CONTAINERFILE, re.MULTILINE)
    assert entry in scripts and given in pulse.commands


def test_a_backup_is_hardened_as_the_bot_is_and_waits_for_the_right_time() -> None:
    texts = {unit.name: unit.read_text() for unit in UNITS}
    settings = {name: set(re.findall(r"^\w+=.*$", text, re.MULTILINE)) for name, text in texts.items()}
    bot, backup = settings["alliance-pulse.service"], settings["alliance-pulse-backup.service"]
    apart = re.compile(r"Exec|Environment=|Restart|Start|Timeout|WantedBy|Description|After|Wants")
    assert {line for line in bot - backup if not apart.match(line)} == set()
    for text in texts.values():
        assert re.search(r"^After=.*time-sync\.target", text, re.MULTILINE)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        here = unit.read_text().replace("/opt/alliance-pulse/.venv/bin/pulse", sys.executable)
        (tmp_path / unit.name).write_text(here)
    told = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")
