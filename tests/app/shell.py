"""`pulse …` as somebody at a shell calls it, with a database and secrets of its own."""

from pathlib import Path

from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from bot.app.cli.main import pulse as command

ALLIANCE = Path("bot/app/demo/demo.toml").read_text()


class Shell:
    """`pulse …` with a database and secrets of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "DATABASE_URL": f"sqlite:///{folder}/pulse.sqlite3",
            "PULSE_PRIVACY__SECRET": "s" * 40,
            "PULSE_PRIVACY__ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "PULSE_SANDBOX__ENABLED": "true",
        }

    def __call__(self, *words: str, input: str | None = None, **environment: str) -> Result:
        runner = CliRunner(env={**self.environment, **environment})
        return runner.invoke(command, list(words), input=input)

    def apply(self) -> Result:
        file = self.folder / "alliance.toml"
        file.write_text(ALLIANCE)
        self("migrate")
        return self("apply", str(file))
