"""What must hold of golden data that the bot of today has opened. Each raises AssertionError."""

import json
from collections import Counter
from typing import Any

from bot.app import wiring
from bot.model.alliance import Member, Side
from bot.model.cards import Card, Choices, encode_action, to_plain_text
from bot.model.closing import Cell, Release
from bot.privacy.bands import round_half_up, write_bounded
from bot.privacy.pseudonym import make_pseudonym
from bot.questions.bank import load_builtin
from storage.tables import metadata
from tests.golden.bot_of_today import BotOfToday
from tests.golden.data import Form, expected, read
from tests.rules.independent import smooth_cells

NEWER_TABLES = frozenset({"action", "alert", "alert_reminder", "milestone", "wish"})
"""Tables that came after the golden data."""
NEWER_SETTINGS = frozenset({"storage.secret_check"})
"""Keys of settings that came after the golden data."""
CORE = frozenset(question.dimension for question in load_builtin().core)
NORTH, LAB = "northwind-meridian", "harbour-lab"
WRITTEN_BY_RESTORE = {"audit", "audit_head", "counter", "lease", "setting", "turn"}
LEADS = {f"{NORTH} sponsor": "sponsor_lead", f"{NORTH} cro": "cro_lead", f"{NORTH} member": "cro_member"}
COMMANDS = {
    "pulse_card": ("pulse", "cro_member"),
    "charter_lead": ("charter", "sponsor_lead"),
    "alerts_lead": ("alerts", "cro_lead"),
    "help_lead": ("help", "cro_lead"),
    "home_lead": ("home", "cro_lead"),
}
"""Which command, by whom, brought these buttons."""


def every_row_is_there(url: str, form: Form) -> None:
    """Every table of the old schema had rows and has them still; a newer table is named in `NEWER_TABLES`."""
    rows = expected()["rows"]
    assert {table.name for table in metadata.sorted_tables} == rows.keys() | NEWER_TABLES
    assert 0 not in rows.values()
    changed = WRITTEN_BY_RESTORE if form == "backup" else set()
    kept = {table: _count(url, table) for table in rows.keys() - changed}
    assert kept == {table: count for table, count in rows.items() if table not in changed}


def ids_of_deliveries_are_kept(url: str) -> None:
    assert _deliveries(url) == expected()["deliveries"]


async def bot_can_start(today: BotOfToday) -> None:
    """Every setting fits the database, and the bot can write it: else `wiring` refuses to start."""
    async with wiring.open_bot(today.bot.settings) as another:
        assert len(await another.store.alliances.list_all()) == 2


async def audit_log_is_whole(today: BotOfToday, url: str) -> None:
    """The chain holds, and the entry that was the head of the old log has the same MAC."""
    verdict = await today.bot.store.audit.verify_chain()
    assert verdict.faults == ()
    head = expected()["audit"]
    assert verdict.entries >= head["entries"]
    assert read(url, "SELECT mac FROM audit WHERE seq = :seq", seq=head["seq"]) == [(head["mac"],)]


async def cards_show_the_numbers(today: BotOfToday, url: str) -> None:
    """Every topic on a lead's card is what the released numbers of the database make it.

    Texts were other ones with the old bot: numbers lean on their own past since, and small groups end at 20 and 80.
    """
    ((now,),) = read(
        url, "SELECT max(number) FROM round WHERE alliance = :key AND state = 'closed'", key=NORTH
    )
    releases = _releases(url)
    values = smooth_cells(releases, now)
    bands = {(release.cell.side, release.cell.dimension): release.band for release in releases}
    for side in Side:
        card = to_plain_text(await today.command("score", LEADS[f"{NORTH} {side}"]))
        mine = {d: value for (whose, d), value in values.items() if whose is side and d in CORE}
        assert len(mine) >= 8
        for dimension, value in mine.items():
            limits = (20, 80) if bands[side, dimension] == 5 else (10, 90)
            assert f"\n{dimension}: {write_bounded(round_half_up(value), limits)} (" in card, (
                side,
                dimension,
            )


async def buttons_have_their_values(today: BotOfToday) -> None:
    for name, (words, by) in COMMANDS.items():
        assert set(expected()["buttons"][name]) <= _values(await today.command(words, by)), name


def presses_are_kept(url: str) -> None:
    """The old buttons changed the answers that they always changed."""
    query = "SELECT item, value FROM answer WHERE round = :round AND person = :person"
    for key, own in expected()["own_after"].items():
        round_id, person = key.split()
        assert dict(read(url, query, round=round_id, person=person)) == own


