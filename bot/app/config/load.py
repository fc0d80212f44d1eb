"""Settings: a TOML file, overridden by the environment. Unknown keys and bad values are refused by name."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from adapters.shared.loopback import is_loopback
from bot.app.config.alliances import AllianceTable
from bot.app.config.schema import Settings, settings_model
from bot.app.config.secret_shape import check_secret
from bot.app.config.section import BadSettings
from bot.app.platforms import PLUGINS, Plugins
from bot.app.platforms.sandbox.plugin import SANDBOX, is_sandbox_enabled


def load_settings(path: Path | None, environment: Mapping[str, str], plugins: Plugins = PLUGINS) -> Settings:
    """Read the file (if any), lay the environment over it, check everything. Raises BadSettings."""
    model = settings_model(plugins)
    table = _read_file(path, model) if path else {}
    for name, value in sorted(environment.items(), key=_rank_name):
        _set_from_environment(table, name, value, model)
    try:
        settings = model.model_validate(table)
    except ValidationError as error:
        raise BadSettings(explain_errors(error)) from None
    check_together(settings, environment, plugins)
    return settings


def check_together(settings: Settings, environment: Mapping[str, str], plugins: Plugins = PLUGINS) -> None:
    """To be called on what is in force in the end: file, environment and flags. Raises BadSettings."""
    in_sandbox = "sandbox" in type(settings).model_fields and is_sandbox_enabled(settings)
    if in_sandbox and not is_loopback(settings.web.host):
        raise BadSettings("sandbox.enabled: only with web.host on loopback (127.0.0.1, ::1, localhost)")
    if in_sandbox and settings.web.public_url:
        raise BadSettings(
            "sandbox.enabled: not with web.public_url; in it anybody is whoever they want to be"
        )
    others = [plugin.title for plugin in plugins if plugin is not SANDBOX and plugin.is_wanted(settings)]
    if in_sandbox and others and environment.get("PULSE_ENV") != "test":
        raise BadSettings(
            f"sandbox.enabled: not beside {' or '.join(others)}; in it anybody is whoever they want to be, a lead too"
        )
    if settings.database.url.get_secret_value().startswith("sqlite") and "DYNO" in environment:
        raise BadSettings("database.url: this platform throws its disk away; set DATABASE_URL to PostgreSQL")
    schedule = settings.schedule
    if schedule.lease_seconds < 2 * schedule.send_timeout:
        raise BadSettings("schedule.lease_seconds: at least twice schedule.send_timeout")
    if schedule.settle_seconds < schedule.send_timeout:
        raise BadSettings("schedule.settle_seconds: not below schedule.send_timeout")
    if settings.web.public_url and not settings.web.public_url.startswith(("https://", "http://")):
        raise BadSettings("web.public_url: write the whole address, for example https://pulse.example.com")
    check_secret("web.metrics_token", settings.web.metrics_token)
    if 0 < len(settings.privacy.secret.get_secret_value()) < 32:
        raise BadSettings("privacy.secret: at least 32 characters; `pulse keys` makes one")


def load_alliances(file: Path) -> tuple[AllianceTable, ...]:
    """Read the alliances of one file; its other sections are checked as well. Raises BadSettings."""
    return load_settings(file, {}).alliance


def mask_secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Every key and value in force, without alliances; secrets as asterisks, passwords cut out of addresses."""
    values: dict[str, dict[str, Any]] = settings.model_dump(mode="json", exclude={"alliance"})
    for section, key in IN_FILE:
        address = getattr(getattr(settings, section), key).get_secret_value()
        values[section][key] = _PASSWORD.sub(r"\1\2***", address)
    return values


_PASSWORD = re.compile(r"(^[^:/]*://[^:/@]*:).*(?=@)|([?&](?:ssl)?password=)[^&]*")
"""Before the last `@`, whatever is in it, or as an option behind the `?`."""


def explain_errors(error: ValidationError) -> str:
    """One line for each wrong key: where, what. Never the value: it may be a secret."""
    found = error.errors()
    return "\n".join(
        ": ".join(filter(None, (".".join(map(str, error["loc"])), _say_allowed(error))))
        for error in found
        if not _is_consequence(error, found)
    )


def _is_consequence(error: Any, found: Sequence[Any]) -> bool:
    """Return True for "must not be empty" about a list whose items are wrong: that is reported already."""
    inside = (other["loc"] for other in found if other is not error)
    return error["type"] == "too_short" and any(loc[: len(error["loc"])] == error["loc"] for loc in inside)


