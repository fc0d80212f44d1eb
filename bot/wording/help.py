"""Write help, privacy and welcome cards."""

from collections.abc import Mapping
from typing import Literal

from bot.model.alliance import Alliance, Threads
from bot.model.cards import Card, Choice, Choices, Facts, RunCommand, Text
from bot.model.commands import KeptDays

Rows = tuple[tuple[str, str], ...]
"""Commands, each with what it shows."""


ANY_WAY = "Mention me with one of these words, or send it to me."
"""How commands are given where a platform does not say more."""


def write_help(rows: Rows, ways: str = ANY_WAY) -> Card:
    """List commands, with buttons for those who cannot type slash commands."""
    buttons = tuple(Choice(word.capitalize(), RunCommand(word)) for word, _ in rows if word != "help")
    return Card("What I can do", (Text(f"{ways} Or press a button:"), Facts(rows), Choices(buttons)))


def write_greeting(rows: Rows, ways: str = ANY_WAY) -> Card:
    """Greet a person. `rows` is empty for somebody of no alliance."""
    what = Text(
        "I ask people of two companies a few short questions about how they work together. Answers are confidential: "
        "they only count inside numbers that at least five people of a company make up together."
    )
    more = (
        write_help(rows, ways).blocks
        if rows
        else (Text("Your channel hears from me when its pulse begins."),)
    )
    return Card("Hello, I'm Alliance Pulse", (what, *more))


def refuse_unknown_command(word: str, rows: Rows, ways: str = ANY_WAY) -> Card:
    return Card(f"I don't know “{word[:40]}”", write_help(rows, ways).blocks)


def refuse_incomplete_command(word: str) -> Card:
    """Of a command that needs to be told what it is about, as the buttons do."""
    return Card(
        f"What should “{word}” apply to?",
        (
            Text(
                "Press the button under the alert or the proposal. Type “alerts” or “charter” to see them again."
            ),
        ),
    )


def ask_which_alliance(alliances: tuple[Alliance, ...], command: str) -> Card:
    """Someone in several alliances asked without saying which; `command` as it was given."""
    options = tuple(
        Choice(alliance.name[:70], RunCommand(f"{command[:500]} {alliance.key}"))
        for alliance in alliances[:20]
    )
    return Card("Which alliance?", (Choices(options),))


def report_nothing_open(alliance: Alliance) -> Card:
    return Card("No pulse is open", (Text(f"The next pulse of {alliance.name} will appear in the channel."),))


def refuse_member() -> Card:
    words = "Only alliance leads can do this. Ask the lead of your company, or type “score”."
    return Card("For the alliance leads", (Text(words),))


def write_vision(alliance: Alliance) -> Card:
    return Card(alliance.name, (Text(alliance.vision or "No vision has been written down yet."),))


def write_privacy(alliance: Alliance, kept: KeptDays) -> Card:
    k = alliance.minimum
    return Card(
        "Who sees what",
        (
            Text(
                f"Your answer counts in one published number at most, together with at least {k - 1} other people "
                "from your company."
            ),
            Facts(
                (
                    ("This channel", "the questions, and roughly how many people answered"),
                    ("Every member who asks", "how aligned the two companies are"),
                    ("A lead", "their own company's numbers; the other company's if both agreed"),
                    (
                        "Your comments",
                        "your company's leads read them word for word, without your name; the other company's leads "
                        "only if you tick it",
                    ),
                    ("The operator", "that I run. No command shows an operator an answer or a comment"),
                    ("Nobody", "who answered, or what one person answered"),
                )
            ),
            Text(
                "Answers are confidential, not anonymous. They are stored under a pseudonym; comments are encrypted. "
                f"If {k - 1} colleagues compare notes, they can work out the next person's answer. If everybody gives "
                "the same answer, the number shows it. If everybody sees you join or leave, the change of the numbers "
                "may show whether you are unhappy. Your wording in a comment may give you away."
            ),
            Text(_READ[alliance.threads]),
            Text(
                "The company that installed me can export this channel and your direct messages with me. They show "
                "what you asked me for, and never what you answered."
            ),
            Text(
                f"I delete answers after {kept.answers} days, comments after {kept.comments} days and moods of "
                f"messages after {kept.moods} days. Published numbers stay until the alliance is deleted."
            ),
            Text(
                "You can have a copy of everything I keep about you: write “my data”. To have it erased, ask the "
                "operator or your data protection officer. Other questions: ask your alliance lead."
            ),
            Choices((Choice("My data", RunCommand("data")),)),
            Text("This bot is not a GxP record system."),
        ),
    )


_READ: Mapping[Threads, str] = {
    "all": "I read the mood of messages in this channel. I never store their text, only one number per message.",
    "pulse": "I read the mood of replies to the pulse. I never store their text, only one number per message.",
    "off": "I do not read messages in this channel.",
}


def write_welcome(alliance: Alliance, hears: Literal["all", "mentions"] | None = None) -> Card:
    """`hears`: which messages the platform passes on to the bot there, if it says so."""
    names = f"{alliance.sponsor.name} and {alliance.cro.name}"
    reads = {
        "all": "I read the mood of messages in this channel. I never store their text.",
        "pulse": "I read the mood of replies to the pulse. I never store their text.",
        "off": "I do not read messages in this channel.",
    }[alliance.threads]
    if hears == "mentions":
        reads = "I only receive messages that mention me, so I read no mood here."
    return Card(
        f"Hello, I am the pulse of {alliance.name}",
        (
            Text(
                f"I ask people at {names} a few short questions about working together. Both companies see the same "
                "number at the same moment."
            ),
            Text(reads),
            Choices((Choice("Who sees what", RunCommand("privacy")), Choice("Help", RunCommand("help")))),
        ),
    )