def rounds_closed_with_the_same_result(url: str) -> None:
    """Released numbers, alarms, their acknowledgements and the state of the charts."""
    assert _released(url) == _rounded(
        {key: sorted(map(str, _rounded(found))) for key, found in _old_released()}
    )
    alarms = read(url, "SELECT id, kind, number, body FROM alarm WHERE alliance = :key", key=NORTH)
    raised = {(id, kind, json.loads(body)[0]["level"], number) for id, kind, number, body in alarms}
    assert raised == {(id, kind, level, number) for id, kind, level, number, _ in expected()["alarms_after"]}
    noted = read(url, "SELECT alarm, side FROM acknowledgement")
    assert set(noted) == {(id, side) for id, _, _, _, sides in expected()["alarms_after"] for side in sides}
    states = {key: json.loads(state) for key, state in read(url, "SELECT alliance, state FROM memory")}
    assert states.keys() == expected()["memory_after"].keys()
    for key, (state,) in states.items():
        (old,) = expected()["memory_after"][key]
        assert _kept_in_memory(state) == _kept_in_memory(old)


def _kept_in_memory(state: dict[str, Any]) -> Any:
    """What the old bot had judged, and what is judged by rules that stayed: deviations are weighed otherwise since."""
    last = max((entry["round"] for entry in state["moved"]), default=0)
    moved = [{**entry, "people": 0} for entry in state["moved"] if entry["round"] < last]
    seen = {
        side: [entry for entry in found if entry["round"] < last] for side, found in state["seen"].items()
    }
    charts = {name: chart for name, chart in state["charts"].items() if name.startswith("part_")}
    same = {key: state[key] for key in ("fired", "episodes", "normal", "silence", "blind", "mood")}
    return _rounded({**same, "moved": moved, "seen": seen, "charts": charts})


def new_deliveries_have_the_same_ids(url: str, kinds: frozenset[str]) -> None:
    """Kinds are the first words of slots. A changed id would post again what stands there already."""
    old, new = expected()["deliveries"], expected()["new_deliveries"]
    found = {slot: id for slot, id in _deliveries(url).items() if slot not in old}
    assert _of_kinds(found, kinds) == _of_kinds(new, kinds)
    assert {slot.partition(":")[0] for slot in found} >= kinds


def nothing_is_left_under_way(url: str) -> None:
    """What was pending, or in the hands of a worker that is gone, ended as it did with the old bot."""
    states = Counter(state for (state,) in read(url, "SELECT state FROM delivery WHERE state <> 'sent'"))
    assert states == +Counter({**expected()["states_after"], "sent": 0})


def settings_have_their_keys(url: str, form: Form) -> None:
    """A key that the bot of today uses and the old one did not is a setting that was renamed, or newer."""
    keys = {key for (key,) in read(url, "SELECT key FROM setting")}
    restored = {"storage.restored_at"} if form == "backup" else set()
    assert keys - NEWER_SETTINGS == set(expected()["settings_after"]) | restored


def pseudonyms_are_as_they_were() -> None:
    secret = expected()["secrets"]["secret"].encode()
    for platform, id, alliance, purpose, known in expected()["pseudonyms"]:
        assert make_pseudonym(secret, alliance, Member(platform, id), purpose) == known, (platform, purpose)


def _deliveries(url: str) -> dict[str, str]:
    return dict(read(url, "SELECT slot, id FROM delivery"))


def _of_kinds(ids: dict[str, str], kinds: frozenset[str]) -> dict[str, str]:
    return {slot: id for slot, id in ids.items() if slot.partition(":")[0] in kinds}


def _count(url: str, table: str) -> int:
    ((count,),) = read(url, f'SELECT count(*) FROM "{table}"')
    return int(count)


def _released(url: str) -> dict[str, list[Any]]:
    query = "SELECT alliance, side, dimension, number, slot, value, band, favourable, split FROM released"
    found: dict[str, list[Any]] = {}
    for alliance, side, dimension, number, slot, value, band, favourable, split in read(url, query):
        percent = json.loads(favourable)[0] if favourable else None
        is_split = None if split is None else bool(split)
        row = [side or None, dimension, number, str(slot), value, band, percent, is_split]
        found.setdefault(alliance, []).append(row)
    return {alliance: sorted(map(str, _rounded(rows))) for alliance, rows in found.items()}


def _releases(url: str) -> list[Release]:
    query = "SELECT side, dimension, number, slot, value, band FROM released WHERE alliance = :key ORDER BY number"
    return [
        Release(Cell(Side(side) if side else None, dimension), number, slot, value, band)
        for side, dimension, number, slot, value, band in read(url, query, key=NORTH)
    ]


def _old_released() -> list[tuple[str, list[Any]]]:
    return list(expected()["released_after"].items())


def _values(card: Card) -> set[str]:
    choices = (block for block in card.blocks if isinstance(block, Choices))
    return {encode_action(option.action) for block in choices for option in block.options}


def _rounded(value: Any) -> Any:
    """Round every number to nine decimals: another machine may add them up otherwise."""
    return json.loads(json.dumps(value), parse_float=lambda digits: round(float(digits), 9))
