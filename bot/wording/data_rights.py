"""Write what a person is told about their own data."""

from bot.model.alliance import Alliance
from bot.model.cards import Card, Choice, Choices, Quote, RunCommand, Text


def offer_data_copy() -> Card:
    return Card(
        "A copy of everything I keep about you",
        (
            Text(
                "Press the button. It shows you a passphrase and tells the operator that you asked. The operator sends "
                "you an encrypted file, which only your passphrase opens."
            ),
            Choices((Choice("Show my passphrase", RunCommand("data passphrase"), "primary"),)),
        ),
    )


def show_passphrase(passphrase: str) -> Card:
    return Card(
        "Write down this passphrase",
        (
            Quote(passphrase),
            Text(
                "It is shown once, and nobody else can find it out. The operator now knows that you asked, and has 30 "
                "days to send you the file. Open the file in a browser and type the passphrase. If you lose it, ask "
                "again: you get another one, and a file made for the old one stays closed."
            ),
        ),
    )


def report_data_copy(alliance: Alliance) -> Card:
    return Card(
        f"{alliance.name}: a copy of your data was made",
        (
            Text(
                "It is an encrypted file, which opens with your passphrase only. The operator sends it to you. If you "
                "did not ask for it, please tell your data protection officer."
            ),
        ),
    )
