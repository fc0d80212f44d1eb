"""Log lines without anybody's words: an error shows where it happened and its kind, never its message."""

import logging
import sys
import traceback
from types import TracebackType

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Quiet(logging.Formatter):
    """Formats exceptions as their frames and type: messages of libraries may quote what they were given."""

    def formatException(self, ei: _ExcInfo) -> str:
        frames = "".join(traceback.format_tb(ei[2]))
        return f"{frames}{ei[0].__name__ if ei[0] else ''}"


def configure(level: int = logging.INFO) -> None:
    """Log to standard error, quietly; libraries that log what passes through them only when it matters."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Quiet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in ("slack_bolt", "slack_sdk", "apscheduler", "aiohttp.access", "alembic", "asyncio"):
        logging.getLogger(library).setLevel(logging.ERROR)
