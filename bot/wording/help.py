"""What the bot can do, and how it treats what people say."""

from typing import Literal

from bot.model.alliance import Alliance
from bot.model.cards import Card, Choice, Choices, Facts, RunCommand, Text

Rows = tuple[tuple[str, str], ...]
"""Commands, each with what it shows."""


def write_help(rows: Rows) -> Card:
    """List commands, with buttons for those who cannot type slash commands."""
    return Card(
        "What I can do",
        (
            Text(
                "Type a word after /pulse, mention me with it, or send it to me directly. Or press a button:"
            ),
            Facts(rows),
            Choices(tuple(Choice(word.capitalize(), RunCommand(word)) for word, _ in rows if word != "help")),
        ),
    )


def refuse_unknown_command(word: str, rows: Rows) -> Card:
    return Card(f"I do not know “{word[:40]}”", write_help(rows).blocks)


def refuse_incomplete_command(word: str) -> Card:
    """Of a command that needs to be told what it is about, as the buttons do."""
    return Card(
        f"What is “{word}” about?",
        (Text("Press the button under the alert or the proposal. “alerts” and “charter” show them again."),),
    )


def ask_which_alliance(alliances: tuple[Alliance, ...], command: str) -> Card:
    """Someone in several alliances asked without saying which; `command` as it was given."""
    options = tuple(Choice(one.name[:70], RunCommand(f"{command[:500]} {one.key}")) for one in alliances[:20])
    return Card("Which alliance?", (Choices(options),))


def report_nothing_open(alliance: Alliance) -> Card:
    return Card(
        "No pulse is open", (Text(f"The next pulse of {alliance.name} comes to the channel by itself."),)
    )


def refuse_member() -> Card:
    return Card("For the alliance leads", (Text("Ask the lead of your side; everyone may use “score”."),))


def write_vision(alliance: Alliance) -> Card:
    return Card(alliance.name, (Text(alliance.vision or "No vision has been written down yet."),))


def write_privacy(alliance: Alliance) -> Card:
    k = alliance.minimum
    return Card(
        "Who sees what",
        (
            Text(
                f"Every answer is counted in one published number at most, together with at least {k - 1} others "
                "of your side."
            ),
            Facts(
                (
                    ("In this channel", "the questions, and roughly how many people answered"),
                    ("Every member", "how aligned the two sides are, if they ask"),
                    ("A lead", "numbers of their own side, and the other side's where both agreed"),
                    ("Nobody", "who answered, or what one person said"),
                )
            ),
            Text(
                "Confidential, not anonymous: answers are stored under a keyed pseudonym, comments encrypted. "
                f"If {k - 1} colleagues compare notes, they can work out the next one's answer, and a group that is "
                "of one mind shows it."
            ),
            Text("Thread messages are read for mood and forgotten at once; only a number per message stays."),
            Text("This bot is not a GxP record system."),
        ),
    )


def write_welcome(alliance: Alliance, hears: Literal["all", "mentions"] | None = None) -> Card:
    """`hears`: which messages the platform passes on to the bot there, if it says so."""
    names = f"{alliance.sponsor.name} and {alliance.cro.name}"
    reads = {
        "all": "Messages in this channel are read for mood as they pass, and never stored.",
        "pulse": "Replies under the pulse are read for mood as they pass, and never stored.",
        "off": "Messages in this channel are not read.",
    }[alliance.threads]
    if hears == "mentions":
        reads = "I get no messages of this channel but those that mention me, so none are read for mood."
    return Card(
        f"Hello, I am the pulse of {alliance.name}",
        (
            Text(
                f"I ask {names} a few short questions about working together and show both sides the same number, "
                "at the same moment."
            ),
            Text(reads),
            Choices((Choice("Who sees what", RunCommand("privacy")), Choice("Help", RunCommand("help")))),
        ),
    )
