"""`pulse holidays`: what a year's holidays move, as an operator sees it."""

import json
from pathlib import Path

import pytest

from tests.app.shell import ALLIANCE, Shell

COUNTRIES = ALLIANCE.replace(
    'name = "Northwind Pharma"', 'name = "Northwind Pharma"\ncountry = ["DE-HE"]'
).replace('name = "Meridian CRO"', 'name = "Meridian CRO"\ncountry = ["PL"]')


def declare(shell: Shell, text: str) -> Path:
    file = shell.folder / "countries.toml"
    file.write_text(text)
    shell("migrate")
    assert shell("apply", str(file)).exit_code == 0
    return file


def test_it_shows_which_pulses_move_and_why(shell: Shell) -> None:
    declare(shell, COUNTRIES.replace('days = ["tue"]', 'days = ["thu"]'))
    told = shell("holidays", "northwind-meridian", "2027")
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert "2027-05-06  weekly  asked on 2027-05-07: Ascension Day (Northwind Pharma)" in lines
    assert "2027-11-11  weekly  asked on 2027-11-12: National Independence Day (Meridian CRO)" in lines
    assert any(line.startswith("2027-05-27  weekly  asked on 2027-05-28: ") for line in lines)
    assert "Public holidays: holidays " in told.stderr
    rows = json.loads(shell("holidays", "northwind-meridian", "2027", "--json").stdout)
    assert [row["date"] for row in rows] == [line[:10] for line in lines]
    assert all(row["asked"] > row["date"] for row in rows)


def test_without_countries_nothing_moves_and_an_unknown_alliance_is_named(shell: Shell) -> None:
    shell.apply()
    assert shell("holidays", "northwind-meridian", "2027").stdout == "No pulse falls on a holiday.\n"
    assert shell("holidays", "northwind-meridan").exit_code != 0
    assert shell("holidays", "northwind-meridian", "27").exit_code == 2


@pytest.mark.parametrize("code", ["XX", "DE-QQ"])
def test_an_unknown_country_is_refused_by_name_and_nothing_is_saved(shell: Shell, code: str) -> None:
    file = shell.folder / "countries.toml"
    file.write_text(COUNTRIES.replace("DE-HE", code))
    shell("migrate")
    told = shell("apply", str(file))
    assert (told.exit_code, code in told.output, "sponsor" in told.output) == (2, True, True)
    assert "no alliance" in shell("holidays", "northwind-meridian", "2027").output


def test_a_change_of_country_is_told(shell: Shell) -> None:
    shell.apply()
    file = shell.folder / "countries.toml"
    file.write_text(COUNTRIES)
    told = shell("apply", str(file)).output
    assert "alliance northwind-meridian: sponsor country (none) → DE-HE" in told
