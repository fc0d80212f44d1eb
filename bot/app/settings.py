"""Settings: a TOML file, overridden by the environment. Unknown keys and bad values are refused by name."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from bot.app.declared import AllianceTable


class BadSettings(Exception):
    """The message names the key, what is wrong with it and what is allowed."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(_Section):
    url: SecretStr = SecretStr("sqlite:///pulse.sqlite3")


class Web(_Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    public_url: str = ""


class Slack(_Section):
    signing_secret: SecretStr = SecretStr("")
    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    workspace: str = ""
    api_url: str = "https://slack.com/api/"


class Teams(_Section):
    app_id: str = ""
    app_type: Literal["", "SingleTenant", "UserAssignedMSI"] = ""
    app_password: SecretStr = SecretStr("")
    tenant_id: str = ""
    openid_metadata_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    token_url: str = ""
    service_hosts: tuple[str, ...] = ("smba.trafficmanager.net",)


class Privacy(_Section):
    secret: SecretStr = SecretStr("")
    encryption_keys: tuple[SecretStr, ...] = ()


class Schedule(_Section):
    tick_seconds: Annotated[float, Field(ge=0.1, le=60)] = 5
    lease_seconds: Annotated[float, Field(ge=5, le=600)] = 60
    settle_seconds: Annotated[float, Field(ge=0, le=3600)] = 90
    send_timeout: Annotated[float, Field(ge=1, le=60)] = 10
    catchup_hours: Annotated[float, Field(ge=0, le=168)] = 2


class Sandbox(_Section):
    enabled: bool = False


class Settings(_Section):
    database: Database = Database()
    web: Web = Web()
    slack: Slack = Slack()
    teams: Teams = Teams()
    privacy: Privacy = Privacy()
    schedule: Schedule = Schedule()
    sandbox: Sandbox = Sandbox()
    alliance: tuple[AllianceTable, ...] = ()


def load(path: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file (if any), lay the environment over it, check everything. Raises BadSettings."""
    table = _read(path) if path else {}
    environment = os.environ if environment is None else environment
    for name, value in environment.items():
        _overlay(table, name, value)
    try:
        return Settings.model_validate(table)
    except ValidationError as error:
        raise BadSettings(explain(error)) from None


def explain(error: ValidationError) -> str:
    """One line for each wrong key: where, what. Never the value: it may be a secret."""
    return "\n".join(
        f"{'.'.join(str(part) for part in one['loc'])}: {_allowed(one)}" for one in error.errors()
    )


def _allowed(one: Any) -> str:
    if one["type"] == "extra_forbidden":
        return "no such key; see config.example.toml for those that exist"
    return str(one["msg"])


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadSettings(f"{path}: no such file; copy config.example.toml and edit it") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path}: not valid TOML: {error}") from None


_CONVENTIONAL = {"DATABASE_URL": ("database", "url"), "PORT": ("web", "port")}
_OWN = {"PULSE_ENV", "PULSE_CLOCK_FILE", "PULSE_CRASHPOINT"}


def _overlay(table: dict[str, Any], name: str, value: str) -> None:
    if name in _CONVENTIONAL:
        section, key = _CONVENTIONAL[name]
    elif name.startswith("PULSE_") and name not in _OWN:
        section, _, key = name.removeprefix("PULSE_").lower().partition("__")
        if not key:
            raise BadSettings(f"{name}: write PULSE_SECTION__KEY, for example PULSE_WEB__PORT")
    else:
        return
    listed = (section, key) in {("privacy", "encryption_keys"), ("teams", "service_hosts")}
    table.setdefault(section, {})[key] = [one for one in value.split(",") if one] if listed else value
