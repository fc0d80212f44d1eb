"""Write what a person is told about their own data."""

from bot.model.alliance import Alliance
from bot.model.cards import Card, Text


def report_data_copy(alliance: Alliance) -> Card:
    return Card(
        f"{alliance.name}: a copy of your data was made",
        (
            Text(
                "An operator made a copy of everything that is kept about you here, as is done when somebody asks "
                "for it. It is for you alone. If you did not ask, please tell your data protection officer."
            ),
        ),
    )
