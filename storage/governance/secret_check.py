"""Is `privacy.secret` the one that this database was filled with?

Under another one everybody is a stranger: who answered already can answer again and counts twice, so a number that is
to rest on five people would rest on three. The database keeps a check value, from which the secret cannot be computed,
sealed with the encryption keys. One that was filled before there was a check value is judged by its audit log.
"""

import hmac

from sqlalchemy import Connection

from storage.engine import settings
from storage.engine.encryption import Vault
from storage.governance.audit_log import is_signed_with

SETTING = "storage.secret_check"


def fits_secret(connection: Connection, vault: Vault, secret: bytes) -> bool | None:
    """None where the database holds nothing yet that was made with a secret. Raises Unreadable."""
    kept = settings.find(connection, vault, SETTING)
    if kept is not None:
        return hmac.compare_digest(kept, _check_value(secret))
    return is_signed_with(connection, secret)


def keep_check_value(connection: Connection, vault: Vault, secret: bytes) -> bool:
    """Keep the check value of this secret; False, and no change, where the database is of another one.

    Of two processes that start a new database with different secrets, one gets False. Raises Unreadable.
    """
    if fits_secret(connection, vault, secret) is False:
        return False
    settings.save_first(connection, vault, SETTING, _check_value(secret))
    return fits_secret(connection, vault, secret) is True


def _check_value(secret: bytes) -> str:
    return hmac.new(secret, b"check value of the secret", "sha256").hexdigest()
