"""Write private replies to the person who just did something."""

from functools import lru_cache

from bot.model.alliance import Alliance, Item, Round, Side
from bot.model.cards import Card, Check, Choice, Choices, Input, Quote, RunCommand, SendComment, Text
from bot.model.events import LONGEST_COMMENT
from bot.wording.dates import format_moment
from bot.wording.question import label_answer, offer_answers

_UNREAD = (
    "I may not read the list of this channel's members, so I can't tell your company. You don't need to do anything; "
    "whoever operates me sees it."
)
_LAST_WORDS = 80
"""Characters by which a writer finds the place again."""


@lru_cache(maxsize=64)
def confirm_answer(alliance: Alliance, asked_round: Round, item: Item, value: int | None) -> Card:
    return Card(
        f"You answered {label_answer(value)}",
        (
            Text(f"You can change it until {format_moment(asked_round.closes_at, alliance.timezone)}."),
            offer_answers(asked_round, item, value),
            Choices(
                (
                    Choice(
                        "Add a confidential comment", RunCommand(f"comment {asked_round.id} {alliance.key}")
                    ),
                )
            ),
        ),
    )


def note_late_tap(card: Card) -> Card:
    """Say of a confirmation that a tap arrived after a later one, which stays."""
    note = Text("An earlier tap of yours arrived late. This one, which you gave after it, stays.")
    return Card(card.heading, (note, *card.blocks))


def confirm_pending_answer(alliance: Alliance, asked_round: Round, item: Item, value: int | None) -> Card:
    card = confirm_answer(alliance, asked_round, item, value)
    note = Text(
        "Your answer is saved but not counted yet: I don't know which company you belong to. "
        f"A lead of {alliance.name} can confirm it with one tap. Then your answer counts."
    )
    return Card(card.heading, (note, *card.blocks))


def confirm_unread_answer(alliance: Alliance, asked_round: Round, item: Item, value: int | None) -> Card:
    card = confirm_answer(alliance, asked_round, item, value)
    note = Text(f"Your answer is saved but not counted yet: {_UNREAD} It counts as soon as I can.")
    return Card(card.heading, (note, *card.blocks))


def refuse_wrong_side(alliance: Alliance, side: Side) -> Card:
    name = alliance.organisation(side.other).name
    return Card(
        "This question is for the other company",
        (Text(f"It is for staff of {name} only. Your tap was not saved."),),
    )


def refuse_late_answer(alliance: Alliance, asked_round: Round) -> Card:
    return Card(
        "This pulse is closed",
        (
            Text(
                f"It closed on {format_moment(asked_round.closes_at, alliance.timezone)}; your tap was not counted. "
                "The next pulse will appear in the channel."
            ),
            Choices((Choice("Show the score", RunCommand(f"score {alliance.key}")),)),
        ),
    )


def refuse_unknown_round() -> Card:
    return Card(
        "I don't know this question",
        (
            Text(
                "Its alliance may have been removed. Your tap was not counted. Please tell an alliance lead."
            ),
        ),
    )


def refuse_stranger() -> Card:
    return Card(
        "You are not part of this alliance yet",
        (
            Text(
                "I was set up for two companies, and yours is not one of them. So I can't count your answers or show "
                "you results. If your company belongs to one of the two, please ask an alliance lead to confirm it."
            ),
        ),
    )


def refuse_outsider(alliance: Alliance) -> Card:
    """To somebody of one of the two companies, or a guest, who is in none of the joint channels."""
    return Card(
        "You are not in the joint channel",
        (
            Text(
                f"Only people in a joint channel of {alliance.name} take part, so nothing was saved and I can't show "
                "you results. If you work on it, please ask an alliance lead to add you to the channel."
            ),
        ),
    )


def report_not_saved() -> Card:
    return Card(
        "Not saved",
        (Text("The database can't be reached. Please try again in a minute."),),
    )


def report_unconfirmed() -> Card:
    return Card(
        "It may not have been saved",
        (Text("This took too long. Please try again: it will count only once."),),
    )


def report_unknown_company() -> Card:
    return Card(
        "Not saved",
        (Text("The chat platform did not say which company you belong to. Please try again."),),
    )


def report_unread_company() -> Card:
    return Card(
        "I can't show you anything yet",
        (
            Text(
                "I may not read the list of this channel's members, so I can't tell your company. You can answer "
                "questions: answers are saved. Please tell whoever operates me."
            ),
        ),
    )


def write_comment_form(asked_round: Round, reviewed: bool = False) -> Card:
    """`reviewed`: its writer has said that it is about working together."""
    return Card(
        "Confidential comment",
        (
            Text(
                "Only the leads of your own company will read it. They see it without your name, the time or your "
                "rating, every fourth round, together with at least two other comments. Your wording may still give "
                "you away. Please leave out patient, treatment and safety details."
            ),
            Input(
                "text",
                "Your comment",
                f"What should start, stop or go on? Up to {LONGEST_COMMENT:,} characters.",
                LONGEST_COMMENT,
            ),
            Check("share", "The other company's leads may read it too"),
            Choices((Choice("Send", SendComment(asked_round.id, reviewed), "primary"),)),
        ),
    )


def write_comment_again(asked_round: Round) -> Card:
    """Of held words that this process does not have, or no longer: its writer sends them again, and they are kept."""
    form = write_comment_form(asked_round, reviewed=True)
    return Card(
        form.heading,
        (
            Text(
                "I no longer have your words, and nothing was saved. Please send them again: I won't ask twice."
            ),
            *form.blocks,
        ),
    )


def confirm_comment() -> Card:
    return Card(
        "Thank you. Your comment is saved",
        (
            Text(
                "It is encrypted. Every fourth round your leads can read the comments of those rounds, all together "
                "and in no order, if at least 10 people from your company answered and 3 commented."
            ),
        ),
    )


def confirm_shortened_comment(card: Card, text: str) -> Card:
    """Of a comment that was too long the beginning is kept: `card`, and from where on the words are missing."""
    return Card(
        f"The first {LONGEST_COMMENT:,} characters of your comment are saved",
        (
            Text(
                f"It has {len(text):,} characters. Everything after these words is not saved. Please send the rest as "
                "another comment."
            ),
            Quote(f"… {text[:LONGEST_COMMENT][-_LAST_WORDS:]}"),
            *card.blocks,
        ),
    )


def confirm_pending_comment(alliance: Alliance) -> Card:
    return Card(
        "Thank you. Your comment is saved",
        (
            Text(
                "It is encrypted. I don't know which company you belong to, so nobody can read it yet. A lead of "
                f"{alliance.name} can confirm it with one tap. Then it is treated like every other comment."
            ),
        ),
    )


def confirm_unread_comment() -> Card:
    words = f"It is encrypted. Nobody can read it yet: {_UNREAD} Then it is treated like every other comment."
    return Card("Thank you. Your comment is saved", (Text(words),))


def refuse_empty_comment() -> Card:
    return Card("Nothing was sent", (Text("The comment was empty."),))
