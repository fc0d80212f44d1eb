"""Log lines without anybody's words or ids: an error shows where it happened and its kind, never its message.

One line a record, as text or as JSON; whatever happens within a request carries the request's id.
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from errno import errorcode
from types import TracebackType
from typing import Literal, TypeAlias

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""Random id of the request that is being answered; empty outside of requests."""

Format: TypeAlias = Literal["text", "json"]
MINUTE = 60.0
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Quiet(logging.Formatter):
    """Formats exceptions as their frames and type: messages of libraries may quote what they were given."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record).replace("\n", " | ")
        request = REQUEST.get()
        return f"{line} request={request}" if request else line

    def formatException(self, ei: _ExcInfo) -> str:
        frames = "".join(traceback.format_tb(ei[2]))
        return f"{frames}{ei[0].__name__ if ei[0] else ''}"


class Guarded(logging.Filter):
    """Says of what a library's server met only its kind, and each kind once a minute.

    aiohttp writes the peer's address into its lines; where descriptors run out, asyncio writes one for each try to
    accept a connection (https://docs.aiohttp.org/en/stable/logging.html#error-logs).
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        kind = type(error).__name__ if error else "no error"
        if isinstance(error, OSError) and error.errno:
            kind += f" {errorcode.get(error.errno, error.errno)}"
        if record.created - self._told.get(kind, -MINUTE) < MINUTE:
            return False
        self._told[kind] = record.created
        record.msg, record.args = f"the server met an error: {kind}", ()
        return not _is_no_http(error) or self._lower(record)

    def _lower(self, record: logging.LogRecord) -> bool:
        """Make it a remark, which few want to see: anybody can send what is no HTTP, and nothing of the bot failed."""
        record.levelno, record.levelname, record.exc_info = logging.INFO, "INFO", None
        return logging.getLogger().isEnabledFor(logging.INFO)


def _is_no_http(error: BaseException | None) -> bool:
    if error is None:
        return False
    from aiohttp.http_exceptions import HttpProcessingError  # a command that serves nothing needs no aiohttp

    return isinstance(error, HttpProcessingError)


class Lines(logging.Formatter):
    """The same as one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request": REQUEST.get(),
        }
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            told["error"] = record.exc_info[0].__name__
            told["where"] = " > ".join(f"{frame.filename}:{frame.lineno}" for frame in frames)
        return json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)


def configure(line_format: Format = "text", level: str = "info") -> None:
    """Log to standard error, quietly; libraries that log what passes through them only when it matters."""
    handler = logging.StreamHandler(sys.stderr)
    text = Quiet("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(Lines() if line_format == "json" else text)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for library in ("slack_bolt", "slack_sdk", "apscheduler", "aiohttp.access", "alembic", "asyncio"):
        logging.getLogger(library).setLevel(logging.ERROR)
    for library in ("aiohttp.server", "asyncio"):
        logging.getLogger(library).filters = [Guarded()]
