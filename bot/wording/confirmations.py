"""What the bot says privately to the person who just did something."""

from functools import lru_cache

from bot.model.alliance import Alliance, Item, Round, Side
from bot.model.cards import Card, Check, Choice, Choices, Input, Quote, RunCommand, SendComment, Text
from bot.model.events import LONGEST_COMMENT
from bot.privacy.screening import Concern
from bot.wording.dates import format_moment
from bot.wording.question import label_answer, offer_answers

_PATHS: dict[Concern, str] = {
    "patient": "It seems to identify a patient. Please take it to the study team through the agreed channel.",
    "unblinding": "It seems to speak about treatment allocation. Please follow the unblinding procedure of the "
    "protocol and tell nobody else.",
    "safety": "It seems to report a safety event. Please report it on the safety form of the study now; this "
    "bot does not pass it on.",
}

_LAST_WORDS = 80
"""Characters by which a writer finds the place again."""


@lru_cache(maxsize=64)
def confirm_answer(alliance: Alliance, round: Round, item: Item, value: int | None) -> Card:
    return Card(
        f"You answered {label_answer(value)}",
        (
            Text(f"You can change it until {format_moment(round.closes_at, alliance.timezone)}."),
            offer_answers(round, item, value),
            Choices(
                (Choice("Add a confidential comment", RunCommand(f"comment {round.id} {alliance.key}")),)
            ),
        ),
    )


def confirm_pending_answer(alliance: Alliance, round: Round, item: Item, value: int | None) -> Card:
    card = confirm_answer(alliance, round, item, value)
    note = Text(
        "We do not know yet which company you belong to here, so your answer is kept and not counted. "
        f"A lead of {alliance.name} can say so with one tap; then it counts."
    )
    return Card(card.heading, (note, *card.blocks))


def refuse_wrong_side(alliance: Alliance, side: Side) -> Card:
    name = alliance.organisation(side.other).name
    return Card(
        "This question is not for you", (Text(f"It is for staff of {name} only, so your tap was not kept."),)
    )


def refuse_late_answer(alliance: Alliance, round: Round) -> Card:
    return Card(
        "This pulse is closed",
        (
            Text(
                f"It closed on {format_moment(round.closes_at, alliance.timezone)}; your tap was not counted. "
                "The next pulse comes to the channel by itself."
            ),
            Choices((Choice("Show me the score", RunCommand(f"score {alliance.key}")),)),
        ),
    )


def refuse_unknown_round() -> Card:
    return Card(
        "This question is not known here",
        (
            Text(
                "It may belong to an alliance that was removed. Your tap was not counted. Please tell a lead."
            ),
        ),
    )


def refuse_stranger() -> Card:
    return Card(
        "You are not part of this alliance yet",
        (
            Text(
                "Your company is not one of the two that this channel's bot was set up for, so nothing of yours is "
                "counted, and nothing can be shown to you. If it belongs to one of them, ask a lead of the alliance to "
                "say so."
            ),
        ),
    )


def report_not_saved() -> Card:
    return Card(
        "Not saved",
        (
            Text(
                "The bot cannot reach its database just now, and nothing was kept. Please try again in a minute."
            ),
        ),
    )


def report_unconfirmed() -> Card:
    return Card(
        "Perhaps not saved",
        (Text("This took too long, so it may not have been saved. Please try again; it will count once."),),
    )


def report_unknown_company() -> Card:
    return Card(
        "Not saved",
        (
            Text(
                "I was not told just now which company you belong to, so nothing was kept. Please try again."
            ),
        ),
    )


def write_comment_form(round: Round) -> Card:
    return Card(
        "Confidential comment",
        (
            Text(
                "Shown to the leads of your own side only, without your name, time or rating, and only together "
                "with those of at least two others, every fourth round. Your wording may still give you away. "
                "No patient, treatment or safety details."
            ),
            Input(
                "text",
                "Your comment",
                f"What should start, stop or go on? Up to {LONGEST_COMMENT:,} characters.",
                LONGEST_COMMENT,
            ),
            Check("share", "The other side's leads may read it too"),
            Choices((Choice("Send", SendComment(round.id), "primary"),)),
        ),
    )


def confirm_comment() -> Card:
    return Card(
        "Thank you. Your comment is kept",
        (
            Text(
                "It is encrypted. Every fourth round your leads can read the comments of those rounds, all at once and "
                "in no order, if at least 10 people of your side answered and 3 commented."
            ),
        ),
    )


def confirm_shortened_comment(card: Card, text: str) -> Card:
    """Of a comment that was too long the beginning is kept: `card`, and from where on the words are missing."""
    return Card(
        f"The first {LONGEST_COMMENT:,} characters of your comment are kept",
        (
            Text(
                f"It has {len(text):,} characters; what comes after these words is not kept. Please send the rest as "
                "another comment."
            ),
            Quote(f"… {text[:LONGEST_COMMENT][-_LAST_WORDS:]}"),
            *card.blocks,
        ),
    )


def confirm_pending_comment(alliance: Alliance) -> Card:
    return Card(
        "Thank you. Your comment is kept",
        (
            Text(
                "It is encrypted. We do not know yet which company you belong to here, so nobody reads it. A lead of "
                f"{alliance.name} can say so with one tap; then it is treated like every other comment."
            ),
        ),
    )


def refuse_empty_comment() -> Card:
    return Card("Nothing was sent", (Text("The comment was empty."),))


def refuse_clinical_text(concern: Concern) -> Card:
    return Card(
        "This belongs somewhere else",
        (
            Text(_PATHS[concern]),
            Text(
                "Nothing of what you wrote was kept. If it was about working together, please say it without "
                "such details."
            ),
        ),
    )
