"""What the documents say can be done can be done: links, files, commands and settings that they name are there."""

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from bot.app.cli.main import pulse
from bot.app.config.schema import settings_model
from bot.use_cases.command import COMMANDS

DOCS = sorted(
    path
    for name in ("*.md", "docs/**/*.md", "bench/data/*.md", "tests/far/**/*.md")
    for path in Path().glob(name)
)
ROOMS = ("bot", "adapters", "storage", "tests", "bench", "docs", "deploy", ".ci")
TYPED = {"is", "was", "edited", *COMMANDS}
"""Words that follow "pulse" where something is typed into a chat, or said of a pulse."""
SHELL = re.compile(r"&&|[|;>]|\s#\s")


def prose(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def spans(path: Path) -> list[str]:
    """What stands as code: whole lines of blocks, and pieces of lines."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", prose(path), re.DOTALL | re.MULTILINE)
    pieces = re.findall(r"(?<!`)`([^`]+)`(?!`)", re.sub(r"```.*?```", "", prose(path), flags=re.DOTALL))
    return [*(line.strip() for block in blocks for line in block.splitlines()), *map(one_line, pieces)]


def one_line(text: str) -> str:
    return " ".join(text.split())


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", DOCS, ids=str)
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if not target.startswith("https://"):
            file, _, section = target.partition("#")
            there = path.parent / file if file else path
            assert there.exists(), target
            headings = re.findall(r"^#+ (.*)$", prose(there), re.MULTILINE) if section else []
            assert not section or section in map(anchor, headings), target


def test_every_picture_is_shown_somewhere() -> None:
    told = "\n".join(prose(path) for path in DOCS)
    assert not [path.name for path in Path("docs/img").iterdir() if f"img/{path.name})" not in told]


@pytest.mark.parametrize("path", DOCS, ids=str)
def test_files_and_modules_that_are_named_exist(path: Path) -> None:
    for piece in spans(path):
        if re.fullmatch(rf"(?:{'|'.join(map(re.escape, ROOMS))})/[\w./<>*-]*", piece):
            assert list(Path().glob(re.sub(r"<\w+>", "*", piece))), piece
        for module in re.findall(r"python -m (bench(?:\.\w+)?)", piece):
            assert list(Path().glob(module.replace(".", "/") + "*")), piece


@pytest.mark.parametrize("path", DOCS, ids=str)
def test_commands_and_their_options_are_those_that_there_are(path: Path) -> None:
    for piece in spans(path):
        for part in SHELL.split(piece):
            found = re.match(r"(?:[\w=:/.+-]+ )?(?:\.venv/bin/)?(?<![/\w])pulse ([a-z-].*)", part.strip())
            if found and found[1].split()[0] not in TYPED - {"score"}:
                assert unknown(found[1]) == "", f"pulse {found[1]}"


def unknown(words: str) -> str:
    """What in it is no command and no option of one; empty where all are."""
    context = click.Context(pulse)
    command: click.Command = pulse
    for word in shlex.split(words.replace("…", "")):
        if isinstance(command, click.Group) and not word.startswith("-"):
            found = command.get_command(context, word)
            if found is None:
                return word
            command = found
        elif word.startswith("--"):
            options = {
                name for param in command.get_params(context) for name in (*param.opts, *param.secondary_opts)
            }
            if word.partition("=")[0] not in options:
                return word
    return ""


@pytest.mark.parametrize("path", DOCS, ids=str)
def test_targets_of_make_and_settings_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", Path("Makefile").read_text(), re.MULTILINE))
    text = prose(path)
    assert {word for words in re.findall(r"`make ([a-z ]+)`", text) for word in words.split()} <= targets
    own = {
        f"PULSE_{section}__{key}".upper()
        for section, section_field in settings_model().model_fields.items()
        for key in keys(section_field.annotation)
    }
    for name in re.findall(r"PULSE_\w+__\w+", text):
        assert (
            name in {"PULSE_SECTION__KEY", "PULSE_SECTION__KEY_FILE"} or name.removesuffix("_FILE") in own
        ), name
    sections = {
        section for section, section_field in settings_model().model_fields.items() if section != "alliance"
    }
    for section, key in re.findall(r"`(\w+)\.(\w+)`", text):
        if section in sections and not Path(f"{section}.{key}").exists():
            assert f"PULSE_{section}__{key}".upper() in own or key == "example", f"{section}.{key}"


def keys(section: object) -> list[str]:
    return list(getattr(section, "model_fields", ()))


def test_every_command_is_told_of_somewhere() -> None:
    told = "\n".join(prose(path) for path in DOCS)
    assert not [name for name in pulse.commands if f"pulse {name}" not in told and f"`{name}`" not in told]


def test_the_changelog_and_the_readme_stay_short() -> None:
    assert prose(Path("README.md")).count("\n") < 200
    version = tomllib.loads(Path("pyproject.toml").read_text())["project"]["version"]
    assert version in prose(Path("CHANGELOG.md")) or "## Unreleased" in prose(Path("CHANGELOG.md"))
