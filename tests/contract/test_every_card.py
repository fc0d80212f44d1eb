"""Every card that the bot can say is one that Slack and Teams take, whatever it is made of."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from adapters.slack import render as slack
from adapters.teams import render as teams
from bot.model.cards import Card
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


def slack_problems(card: Card) -> list[str]:
    """As a message, in a dialog, and (what is no form) on a person's own page."""
    found = blockkit.view_problems(slack.render_modal(card))
    found += [] if card.is_form else blockkit.view_problems(slack.render_app_home(card))
    for shown in slack.list_renderings(card):
        found += blockkit.problems(shown["blocks"], "message")
        found += [] if shown["text"].strip() else ["no words for a notification"]
    return found


def teams_problems(card: Card) -> list[str]:
    shown = teams.render_adaptive_card(card)
    return adaptive.problems(shown) + (["too large"] if adaptive.size(shown) > teams.LARGEST else [])


def test_no_sentence_is_left_out() -> None:
    assert len(MAKERS) >= 50
    assert {
        "question.write_question",
        "alert.write_alert",
        "digest.write_digest",
        "score.write_score_for_lead",
        "channel.write_channel_change",
    } <= MAKERS.keys()


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS.keys())
def test_both_platforms_take_it(maker: Maker) -> None:
    @FEW
    @given(cards_of(maker))
    def taken(card: Card) -> None:
        assert slack_problems(card) == teams_problems(card) == []

    taken()
