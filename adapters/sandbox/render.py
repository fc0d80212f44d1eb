"""Cards and pages as HTML. Pure; whatever anyone wrote is shown as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.sandbox import chart
from bot.model.cards import Card, encode

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(
    encode=encode, chart=chart.chart, left=chart.LEFT, width=chart.WIDTH, height=chart.HEIGHT
)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of the page that live updates replace as a whole."""

    id: str
    html: str

    @property
    def revision(self) -> str:
        """The same for the same HTML: the page asks for nothing that it already shows."""
        return blake2b(self.html.encode(), digest_size=6).hexdigest()


def card(card: Card, id: str) -> str:
    """The blocks of a card; `id` makes the ids of its fields unique in a page."""
    return render("card.html", {"card": card, "id": id})


def render(template: str, values: Mapping[str, object]) -> str:
    return _TEMPLATES.get_template(template).render(values)
