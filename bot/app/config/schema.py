"""The sections of the configuration: which keys there are, what they may be, and what they are where nobody says."""

from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, create_model

from bot.app.config.alliances import AllianceTable, alliance_model
from bot.app.config.section import Section
from bot.app.platforms import PLUGINS, Plugins

AnySection = TypeVar("AnySection", bound=Section)


PageText = Annotated[str, Field(max_length=20_000)]


class Database(Section):
    url: SecretStr = SecretStr("sqlite:///pulse.sqlite3")


class Web(Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    public_url: str = ""
    metrics_token: SecretStr = SecretStr("")
    privacy_notice: PageText = ""
    terms_of_use: PageText = ""


def check_proxy(value: SecretStr) -> SecretStr:
    """Return the address of a proxy, with http:// before a bare host. Raises ValueError, which quotes nothing of it."""
    url = value.get_secret_value()
    if url and "://" not in url:
        url = f"http://{url}"
    parts = urlsplit(url)
    if url and (parts.scheme != "http" or not parts.hostname or parts.path.strip("/") or parts.query):
        raise ValueError("write http://HOST:PORT")
    return SecretStr(url)


class Network(Section):
    """How calls to the platforms leave this network."""

    proxy: Annotated[SecretStr, AfterValidator(check_proxy)] = SecretStr("")
    no_proxy: tuple[str, ...] = ()


class Privacy(Section):
    secret: SecretStr = SecretStr("")
    encryption_keys: tuple[SecretStr, ...] = ()


class Schedule(Section):
    tick_seconds: Annotated[float, Field(ge=0.1, le=60)] = 5
    lease_seconds: Annotated[float, Field(ge=5, le=600)] = 60
    settle_seconds: Annotated[float, Field(ge=0, le=3600)] = 90
    send_timeout: Annotated[float, Field(ge=1, le=60)] = 10
    catchup_hours: Annotated[float, Field(ge=0, le=168)] = 2


class Retention(Section):
    """Days that each kind of data is kept."""

    answers_days: Annotated[int, Field(ge=90, le=3650)] = 400
    comments_days: Annotated[int, Field(ge=30, le=3650)] = 180
    readings_days: Annotated[int, Field(ge=30, le=3650)] = 220
    deliveries_days: Annotated[int, Field(ge=21, le=3650)] = 90
    audit_days: Annotated[int, Field(ge=90, le=3650)] = 1095
    departed_days: Annotated[int, Field(ge=0, le=90)] = 30


class Logs(Section):
    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Worker(Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0


class Settings(Section):
    """All that is configured; each platform adds its own sections (`settings_model`)."""

    database: Database = Database()
    web: Web = Web()
    network: Network = Network()
    privacy: Privacy = Privacy()
    schedule: Schedule = Schedule()
    retention: Retention = Retention()
    worker: Worker = Worker()
    logs: Logs = Logs()
    alliance: tuple[AllianceTable, ...] = ()

    def section(self, name: str, kind: type[AnySection]) -> AnySection:
        """Return a platform's section. Raises TypeError where it is of another kind."""
        found = getattr(self, name, None)
        if not isinstance(found, kind):
            raise TypeError(f"no section {name} of the kind {kind.__name__}")
        return found


@lru_cache(maxsize=8)
def settings_model(plugins: Plugins = PLUGINS) -> type[Settings]:
    """Build the settings of a bot that knows these platforms: the sections above, and each platform's own."""
    sections: dict[str, Any] = {
        name: (type(default), default) for plugin in plugins for name, default in plugin.sections.items()
    }
    alliances: Any = (tuple[alliance_model(plugins), ...], ())  # type: ignore[misc]
    return create_model("Settings", __base__=Settings, alliance=alliances, **sections)


def is_public(settings: Settings, plugins: Plugins = PLUGINS) -> bool:
    """Can the world's requests come to this bot, if through a proxy? Not by Socket Mode or in the sandbox alone."""
    return bool(settings.web.public_url) or any(plugin.is_public(settings) for plugin in plugins)
