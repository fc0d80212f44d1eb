"""Set up the demo: settings that need no account, and secrets that are kept beside its database."""

import json
import os
import secrets
from importlib.resources import files
from pathlib import Path

from pydantic import SecretStr

from bot.app.config.load import check_together, load_settings
from bot.app.config.schema import Database, Privacy, Settings
from bot.app.platforms.sandbox.plugin import SandboxSection
from bot.app.runtime.bot import Bot
from bot.app.runtime.worker import drain_outbox
from bot.model.events import Joined
from bot.schedule import find_next_slot
from bot.working_days import find_working_days
from storage import make_key

HOME = Path("var")
BEGUN = "demo begun"


def make_demo_settings() -> Settings:
    """Return settings for the sandbox, SQLite under `var/` and the demo alliance.

    Host and port may come from the environment.

    Raises BadSettings for a public address, or one at which others than this machine reach it.
    """
    HOME.mkdir(exist_ok=True)
    given = load_settings(
        None, {name: value for name, value in os.environ.items() if name.startswith("PULSE_WEB__")}
    )
    declared = load_settings(Path(str(files("bot.app.demo").joinpath("demo.toml"))), {})
    kept = _load_secrets(HOME / "demo-secrets.json")
    final = given.model_copy(
        update={
            "database": Database(url=SecretStr(f"sqlite:///{HOME / 'demo.sqlite3'}")),
            "privacy": Privacy(secret=SecretStr(kept["secret"]), encryption_keys=(SecretStr(kept["key"]),)),
            "sandbox": SandboxSection(enabled=True),
            "alliance": declared.alliance,
        }
    )
    check_together(final, os.environ)
    return final


async def begin_demo(bot: Bot) -> None:
    """On the first start, let the bot say hello and move the clock to the first pulse, so that it can be answered."""
    alliance, *_ = await bot.store.alliances.list_all()
    if await bot.store.values.find_value(BEGUN) is None:
        now = bot.clock.now()
        for channel in alliance.channels:
            await bot.inbox.take(Joined(at=now, channel=channel, who=None))
        await drain_outbox(bot, now)
        first = min(
            find_next_slot(pulse, alliance.timezone, now, find_working_days(alliance)).at
            for pulse in alliance.pulses
        )
        await bot.clock.move_to(first, bot.store)
        await bot.store.values.save_value(BEGUN, first.isoformat())


def _load_secrets(file: Path) -> dict[str, str]:
    if not file.exists():
        fresh = {"secret": secrets.token_urlsafe(48), "key": make_key()}
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(fresh, out)
    kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return kept
