"""Run steps that ask a platform. Each workspace gets a small share, so that one that hangs delays no other."""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bot.ports import StoreUnavailable

log = logging.getLogger(__name__)

SHARE = 4
"""Steps that are under way at one workspace."""
MOST = 40
"""Steps that a run begins: what another worker did meanwhile costs a call too."""
LONGEST = 30.0
"""Seconds that one step may take; it is tried again later."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Describe a step about one thing; the same `key` is never under way twice."""

    key: str
    workspaces: frozenset[str]
    step: Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Visits:
    """Hold the visits that are under way, over as many runs as they take."""

    under_way: dict[str, asyncio.Task[int]] = field(default_factory=dict)
    shares: defaultdict[str, asyncio.Semaphore] = field(
        default_factory=lambda: defaultdict(lambda: asyncio.Semaphore(SHARE))
    )

    async def run_visits(self, visits: Iterable[Visit], seconds: float | None = None) -> int:
        """Run the visits; return the sum of the counts of those that end within so many seconds; None: of all.

        One that is under way then goes on beside; one that waits for its workspace's share is left to the next run.
        Raises StoreUnavailable.
        """
        begun: set[str] = set()
        tasks = {visit.key: self._start_visit(visit, begun) for visit in self._choose_visits(visits)}
        if not tasks:
            return 0
        done, waiting = await asyncio.wait(tasks.values(), timeout=seconds)
        for key, task in tasks.items():
            if task in waiting and key not in begun:
                task.cancel()
        return sum(task.result() for task in done)

    def _choose_visits(self, visits: Iterable[Visit]) -> list[Visit]:
        """Of each workspace in turn; none of those whose share is taken."""
        free = (
            visit
            for visit in visits
            if visit.key not in self.under_way
            and not any(self.shares[workspace].locked() for workspace in visit.workspaces)
        )
        before: Counter[frozenset[str]] = Counter()
        ranked: list[tuple[int, Visit]] = []
        for visit in free:
            ranked.append((before[visit.workspaces], visit))
            before[visit.workspaces] += 1
        return [visit for _, visit in sorted(ranked, key=lambda pair: pair[0])[:MOST]]

    async def cancel(self) -> None:
        """End what is under way: each step is done, or is not and is tried again later."""
        tasks = list(self.under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start_visit(self, visit: Visit, begun: set[str]) -> asyncio.Task[int]:
        task = self.under_way[visit.key] = asyncio.ensure_future(self._make(visit, begun))

        def end(ended: asyncio.Task[int]) -> None:
            del self.under_way[visit.key]
            if not ended.cancelled():
                ended.exception()  # nobody may be waiting for it any more

        task.add_done_callback(end)
        return task

    async def _make(self, visit: Visit, begun: set[str]) -> int:
        try:
            async with AsyncExitStack() as held:
                for workspace in sorted(visit.workspaces):  # in one order, so that no two wait for each other
                    await held.enter_async_context(self.shares[workspace])
                begun.add(visit.key)
                async with asyncio.timeout(LONGEST):
                    return await visit.step()
        except StoreUnavailable:
            raise
        except TimeoutError:
            log.warning("a platform took too long to answer; asked again later")
        except Exception as error:  # whatever is wrong with one must not keep the others waiting
            log.error("a visit failed: %s", type(error).__name__, exc_info=error)
        return 0
