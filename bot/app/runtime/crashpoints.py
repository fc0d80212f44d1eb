"""Named points at which a process dies as by `kill -9`: tests hit each window between two commits on purpose.

`PULSE_CRASHPOINT=after_claim` ends the process after the first claim that took something, before it is worked on;
any step of `STEPS` or method of a platform can be named, with `before_` or `after_`. Only with `PULSE_ENV=test`.
"""

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from bot.app.config.section import BadSettings
from bot.ports import ChatPlatform

Port = TypeVar("Port")

STEPS: Mapping[str, str] = {
    "due": "pulses.list_due",
    "ask": "pulses.ask",
    "look_again": "pulses.reschedule",
    "missed": "pulses.list_missed",
    "digests_due": "digests.list_due",
    "digest": "digests.send",
    "enqueue": "outbox.enqueue",
    "enqueue_again": "outbox.enqueue_again",
    "claim": "claims.take_due",
    "settle": "claims.settle",
    "confirm": "outbox.confirm",
    "expire": "claims.expire_leases",
    "unsettled": "claims.list_unsettled",
    "statuses": "outbox.list_statuses",
    "resolve": "outbox.resolve",
    "declare": "alliances.declare",
    "alliances": "alliances.list_all",
    "alliance": "alliances.find_by_key",
    "alliance_at": "alliances.find_by_channel",
    "known": "alliances.resolve_channel",
    "move": "alliances.move_channel",
    "alliances_of": "alliances.list_by_homes",
    "map_home": "companies.claim",
    "unenrolled": "rounds.list_unenrolled",
    "enrol": "rounds.enrol",
    "to_remind": "rounds.list_to_remind",
    "answered": "answers.list_respondents",
    "remind": "rounds.remind",
    "answer": "answers.save_answer",
    "own_answers": "answers.list_own",
    "comment": "comments.save_comment",
    "comments": "comments.list_newest_blocks",
    "keep_reading": "readings.save_reading",
    "drop_reading": "readings.delete_reading",
    "round": "rounds.find_round",
    "open_rounds": "rounds.list_open",
    "asked_in": "outbox.has_posted",
    "to_close": "closings.list_to_close",
    "freeze": "closings.freeze_round",
    "record": "closings.load_record",
    "close": "closings.close_round",
    "releases": "closings.list_releases",
    "last_round": "rounds.find_last_closed",
    "mood": "closings.list_mood",
    "alarms": "alarms.list_raised",
    "acknowledge": "alarms.acknowledge",
    "accept": "alarms.accept_new_normal",
    "turnout": "rounds.count_turnout",
    "setting": "values.find_value",
    "keep_setting": "values.save_value",
    "ready": "ready",
}
"""Steps of the store: name in PULSE_CRASHPOINT, which never changes → repository and method that carry it out."""
DUE = ("enrol", "remind")
"""Methods that are called only for what is due: they did something even where they count nobody."""


def add_crashpoint(port: Port) -> Port:
    """Return the port, ending the process where the environment says so. Raises BadSettings for no such point."""
    point = os.environ.get("PULSE_CRASHPOINT", "")
    if not point or os.environ.get("PULSE_ENV") != "test":
        return port
    when, _, step = point.partition("_")
    if when not in ("before", "after") or not (step in STEPS or hasattr(ChatPlatform, step)):
        raise BadSettings("PULSE_CRASHPOINT: before_STEP or after_STEP, of the store or of a platform")
    return crash_at(port, when, step, die)


def crash_at(port: Port, when: str, step: str, end: Callable[[], None]) -> Port:
    """Return the port, calling `end` before or after each call of that step that does something."""
    path = STEPS.get(step, step).split(".")
    return cast(Port, _Crashpoint(port, when, tuple(path), end))


def die() -> None:
    """End this process at once, with nothing cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class _Crashpoint:
    port: Any
    when: str
    path: tuple[str, ...]
    """Name of the method to end at, after the names of the attributes that lead to it."""
    end: Callable[[], None]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.port, name)
        match self.path:
            case [method] if method == name:
                return self._wrap_method(found, is_due=name in DUE)
            case [attribute, *rest] if attribute == name:
                return _Crashpoint(found, self.when, tuple(rest), self.end)
        return found

    def _wrap_method(self, method: Callable[..., Any], is_due: bool) -> Callable[..., Any]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            if self.when == "before":
                self.end()
            result = await method(*args, **kwargs)
            if self.when == "after" and (is_due or result or result is None):
                self.end()
            return result

        return call
