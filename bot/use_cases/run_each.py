"""Run the same step for many things at once; one failure does not stop the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from bot.ports import StoreUnavailable

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Enough for the store to write many at one commit, few enough for a platform's limits."""

T = TypeVar("T")


async def run_each(step: Callable[[T], Awaitable[int]], things: Iterable[T]) -> int:
    """Return the sum of the steps' counts. A step that fails is logged and left to the next tick.

    Raises StoreUnavailable, and begins no further step, where the store cannot be used.
    """
    waiting, done = list(reversed(list(things))), 0

    async def hand() -> None:
        nonlocal done
        while waiting:
            try:
                count = await step(waiting.pop())
            except StoreUnavailable:
                waiting.clear()
                raise
            except Exception as error:  # whatever is wrong with one must not keep the others waiting
                log.error("%s failed for one: %s", step.__qualname__, type(error).__name__, exc_info=error)
            else:
                done += count

    ended = await asyncio.gather(*(hand() for _ in range(AT_ONCE)), return_exceptions=True)
    for error in ended:
        if isinstance(error, BaseException):
            raise error
    return done
