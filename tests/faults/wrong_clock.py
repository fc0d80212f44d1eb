"""A world with a time of its own, and a bot whose system clock is off from it by as much as a test wants.

The clock is the whole process's: a few lines of C, preloaded, that move what the system says. The steady clock stays
true, as it does where somebody sets a machine's clock.
"""

import struct
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

SOURCE = Path(__file__).with_suffix(".c")


@cache
def shim() -> Path:
    """Build the library to preload; needs `gcc`."""
    library = Path(mkdtemp(prefix="pulse-clock-")) / "wrong_clock.so"
    command = ("gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror")
    subprocess.run([*command, "-o", str(library), str(SOURCE)], check=True)
    return library


@dataclass(slots=True)
class World:
    """`shift`: seconds that the world is ahead of this machine; `error`: that the bot's clock is ahead of the world."""

    file: Path
    shift: float = 0.0
    error: float = 0.0

    def __post_init__(self) -> None:
        self.file.write_bytes(struct.pack("q", 0))

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), UTC)

    def seconds(self) -> float:
        """Return the world's time, in seconds since 1970."""
        return time.time() + self.shift

    def ahead(self) -> float:
        """Return the seconds that the world is ahead of this machine."""
        return self.shift

    def move_to(self, at: datetime) -> None:
        """Make it `at` in the world; the bot must not run meanwhile, as its steady clock cannot be moved."""
        self.shift = float(round(at.timestamp() - time.time()))
        self._write()

    def set_error(self, seconds: float) -> None:
        """Make the bot's clock be so many seconds ahead of the world's, from this moment on."""
        self.error = seconds
        self._write()

    def environment(self) -> dict[str, str]:
        """Return what the bot's environment needs so that its clock is this world's wrong one."""
        return {"LD_PRELOAD": str(shim()), "WRONG_CLOCK": str(self.file)}

    def _write(self) -> None:
        with self.file.open("r+b") as file:
            file.write(struct.pack("q", int(self.shift + self.error)))
