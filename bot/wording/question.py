"""The question in the channel: before, during and after its round."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal
from zoneinfo import ZoneInfo

from bot.model.alliance import Alliance, Item, Round
from bot.model.cards import AnswerWith, Card, Choice, Choices, RunCommand, Text
from bot.wording.dates import format_moment, format_short_day

SCALE = ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")
CANT_JUDGE = "Can't judge"

CONFIDENTIAL = (
    "Confidential: your answer only counts inside a number from at least {minimum} people at your company. "
    "Nobody sees who answered."
)

_TURNOUT = {
    0: "Nobody answered.",
    1: "Fewer than 5 people answered.",
    5: "5 to 9 people answered.",
    10: "10 to 19 people answered.",
    20: "20 or more people answered.",
}


def label_answer(value: int | None) -> str:
    """`4 · Agree`, or `Can't judge`."""
    return CANT_JUDGE if value is None else f"{value} · {SCALE[value - 1]}"


def write_question(
    alliance: Alliance, asked_round: Round, own: Mapping[str, int | None] | None = None
) -> Card:
    """Write the question card. Buttons answer for whoever presses them; `own` marks one person's answers."""
    questions = _mark_answers(asked_round, own or {})
    opens = (Text(item.text) for item in asked_round.items if item.kind == "open")
    comment = Choices(
        (Choice("Add a confidential comment", RunCommand(f"comment {asked_round.id} {alliance.key}")),)
    )
    return Card(
        f"{alliance.name}: pulse of {format_short_day(asked_round.slot)}",
        (
            Text("How well are we working together this week? One tap per question."),
            *_explain_move(alliance, asked_round),
            *questions,
            *opens,
            comment,
            Text(
                f"{CONFIDENTIAL.format(minimum=asked_round.minimum)} Open until "
                f"{format_moment(asked_round.closes_at, alliance.timezone)}.",
                quiet=True,
            ),
        ),
    )


def _explain_move(alliance: Alliance, asked_round: Round) -> tuple[Text, ...]:
    """Say why the question comes on another day than its date, if it does."""
    asked_on = asked_round.opens_at.astimezone(ZoneInfo(alliance.timezone)).date()
    if asked_on <= asked_round.slot:
        return ()
    day = format_short_day(asked_round.slot)
    return (Text(f"{day} is a holiday at one of the companies, so I ask today.", quiet=True),)


def replace_question(card: Card, asked_round: Round, own: Mapping[str, int | None]) -> Card:
    """Put a confirmation in the question's place: with all its questions and the person's own answers marked."""
    rest = tuple(block for block in card.blocks if not (isinstance(block, Choices) and block.scale))
    return Card(card.heading, (rest[0], *_mark_answers(asked_round, own), *rest[1:]))


def _mark_answers(asked_round: Round, own: Mapping[str, int | None]) -> list[Choices]:
    return [
        offer_answers(asked_round, item, own.get(item.id, "nothing"))
        for item in asked_round.items
        if item.kind != "open"
    ]


def offer_answers(asked_round: Round, item: Item, chosen: int | str | None = "nothing") -> Choices:
    """Five labelled buttons and "can't judge"; `chosen` marks the one that was taken."""
    options = tuple(
        Choice(
            label_answer(value),
            AnswerWith(asked_round.id, item.id, value),
            "chosen" if value == chosen else "plain",
        )
        for value in (1, 2, 3, 4, 5, None)
    )
    return Choices(options, write_prompt(item), scale=True)


def conceal_answers(card: Card) -> Card:
    """Return the card as it may stand in a message that lasts, in somebody's export too: without anybody's answers."""
    chosen = {
        option.label for scale in _list_scales(card) for option in scale.options if option.style == "chosen"
    }
    if not chosen:
        return card
    blocks = tuple(_unmark(block) if isinstance(block, Choices) else block for block in card.blocks)
    heading = "Your answer is saved" if any(label in card.heading for label in chosen) else card.heading
    show = Choices((Choice("Show my answers", RunCommand("pulse")),))
    return Card(heading, (Text("This message stays, so it doesn't show what you answered."), show, *blocks))


def _list_scales(card: Card) -> list[Choices]:
    return [block for block in card.blocks if isinstance(block, Choices) and block.scale]


def _unmark(block: Choices) -> Choices:
    options = (
        replace(option, style="plain") if option.style == "chosen" else option for option in block.options
    )
    return replace(block, options=tuple(options))


def write_prompt(item: Item) -> str:
    """Return the item's words, with the side it is for if it is for one side only."""
    match item.kind:
        case "sponsor":
            return f"Sponsor staff only: {item.text}"
        case "cro":
            return f"CRO staff only: {item.text}"
    return item.text


def write_closed_question(alliance: Alliance, asked_round: Round, people: Literal[0, 1, 5, 10, 20]) -> Card:
    """Write the closed question card: no score, no exact number."""
    return Card(
        f"{alliance.name}: pulse of {format_short_day(asked_round.slot)}",
        (
            *(Text(write_prompt(item)) for item in asked_round.items),
            Text(f"Closed. {_TURNOUT[people]} Thank you."),
            Choices((Choice("Show the score", RunCommand(f"score {alliance.key}")),)),
        ),
    )


def write_reminder(alliance: Alliance, asked_round: Round, is_last: bool = False) -> Card:
    """Sent privately to those who have not answered. `is_last`: there is none after it."""
    tomorrow = Choice("Tomorrow at this time", RunCommand(f"later {asked_round.id} {alliance.key}"))
    later = () if is_last else (tomorrow,)
    questions = tuple(offer_answers(asked_round, item) for item in asked_round.items if item.kind != "open")
    return Card(
        f"{alliance.name}: the pulse is open until {format_moment(asked_round.closes_at, alliance.timezone)}",
        (
            Text("You can answer here. Nobody sees who gets a reminder."),
            *questions,
            Choices((*later, Choice("Not this month", RunCommand(f"quiet {alliance.key}")))),
        ),
    )
