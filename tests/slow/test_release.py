"""What `make dist` makes is whole: installed where there is no checkout, it starts and answers."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.slow.process import PATIENCE, free_port

VERSION = tomllib.loads(Path("pyproject.toml").read_text())["project"]["version"]
"""Written in one place; everything else reads it there."""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("release") / "dist"
    fresh = ("-o", ".venv/.dev", "-o", ".venv/.runtime")  # install nothing
    subprocess.run(["make", *fresh, f"BIN={Path(sys.executable).parent}", f"DIST={made}", "dist"], check=True)
    return made


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, beside the packages that are installed here; the checkout is not in it."""
    home = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    (wheel,) = dist.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-compile"]
    subprocess.run([*pip, "--no-index", "--disable-pip-version-check", str(wheel)], check=True)
    own = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    (home / own / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return home


def test_all_of_it_is_there_and_hashed(dist: Path) -> None:
    named = [f"alliance_pulse-{VERSION}-py3-none-any.whl", f"alliance_pulse-{VERSION}.tar.gz", "sbom.json"]
    lines = dict(line.split("  ")[::-1] for line in (dist / "SHA256SUMS").read_text().splitlines())
    assert list(lines) == named
    assert all(hashlib.sha256((dist / name).read_bytes()).hexdigest() == lines[name] for name in named)


def test_the_bill_of_materials_names_a_licence_for_each_component(dist: Path) -> None:
    components = json.loads((dist / "sbom.json").read_text())["components"]
    assert len(components) > 50
    assert all(component["licenses"][0]["expression"] for component in components)
    assert all(component["externalReferences"] for component in components), "with hashes"


def test_the_wheel_holds_the_licence_and_the_notice(installed: Path) -> None:
    (licences,) = installed.glob("lib/*/site-packages/alliance_pulse-*.dist-info/licenses")
    for name in ("LICENSE", "NOTICE"):
        assert (licences / name).read_text() == Path(name).read_text()


def call(installed: Path, folder: Path, *words: str) -> Iterator[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PULSE_", "PYTHON"))
    }
    told = subprocess.run(
        [installed / "bin" / "pulse", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return iter(told.stdout.splitlines())


def test_it_says_its_version_and_comes_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    assert next(call(installed, tmp_path, "--version")) == f"pulse, version {VERSION}"
    script = "import bot.app.cli.main, adapters, storage; print(bot.app.cli.main.__file__, storage.__file__)"
    told = subprocess.run(
        [installed / "bin" / "python", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert all(Path(file).is_relative_to(installed) for file in told.stdout.split()), told.stdout


def test_it_starts_the_demo_in_an_empty_folder_and_answers(installed: Path, tmp_path: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PULSE_", "PYTHON"))
    }
    environment |= {"PULSE_WEB__PORT": str(free_port()), "PYTHONUNBUFFERED": "1"}
    with (tmp_path / "log").open("wb") as log:
        bot = subprocess.Popen(
            [installed / "bin" / "pulse", "run", "--demo"],
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            address = wait_until_ready(bot, tmp_path / "log")
            with urllib.request.urlopen(address) as answer:
                page = answer.read().decode()
            assert (answer.status, "Northwind" in page) == (200, True)
        finally:
            bot.send_signal(signal.SIGTERM)
            assert bot.wait(PATIENCE) == 0


def wait_until_ready(bot: "subprocess.Popen[bytes]", log: Path) -> str:
    """Return the address that the bot says it is ready on."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := re.search(r"is ready on (\S+)", log.read_text()):
            return found[1]
        assert bot.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())
