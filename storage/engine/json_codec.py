"""Frozen values as JSON and back, exactly."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from bot.model.alliance import Alliance, Item, Member, MessageRef, Place, Side
from bot.model.cards import Card
from bot.model.closing import Alarm, MoodLine

T = TypeVar("T")


class Unfit(Exception):
    """A stored value is not of the shape this version knows. Holds nothing of the value."""


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    adapter: TypeAdapter[tuple[T]]

    def write(self, value: T) -> str:
        return self.adapter.dump_json((value,)).decode()

    def read(self, text: str) -> T:
        """Raises Unfit."""
        try:
            return self.adapter.validate_json(text)[0]
        except ValidationError as error:
            raise Unfit(f"{error.title}: {error.error_count()} errors") from None


def _form(shape: Any) -> Form[Any]:
    # A configuration is not accepted for a dataclass itself, but is for a tuple around it.
    config = ConfigDict(ser_json_inf_nan="constants", hide_input_in_errors=True)
    return Form(TypeAdapter(tuple[shape], config=config))


ALLIANCE: Form[Alliance] = _form(Alliance)
LEADS: Form[tuple[tuple[Member, ...], tuple[Member, ...]]] = _form(
    tuple[tuple[Member, ...], tuple[Member, ...]]
)
ITEMS: Form[tuple[Item, ...]] = _form(tuple[Item, ...])
ALARM: Form[Alarm] = _form(Alarm)
ALARMS: Form[tuple[Alarm, ...]] = _form(tuple[Alarm, ...])
MOOD: Form[tuple[MoodLine, ...]] = _form(tuple[MoodLine, ...])
MEMORY: Form[dict[str, object]] = _form(dict[str, Any])
TURNOUT: Form[tuple[dict[Side, int], dict[Side, int]]] = _form(tuple[dict[Side, int], dict[Side, int]])
FAVOURABLE: Form[tuple[int, int, int]] = _form(tuple[int, int, int])
POSTING: Form[tuple[Place, Card]] = _form(tuple[Place, Card])
REF: Form[MessageRef] = _form(MessageRef)
CHAT: Form[tuple[str, str, str]] = _form(tuple[str, str, str])


@lru_cache(maxsize=1024)
def items_of(text: str) -> tuple[Item, ...]:
    return ITEMS.read(text)
