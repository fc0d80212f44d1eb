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
class JsonCodec(Generic[T]):
    adapter: TypeAdapter[tuple[T]]

    def write(self, value: T) -> str:
        return self.adapter.dump_json((value,)).decode()

    def read(self, text: str) -> T:
        """Read a value; raise Unfit if the text does not fit."""
        try:
            return self.adapter.validate_json(text)[0]
        except ValidationError as error:
            raise Unfit(f"{error.title}: {error.error_count()} errors") from None


def make_codec(shape: Any) -> JsonCodec[Any]:
    """Return what writes and reads values of that shape."""
    # A configuration is not accepted for a dataclass itself, but is for a tuple around it.
    config = ConfigDict(ser_json_inf_nan="constants", hide_input_in_errors=True)
    return JsonCodec(TypeAdapter(tuple[shape], config=config))


ALLIANCE: JsonCodec[Alliance] = make_codec(Alliance)
LEADS: JsonCodec[tuple[tuple[Member, ...], tuple[Member, ...]]] = make_codec(
    tuple[tuple[Member, ...], tuple[Member, ...]]
)
ITEMS: JsonCodec[tuple[Item, ...]] = make_codec(tuple[Item, ...])
ALARM: JsonCodec[Alarm] = make_codec(Alarm)
ALARMS: JsonCodec[tuple[Alarm, ...]] = make_codec(tuple[Alarm, ...])
MOOD: JsonCodec[tuple[MoodLine, ...]] = make_codec(tuple[MoodLine, ...])
MEMORY: JsonCodec[dict[str, object]] = make_codec(dict[str, Any])
TURNOUT: JsonCodec[tuple[dict[Side, int], dict[Side, int]]] = make_codec(
    tuple[dict[Side, int], dict[Side, int]]
)
FAVOURABLE: JsonCodec[tuple[int, int, int]] = make_codec(tuple[int, int, int])
POSTING: JsonCodec[tuple[Place, Card]] = make_codec(tuple[Place, Card])
REF: JsonCodec[MessageRef] = make_codec(MessageRef)
CHAT: JsonCodec[tuple[str, str, str]] = make_codec(tuple[str, str, str])


@lru_cache(maxsize=1024)
def read_items(text: str) -> tuple[Item, ...]:
    return ITEMS.read(text)
