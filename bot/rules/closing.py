"""The closing of a round: a record goes in, what is released and judged comes out."""

from bot.ledger import Closing, Record
from bot.model import Side
from bot.rules.gate import blocks
from bot.rules.history import history, keys


def close(record: Record) -> Closing:
    """Judge the round `record.asked[-1]`. Pure: the same record always closes the same way."""
    past = history(record)
    waiting = {
        side: [
            row
            for row, key in enumerate(keys(cols, past.items, range(cols.rounds.size)))
            if key not in record.spent
        ]
        for side, cols in past.sides.items()
    }
    released = blocks(past, waiting, record.leads, record.pooled)
    spent = frozenset(
        key
        for block in released
        for side in Side
        for key in keys(past.sides[side], past.items, [a.row for a in block.answers if a.side is side])
    )
    return Closing(tuple(block.release for block in released), spent, (), (), record.memory)
