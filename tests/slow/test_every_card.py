"""The same as `tests/contract/test_every_card.py`, with many more arguments."""

import pytest
from hypothesis import HealthCheck, given, settings

from bot.model.cards import Card
from tests.contract.every_card import Maker, cards_of
from tests.contract.test_every_card import MAKERS, slack_problems, teams_problems

MANY = settings(max_examples=40, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS.keys())
def test_both_platforms_take_it(maker: Maker) -> None:
    @MANY
    @given(cards_of(maker))
    def taken(card: Card) -> None:
        assert slack_problems(card) == teams_problems(card) == []

    taken()
