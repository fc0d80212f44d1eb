"""Every card that the bot can say is one that Slack and Teams take, whatever it is made of."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from adapters.slack import render as slack
from adapters.teams import render as teams
from bot.cards import Card
from tests.contract.every_card import Maker, cards_of, makers
from tests.far import adaptive, blockkit

MAKERS = dict(makers())
FEW = settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""tests/slow/test_every_card.py takes many."""


def slack_takes(card: Card) -> None:
    for shown in slack.messages(card):
        assert blockkit.problems(shown["blocks"], "message") == [] and shown["text"].strip()
    assert blockkit.view_problems(slack.modal(card)) == []
    if not card.is_form:
        assert blockkit.view_problems(slack.home(card)) == []


def teams_takes(card: Card) -> None:
    shown = teams.adaptive(card)
    assert adaptive.problems(shown) == []
    assert adaptive.size(shown) <= teams.LARGEST


def test_no_sentence_is_left_out() -> None:
    assert len(MAKERS) >= 50
    assert {
        "question.asked",
        "alert.raised",
        "digest.digest",
        "score.for_lead",
        "channel.changed",
    } <= MAKERS.keys()


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS.keys())
def test_both_platforms_take_it(maker: Maker) -> None:
    @FEW
    @given(cards_of(maker))
    def taken(card: Card) -> None:
        slack_takes(card)
        teams_takes(card)

    taken()
