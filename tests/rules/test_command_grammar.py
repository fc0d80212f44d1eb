"""What people type, with or without the bot's name, is the same command."""

import pytest

from bot.command_grammar import split_command

VERBS = {"score", "pulse", "comment", "data", "help"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("score", ("score", [])),
        ("/pulse score", ("score", [])),
        ("pulse score", ("score", [])),
        ("Pulse, score!", ("score", [])),
        ("/Alliance Pulse score", ("score", [])),
        ("@Alliance Pulse: score nw", ("score", ["nw"])),
        ("Alliance Pulse", ("help", [])),
        ("Alliance Pulse frobnicate", ("frobnicate", [])),
        ("pulse", ("pulse", [])),
        ("pulse nw", ("pulse", ["nw"])),
        ("pulse pulse", ("pulse", [])),
        ("pulse my data", ("data", [])),
        ("My data! passphrase", ("data", ["passphrase"])),
        ("my score", ("my", ["score"])),
        ("my answers", ("pulse", [])),
        ("Pulse: opt out!", ("stop", [])),
        ("Unsubscribe", ("stop", [])),
        ("Who has answered?", ("answered", [])),
        ("who hasn’t answered", ("answered", [])),
        ("who is Anna", ("who", ["is", "Anna"])),
        ("/score", ("score", [])),
        ("", ("help", [])),
        ("?", ("help", [])),
        ("/", ("help", [])),
    ],
)
def test_the_bots_name_before_a_command_is_no_part_of_it(text: str, wanted: tuple[str, list[str]]) -> None:
    assert split_command(text, VERBS) == wanted
