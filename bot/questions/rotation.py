"""Rotate the items that rounds ask: a fixed rotation gives the same items wherever it is taken up."""

from bot.model.alliance import Item
from bot.questions.bank import Bank

WAVE_EVERY = 4
"""Rounds from one wave of supplements to the next."""


def rotate_items(bank: Bank, index: int, count: int = 3) -> tuple[Item, ...]:
    """Return the items of round `index` (0, 1, 2 …): `count` core items, and every fourth round one or two supplements.

    Core items are `count·index + i` modulo their number: with three of eight, each is asked in 3 of 8 rounds.
    Raises ValueError for a negative index or a count below 1.
    """
    if index < 0 or count < 1:
        raise ValueError("a round has an index from 0 and asks at least one core item")
    places = (count * index + i for i in range(min(count, len(bank.core))))
    core = tuple(bank.core[place % len(bank.core)] for place in places)
    return core + _find_wave(bank, index)


def _find_wave(bank: Bank, index: int) -> tuple[Item, ...]:
    number, place = divmod(index, WAVE_EVERY)
    if place != WAVE_EVERY - 1 or not bank.waves:
        return ()
    return bank.waves[number % len(bank.waves)]
