"""Refuse secrets that cannot be what they are set as: cut off, another value, or a word typed to get on."""

from pydantic import SecretStr

from bot.app.config.section import BadSettings

_LEAST = 12
"""Characters. Slack's secrets have 32, Entra's 40; `openssl rand -hex 16` makes 32."""


def check_secret(key: str, secret: SecretStr, begins: tuple[str, ...] = (), least: int = _LEAST) -> None:
    """Raise BadSettings, without the value, for a secret that is set and begins otherwise, or is shorter."""
    value = secret.get_secret_value()
    if not value:
        return
    if begins and not value.startswith(begins):
        raise BadSettings(f"{key}: is another value, because it does not begin with {' or '.join(begins)}")
    if len(value) < least:
        raise BadSettings(f"{key}: too short to be one, it has fewer than {least} characters; is it cut off?")
    if any(character.isspace() for character in value):
        raise BadSettings(f"{key}: holds a space or a line break; copy it again")
