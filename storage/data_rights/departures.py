"""Remember organisations that removed the bot, and list what to erase of them after a while."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from bot.model.alliance import Side
from storage.data_rights.erasure import Erasure
from storage.engine.reader import Reader
from storage.engine.transactions import read_transaction, write_transaction
from storage.engine.upsert import insert_new
from storage.engine.writer import Writer
from storage.tables import answers, channels, departures, homes, rounds


@dataclass(frozen=True, slots=True)
class Departure:
    platform: str
    organisation: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Departures:
    """For the doors: a platform says that an organisation removed the bot, or installed it again."""

    reader: Reader
    writer: Writer

    @read_transaction
    def list_pending(self, connection: Connection) -> tuple[Departure, ...]:
        """Return organisations that left and whose data is not erased yet, oldest first. May raise StoreUnavailable."""
        rows = connection.execute(select(departures).where(~departures.c.erased).order_by(departures.c.at))
        return tuple(Departure(row.platform, row.organisation, row.at) for row in rows)

    async def cancel_answered(self) -> int:
        """Delete departures of companies that have answered since; return how many. May raise StoreUnavailable."""
        return await self.writer.run(cancel_answered)

    async def record_departure(self, platform: str, organisation: str, at: datetime) -> None:
        """Record the departure; a repeated report changes nothing. May raise StoreUnavailable."""
        await self.writer.run(_insert_departure, Departure(platform, organisation, at))

    @write_transaction
    def cancel_departure(self, connection: Connection, platform: str, organisation: str) -> None:
        """Delete the departure: the bot is installed again and remaining data stays. May raise StoreUnavailable."""
        connection.execute(delete(departures).where(*_is_departure_of(platform, organisation)))


def find_oldest_departure(connection: Connection, before: datetime) -> Departure | None:
    """Return the oldest departure before that time whose data is not erased yet."""
    query = select(departures).where(departures.c.at < before, ~departures.c.erased)
    row = connection.execute(query.order_by(departures.c.at)).first()
    return Departure(row.platform, row.organisation, row.at) if row else None


def cancel_answered(connection: Connection) -> int:
    """Delete departures of organisations whose side has answered since: they are still in the alliance."""
    own = and_(homes.c.platform == departures.c.platform, homes.c.organisation == departures.c.organisation)
    since = (
        select(answers.c.round)
        .join(rounds, rounds.c.id == answers.c.round)
        .join(homes, and_(homes.c.alliance == rounds.c.alliance, homes.c.side == answers.c.side))
        .where(own, answers.c.at > departures.c.at)
    )
    there_still = delete(departures).where(~departures.c.erased, since.correlate(departures).exists())
    return connection.execute(there_still).rowcount


def list_due_erasures(connection: Connection, gone: Departure, before: datetime) -> list[Erasure]:
    """Return the erasures for an organisation that left, one for each alliance that it is a side of.

    Its side's data up to the departure; the whole alliance where the bot is in none of its channels any more.
    """
    mine = (
        homes.c.platform == gone.platform,
        homes.c.organisation == gone.organisation,
        homes.c.side.in_(Side),
    )
    found = connection.execute(select(homes.c.alliance, homes.c.side).where(*mine)).all()
    return [
        Erasure(row.alliance, "alliance", "", gone.at)
        if not _is_reached(connection, row.alliance, before)
        else Erasure(row.alliance, "side", Side(row.side).value, gone.at)
        for row in found
    ]


def mark_erased(connection: Connection, gone: Departure) -> None:
    """Mark the departure's data as erased."""
    connection.execute(
        update(departures).where(*_is_departure_of(gone.platform, gone.organisation)).values(erased=True)
    )


def _is_reached(connection: Connection, alliance: str, before: datetime) -> bool:
    """Return whether the alliance has a channel in a workspace that the bot was not removed from before that time."""
    there = and_(
        departures.c.platform == channels.c.platform, departures.c.organisation == channels.c.workspace
    )
    left = select(departures.c.at).where(there, departures.c.at < before).exists()
    here = select(channels.c.address).where(channels.c.alliance == alliance, ~left)
    return connection.scalar(here) is not None


def _insert_departure(connection: Connection, gone: Departure) -> None:
    row = {"platform": gone.platform, "organisation": gone.organisation, "at": gone.at}
    insert_new(connection, departures, [{**row, "erased": False}])


def _is_departure_of(platform: str, organisation: str) -> tuple[ColumnElement[bool], ...]:
    return departures.c.platform == platform, departures.c.organisation == organisation