def _say_allowed(error: Any) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "no such key; see config.example.toml for those that exist"
        case "missing":
            return "is missing; see config.example.toml"
        case "tuple_type" if error["loc"] == ("alliance",):
            return "write [[alliance]] above each alliance"
        case "tuple_type" if error["loc"][-1] in ("channel", "pulse"):
            return f"write [[alliance.{error['loc'][-1]}]] above each"
        case "tuple_type":
            return "must be a list, [ … ]"
        case "model_type" | "model_attributes_type":
            return f"must be a section, [{error['loc'][-1]}]"
        case "too_short":
            return "must not be empty"
    return str(error["msg"]).removeprefix("Value error, ").replace("Input should", "should")


def _read_file(path: Path, model: type[Settings]) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadSettings(f"{path}: no such file; copy config.example.toml and edit it") from None
    except OSError as error:
        raise BadSettings(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadSettings(f"{path}: not text in UTF-8; save it as that") from None
    except tomllib.TOMLDecodeError as error:
        told = str(error).replace("Cannot overwrite a value", "the same key stands there twice")
        raise BadSettings(f"{path}: not valid TOML: {told}") from None
    for section, key in list_secrets(model):
        if isinstance(table.get(section), dict) and key in table[section]:
            name = f"PULSE_{section}__{key}".upper()
            raise BadSettings(f"{section}.{key}: a secret; set {name} or {name}_FILE, not the config file")
    _read_banks(table, path.parent)
    return table


def _read_banks(table: dict[str, Any], folder: Path) -> None:
    """Replace the file name of an alliance's question bank by the file's text."""
    alliances = table.get("alliance", [])
    for alliance in alliances if isinstance(alliances, list) else []:
        if isinstance(alliance, dict) and isinstance(alliance.get("bank"), str):
            try:
                alliance["bank"] = (folder / alliance["bank"]).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                raise BadSettings(f"alliance.bank: {alliance['bank']}: cannot be read") from None


IN_FILE = (("database", "url"), ("network", "proxy"))
"""Addresses. They may hold a password, and may stand in the file all the same."""


def list_secrets(model: type[Settings]) -> list[tuple[str, str]]:
    """List section and key of what only the environment may hold."""
    return [place for place, kind in list_keys(model) if "SecretStr" in str(kind) and place not in IN_FILE]


def list_keys(model: type[Settings]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Yield section, key and type of everything that can be set, alliances left out."""
    for section, field in model.model_fields.items():
        for key, value in getattr(field.annotation, "model_fields", {}).items():
            yield (section, key), value.annotation


_CONVENTIONAL = {
    "DATABASE_URL": ("database", "url"),
    "PORT": ("web", "port"),
    "https_proxy": ("network", "proxy"),
    "HTTPS_PROXY": ("network", "proxy"),
    "no_proxy": ("network", "no_proxy"),
    "NO_PROXY": ("network", "no_proxy"),
}
"""Names that many programs read. Where one is set twice, the later one here counts, and the bot's own most of all."""
_OWN = {"PULSE_ENV", "PULSE_CLOCK_FILE", "PULSE_CRASHPOINT"}


def _rank_name(item: tuple[str, str]) -> int:
    names = list(_CONVENTIONAL)
    return names.index(item[0]) if item[0] in names else len(names)


def _set_from_environment(table: dict[str, Any], name: str, value: str, model: type[Settings]) -> None:
    if name in _CONVENTIONAL:
        section, key = _CONVENTIONAL[name]
    elif name.startswith("PULSE_") and name not in _OWN:
        section, _, key = name.removeprefix("PULSE_").lower().partition("__")
        if not key:
            raise BadSettings(f"{name}: write PULSE_SECTION__KEY, for example PULSE_WEB__PORT")
    else:
        return
    if key.endswith("_file"):
        key, value = key.removesuffix("_file"), _secret_file(name, value)
    if not isinstance(table.setdefault(section, {}), dict):
        raise BadSettings(f"{section}: must be a section, [{section}]")
    is_list = "tuple" in str(dict(list_keys(model)).get((section, key)))
    table[section][key] = _split_list(value) if is_list else value


def _split_list(value: str) -> list[str]:
    return [word.strip() for word in value.replace("\n", ",").split(",") if word.strip()]


def _secret_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadSettings(f"{name}: the file it names cannot be read") from None
