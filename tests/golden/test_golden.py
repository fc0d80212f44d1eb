"""The bot of today goes on with what the bot of an earlier version stored: same numbers, ids and buttons."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.model.cards import decode_action, encode_action
from tests.golden import checks
from tests.golden.bot_of_today import running
from tests.golden.data import FORMS, Form, expected, opened

WEEK = frozenset({"reminder", "closed", "digest", "question"})
CLOSING = frozenset({"closed"})
"""Kinds of deliveries that come of the ticks. Only SQLite goes through the whole week, for the others take longer."""


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    return request.param


@pytest.fixture
def url(form: Form, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Open a migrated copy of the golden data, at the time when it was made."""
    (tmp_path / "clock").write_text(expected()["made_at"])
    monkeypatch.setenv("PULSE_ENV", "test")
    monkeypatch.setenv("PULSE_CLOCK_FILE", str(tmp_path / "clock"))
    with opened(form, tmp_path) as url:
        yield url


async def test_the_bot_goes_on_with_a_database_of_an_earlier_version(
    form: Form, url: str, tmp_path: Path
) -> None:
    checks.every_row_is_there(url, form)
    checks.ids_of_deliveries_are_kept(url)
    async with running(url, tmp_path / "clock") as today:
        await checks.bot_can_start(today)
        await checks.audit_log_is_whole(today, url)
        await checks.cards_show_the_numbers(today, url)
        await checks.buttons_have_their_values(today)
        await today.press_on_slack()
        await today.press_on_teams()
        await today.press_in_sandbox(url)
        week = expected()["ticks"]
        for at in week if form == "sqlite" else [expected()["close_at"]]:
            await today.tick(datetime.fromisoformat(at))
        await checks.cards_show_the_numbers(today, url)
        await checks.audit_log_is_whole(today, url)
    checks.presses_are_kept(url)
    checks.rounds_closed_with_the_same_result(url)
    checks.new_deliveries_have_the_same_ids(url, WEEK if form == "sqlite" else CLOSING)
    checks.nothing_is_left_under_way(url)
    checks.settings_have_their_keys(url, form)


def test_pseudonyms_are_as_they_were() -> None:
    checks.pseudonyms_are_as_they_were()


def test_old_button_values_are_understood() -> None:
    values = {value for buttons in expected()["buttons"].values() for value in buttons}
    assert len(values) > 30
    assert {encode_action(decode_action(value)) for value in values} == values
