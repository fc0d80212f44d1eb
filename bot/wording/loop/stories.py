"""Write "You said, we did": what leads tell the channel about an action, once both sides agree."""

from datetime import date

from bot.model.alliance import Alliance, Side
from bot.model.cards import Card, Choice, Choices, Input, Quote, RunCommand, SendWords, Text
from bot.model.planned_action import LONGEST_STORY
from bot.wording.dates import format_day, name_topic
from bot.wording.loop.actions import ActionLine


def write_story_form(alliance: Alliance, side: Side, line: ActionLine) -> Card:
    """Ask for the words, with a beginning made of the topic and the action."""
    other = alliance.organisation(side.other).name
    topic = f"“{name_topic(line.topic)}” needs work" if line.topic else "working together got harder"
    draft = f"You said that {topic}. We did this: {line.text}"
    hint = f"Up to {LONGEST_STORY} characters, for everybody in the channel. A lead at {other} agrees first."
    return Card(
        "You said, we did",
        (
            Input("text", "What will the channel read?", hint, LONGEST_STORY, value=draft),
            Choices((Choice("Ask for agreement", SendWords(f"tell {line.id} {alliance.key}"), "primary"),)),
        ),
    )


def ask_story_agreement(alliance: Alliance, by: Side, line: ActionLine, story: str) -> Card:
    """Ask a lead of the other side, with the words as the channel will read them."""
    names = f"{line.id} {line.revision} {alliance.key}"
    return Card(
        f"{alliance.name}: a lead at {alliance.organisation(by).name} wants to tell the channel what was done",
        (
            Quote(story),
            Text("If you agree, I post exactly these words in the channel."),
            Choices(
                (
                    Choice("Agree and post it", RunCommand(f"agreestory {names}"), "primary"),
                    Choice("Not like this", RunCommand(f"declinestory {names}")),
                )
            ),
        ),
    )


def write_story(alliance: Alliance, story: str) -> Card:
    """Write the message for the channel."""
    names = f"{alliance.sponsor.name} and {alliance.cro.name}"
    return Card("You said, we did", (Text(story), Text(f"From the alliance leads of {names}.", quiet=True)))


def confirm_story_asked(alliance: Alliance, side: Side, story: str) -> Card:
    other = alliance.organisation(side.other).name
    return Card(
        "Waiting for agreement",
        (Quote(story), Text(f"A lead at {other} has a message with a button to agree.")),
    )


def confirm_story_told(noticed: date, told: date) -> Card:
    """Say that the channel reads it, and how long it took from the alert."""
    days = (told - noticed).days
    return Card(
        "Posted in the channel", (Text(f"That is {days} days after the alert of {format_day(noticed)}."),)
    )


def tell_story_declined(alliance: Alliance, by: Side, story: str) -> Card:
    """Tell the leads of the side that wrote it."""
    company = alliance.organisation(by).name
    said = "Nothing was posted. Talk about the words, and try again."
    return Card(f"{alliance.name}: a lead at {company} would say it differently", (Quote(story), Text(said)))


def confirm_story_declined() -> Card:
    return Card("Not posted", (Text("The lead who wrote it hears that you would say it differently."),))


def refuse_own_story(alliance: Alliance, side: Side) -> Card:
    other = alliance.organisation(side.other).name
    return Card("Your side wrote this", (Text(f"A lead at {other} has to agree."),))


def refuse_story(reason: str) -> Card:
    """Say why nothing can be told about an action."""
    return Card("Nothing to tell yet", (Text(reason),))


def report_old_story() -> Card:
    """Say that a tap came too late: the words are others now, are told, or were declined."""
    said = "These words have been posted, changed or declined. Nothing has changed."
    return Card("This is over", (Text(said),))
