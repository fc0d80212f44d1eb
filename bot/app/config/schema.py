"""The sections of the configuration: which keys there are, what they may be, and what they are where nobody says."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.app.config.alliances import AllianceTable


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(_Section):
    url: SecretStr = SecretStr("sqlite:///pulse.sqlite3")


class Web(_Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    public_url: str = ""
    metrics_token: SecretStr = SecretStr("")


class Slack(_Section):
    signing_secret: SecretStr = SecretStr("")
    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    workspace: str = ""
    api_url: str = "https://slack.com/api/"

    @property
    def is_wanted(self) -> bool:
        """Has anybody begun to set Slack up? Then it has to be right."""
        secrets = (self.signing_secret, self.bot_token, self.app_token, self.client_secret)
        return bool(self.client_id or any(one.get_secret_value() for one in secrets))


class TeamsBot(_Section):
    """One registration of the bot in Entra."""

    app_id: str = ""
    app_type: Literal["", "SingleTenant", "UserAssignedMSI"] = ""
    app_password: SecretStr = SecretStr("")
    tenant_id: str = ""


class Teams(TeamsBot):
    openid_metadata_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    token_url: str = ""
    graph_url: str = "https://graph.microsoft.com"
    service_hosts: tuple[str, ...] = ("smba.trafficmanager.net",)

    @property
    def is_wanted(self) -> bool:
        """Has anybody begun to set Teams up? Then it has to be right."""
        return bool(self.app_id or self.app_type or self.tenant_id or self.app_password.get_secret_value())


class Privacy(_Section):
    secret: SecretStr = SecretStr("")
    encryption_keys: tuple[SecretStr, ...] = ()


class Schedule(_Section):
    tick_seconds: Annotated[float, Field(ge=0.1, le=60)] = 5
    lease_seconds: Annotated[float, Field(ge=5, le=600)] = 60
    settle_seconds: Annotated[float, Field(ge=0, le=3600)] = 90
    send_timeout: Annotated[float, Field(ge=1, le=60)] = 10
    catchup_hours: Annotated[float, Field(ge=0, le=168)] = 2


class Retention(_Section):
    """Days that each kind of data is kept."""

    answers_days: Annotated[int, Field(ge=90, le=3650)] = 400
    comments_days: Annotated[int, Field(ge=30, le=3650)] = 180
    readings_days: Annotated[int, Field(ge=30, le=3650)] = 220
    deliveries_days: Annotated[int, Field(ge=21, le=3650)] = 90
    audit_days: Annotated[int, Field(ge=90, le=3650)] = 1095
    departed_days: Annotated[int, Field(ge=0, le=90)] = 30


class Logs(_Section):
    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Worker(_Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0


class Sandbox(_Section):
    enabled: bool = False


class Settings(_Section):
    database: Database = Database()
    web: Web = Web()
    slack: Slack = Slack()
    teams: Teams = Teams()
    teams_partner: TeamsBot = TeamsBot()
    privacy: Privacy = Privacy()
    schedule: Schedule = Schedule()
    retention: Retention = Retention()
    worker: Worker = Worker()
    logs: Logs = Logs()
    sandbox: Sandbox = Sandbox()
    alliance: tuple[AllianceTable, ...] = ()

    @property
    def is_public(self) -> bool:
        """Can the world's requests come to this bot, if through a proxy? Not by Socket Mode or in the sandbox alone."""
        return bool(
            self.web.public_url or self.slack.signing_secret.get_secret_value() or self.teams.is_wanted
        )
