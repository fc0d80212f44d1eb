"""What operators run the bot with names files that are there and commands that it knows."""

import os
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
from bot.app.config.load import list_keys
from bot.app.config.schema import settings_model

UNITS = sorted(Path("deploy").glob("*.service"))
TIMERS = sorted(Path("deploy").glob("*.timer"))
COMPOSE = Path("deploy/container/compose.yml").read_text()
CADDYFILE = Path("deploy/container/Caddyfile").read_text()
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
    for unit in (*UNITS, *TIMERS):
        here = unit.read_text().replace("/opt/alliance-pulse/.venv/bin/pulse", sys.executable)
        (tmp_path / unit.name).write_text(here)
    told = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in (*UNITS, *TIMERS))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_each_timer_starts_a_unit_that_is_there() -> None:
    assert {timer.stem for timer in TIMERS} <= {unit.stem for unit in UNITS} and TIMERS


def test_the_compose_file_sets_settings_that_there_are_from_secrets_that_it_declares() -> None:
    (environment,) = re.findall(r"^    environment:\n((?:      .*\n)+)", COMPOSE, re.MULTILINE)
    names = re.findall(r"^      (PULSE_\w+): ", environment, re.MULTILINE)
    known = {f"PULSE_{section}__{key}".upper() for (section, key), _ in list_keys(settings_model())}
    assert {name.removesuffix("_FILE") for name in names} <= known
    wanted = set(re.findall(r"/run/secrets/(\w+)", COMPOSE))
    declared = COMPOSE.rpartition("\nsecrets:\n")[2]
    assert set(re.findall(r"^  (\w+): {file: \./secrets/\1}$", declared, re.MULTILINE)) == wanted
    given = ", ".join(re.findall(r"^    secrets: \[(.*)\]$", COMPOSE, re.MULTILINE))
    assert set(given.split(", ")) == wanted
    assert pulse.get_command(click.Context(pulse), "run") and 'command: ["run"]' in COMPOSE


def test_the_proxy_passes_on_what_the_guide_says_and_no_more() -> None:
    (passed,) = re.findall(r"@wanted path (.*)", CADDYFILE)
    assert passed.split() == ["/slack/*", "/api/messages", "/privacy", "/terms"]
    guide = (
        Path("docs/operating.md").read_text().partition("## Install on a machine")[2].partition("\n## ")[0]
    )
    assert all(f"`{path.removesuffix('*')}`" in guide for path in passed.split())


def test_what_the_container_is_tried_with_is_a_program() -> None:
    """`make image-test` needs root and buildah, which these checks do not: here it is read only."""
    file = Path("deploy/container/image-test")
    assert os.access(file, os.X_OK)
    told = subprocess.run(["bash", "-n", str(file)], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
