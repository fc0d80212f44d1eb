"""Do the same work on many things, on as many processors as there are, with results in order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def map_in_order(work: Callable[[Task], Result], tasks: Iterable[Task], spread: bool) -> Iterator[Result]:
    """Yield `work` of each task; with `spread` in processes of their own, never holding more than a few at a time."""
    workers = min(4, os.cpu_count() or 1)
    if not spread or workers == 1:
        yield from map(work, tasks)
        return
    # Spawned and not forked: the caller may have threads.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        ahead: deque[Future[Result]] = deque()
        for task in tasks:
            ahead.append(pool.submit(work, task))
            if len(ahead) > 2 * workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
