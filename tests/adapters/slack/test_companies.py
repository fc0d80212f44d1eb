"""Test through which installation people are written to and who may install, with alliances in a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

import storage
from bot.app.platforms.slack.copies import DeclaredCompanies
from bot.model.alliance import Alliance, Channel, Member, Organisation
from tests.databases import fresh
from tests.use_cases.sandbox_bot import WEEKLY

MERIDIAN = Organisation("Meridian", frozenset({("slack", "T0MERIDIAN"), ("slack", "E0MERIDIAN")}))
BEN = Member("slack", "U0BEN", ("T0MERIDIAN", "E0MERIDIAN"), "T0MERIDIAN")


def alliance(sponsor: str) -> Alliance:
    team = f"T0{sponsor.upper()}"
    own = Organisation(sponsor, frozenset({("slack", team)}))
    return Alliance(
        sponsor,
        sponsor,
        "UTC",
        own,
        MERIDIAN,
        channels=(Channel("slack", team, f"C-{sponsor}"),),
        pulses=(WEEKLY,),
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[storage.DatabaseStore]:
    with fresh("sqlite", tmp_path) as url:
        opened = storage.open_store(url, [storage.make_key()])
        yield opened
        await opened.aclose()


async def test_somebody_of_one_alliance_is_reached_through_the_own_company_or_the_partner(
    store: storage.DatabaseStore,
) -> None:
    await store.alliances.declare([alliance("northwind")])
    ways = list(dict.fromkeys(await DeclaredCompanies(store).list_workspaces(BEN)))
    assert ways[0] == "T0MERIDIAN" and "T0NORTHWIND" in ways


async def test_somebody_of_several_alliances_is_never_reached_through_another_partner(
    store: storage.DatabaseStore,
) -> None:
    await store.alliances.declare([alliance("harbour"), alliance("northwind")])
    assert set(await DeclaredCompanies(store).list_workspaces(BEN)) == {"T0MERIDIAN", "E0MERIDIAN"}
    through_partner = replace(BEN, workspace="T0NORTHWIND")
    assert set(await DeclaredCompanies(store).list_workspaces(through_partner)) == {
        "T0MERIDIAN",
        "E0MERIDIAN",
        "T0NORTHWIND",
    }


async def test_whoever_is_named_may_install_and_before_anything_is_declared_everybody(
    store: storage.DatabaseStore,
) -> None:
    companies = DeclaredCompanies(store)
    assert await companies.is_declared(("T0ANY",))
    await store.alliances.declare([alliance("northwind")])
    for ids, named in (
        (("T0NORTHWIND",), True),
        (("T0OTHER", "E0MERIDIAN"), True),
        (("T0OTHER", "E0OTHER"), False),
        ((), False),
    ):
        assert await companies.is_declared(ids) is named
