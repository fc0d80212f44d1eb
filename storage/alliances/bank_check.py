"""Refuse a changed question bank that would alter questions already asked, or weights already used."""

from sqlalchemy import Connection, func, select

from bot.model.alliance import Alliance
from bot.questions.bank import find_bank, find_reweighting, find_rewording
from storage.engine.json_codec import read_items
from storage.tables import rounds


def check_bank_change(connection: Connection, before: Alliance, wanted: Alliance) -> None:
    """Raise ValueError, saying what to change, where the new bank would undo something."""
    mine = rounds.c.alliance == wanted.key
    last = connection.scalar(select(func.max(rounds.c.number)).where(mine))
    if before.bank == wanted.bank or last is None:
        return
    bank = find_bank(wanted)
    asked = connection.scalars(select(rounds.c.asked).where(mine).distinct())
    if item := find_rewording((item for text in asked for item in read_items(text)), bank):
        raise ValueError(
            f"alliance {wanted.key}: item {item.key!r} was asked in another form as version {item.version}: "
            f"set version = {item.version + 1}, so that its answers are not averaged with those"
        )
    if (index := find_reweighting(find_bank(before), bank, last)) is not None:
        raise ValueError(
            f"alliance {wanted.key}: weights would change from round {index} on, but round {last} was asked already: "
            f"set from_round = {last + 1} or later and leave earlier weights as they are"
        )
