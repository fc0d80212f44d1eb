"""Transactions that write deliveries down together with what caused them."""

from collections.abc import Callable, Coroutine, Sequence
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeAlias, TypeVar

from sqlalchemy import Connection

from bot.model.delivery import Delivery
from storage.engine.encryption import Vault
from storage.engine.writer import Writer
from storage.outbox.enqueue import enqueue_deliveries
from storage.outbox.place_keys import PlaceKeySource

Enqueue: TypeAlias = Callable[[Sequence[Delivery]], int]
"""Inserts deliveries in the transaction that it was made for; returns how many were new."""


class _Enqueues(Protocol):
    @property
    def vault(self) -> Vault: ...
    @property
    def writer(self) -> Writer: ...
    @property
    def place_keys(self) -> PlaceKeySource: ...


P = ParamSpec("P")
R = TypeVar("R")
EnqueuesT = TypeVar("EnqueuesT", bound=_Enqueues)


def enqueue_transaction(
    work: Callable[Concatenate[EnqueuesT, Connection, Enqueue, P], R],
) -> Callable[Concatenate[EnqueuesT, P], Coroutine[Any, Any, R]]:
    """Carry the method out on the repository's writer, with a function that enqueues in the same transaction."""

    @wraps(work)
    async def run(self: EnqueuesT, /, *args: P.args, **kwargs: P.kwargs) -> R:
        places = await self.place_keys.load()

        def carry_out(connection: Connection) -> R:
            return work(
                self, connection, partial(enqueue_deliveries, connection, self.vault, places), *args, **kwargs
            )

        return await self.writer.run(carry_out)

    return run
