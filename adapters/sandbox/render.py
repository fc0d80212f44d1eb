"""Render cards and pages as HTML; people's words are only ever shown as text. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.sandbox import chart
from bot.model.cards import encode_action

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(
    encode=encode_action, chart=chart.lay_out_chart, left=chart.LEFT, width=chart.WIDTH, height=chart.HEIGHT
)


@dataclass(frozen=True, slots=True)
class Fragment:
    """Hold a part of the page that live updates replace as a whole."""

    id: str
    html: str

    @property
    def revision(self) -> str:
        """Digest of the HTML, by which the page knows what it already shows."""
        return blake2b(self.html.encode(), digest_size=6).hexdigest()


def render_template(template: str, values: Mapping[str, object]) -> str:
    return _TEMPLATES.get_template(template).render(values)
