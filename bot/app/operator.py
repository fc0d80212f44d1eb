"""Whoever works at the command line, as the audit log knows them."""

import getpass
import hmac
import os

from bot.app.bot import Bot
from bot.audit import Act, Noted


def noted(bot: Bot, act: Act, alliance: str = "", detail: str = "") -> Noted:
    """What this operator is about to do; at the time of this machine, whatever the sandbox pretends."""
    secret = bot.settings.privacy.secret.get_secret_value().encode()
    return Noted(act, alliance, operator(secret), bot.clock.machine(), detail)


def operator(secret: bytes) -> str:
    """The same for the same account of this machine; who it is, only the operators' own records tell."""
    return "operator:" + hmac.new(secret, f"operator\x00{_account()}".encode(), "sha256").hexdigest()[:16]


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry
        return str(os.getuid())
