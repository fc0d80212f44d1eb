"""Refuse declarations by which guests of one organisation would be people of two companies."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from bot.model.alliance import Alliance, Side, find_host
from storage.alliances.declarations import Declarations
from storage.tables import homes

Home = tuple[str, str]


def check_guests(connection: Connection, declared: Declarations, changed: Sequence[Alliance]) -> None:
    """Raise ValueError where another alliance declares the same guests for a company of another name.

    Only the channel tells such guests apart, so a declaration that goes by the host would mix two companies.
    """
    for alliance in changed:
        for home, name in _list_guests(alliance):
            same = homes.c.platform == home[0], homes.c.organisation == home[1], ~homes.c.mapped
            others = select(homes.c.alliance).where(*same, homes.c.alliance != alliance.key)
            for other in declared.load_by_keys(connection, connection.scalars(others).all()):
                if dict(_list_guests(other)).get(home, name) != name:
                    raise ValueError(
                        f"alliance {alliance.key}: {home[1]} are people of {name} here, and of another company in "
                        f"alliance {other.key}. Guests of one host cannot be told apart. Leave the word out in one of "
                        "them: its leads are asked, and confirm the guests of its own channels"
                    )


def _list_guests(alliance: Alliance) -> Iterator[tuple[Home, str]]:
    """Yield declared guests, and the name of the company that they belong to."""
    for side in Side:
        company = alliance.organisation(side)
        yield from ((home, company.name) for home in company.homes - company.claimed if find_host(home[1]))
