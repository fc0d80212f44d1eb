"""Named points at which a process dies as by `kill -9`: tests hit each window between two commits on purpose.

`PULSE_CRASHPOINT=after_claim` ends the process after the first claim that took something, before it is worked on;
any method of the store or of a platform can be named, with `before_` or `after_`. Only with `PULSE_ENV=test`.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from bot.app.config.load import BadSettings
from bot.model.delivery import Outbox
from bot.ports import ChatPlatform, Store

Port = TypeVar("Port")


def crashing(port: Port) -> Port:
    """The port, that ends the process where the environment says so. Raises BadSettings for no such point."""
    named = os.environ.get("PULSE_CRASHPOINT", "")
    if not named or os.environ.get("PULSE_ENV") != "test":
        return port
    when, _, method = named.partition("_")
    if when not in ("before", "after") or not any(
        hasattr(one, method) for one in (Store, Outbox, ChatPlatform)
    ):
        raise BadSettings("PULSE_CRASHPOINT: before_METHOD or after_METHOD, of the store or of a platform")
    return cast(Port, Crashpoint(port, when, method, die))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Crashpoint:
    """A port like `port`, but `end` is called before or after each call of `method` that does something."""

    port: Any
    when: str
    method: str
    end: Callable[[], None]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.port, name)
        if name == "outbox":
            return Crashpoint(found, self.when, self.method, self.end)
        return self._around(found) if name == self.method else found

    def _around(self, found: Callable[..., Any]) -> Callable[..., Any]:
        async def called(*given: Any, **named: Any) -> Any:
            if self.when == "before":
                self.end()
            result = await found(*given, **named)
            if self.when == "after" and (result or result is None):
                self.end()
            return result

        return called
