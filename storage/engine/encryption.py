"""Encryption of what names a person or holds words.

Fernet (https://github.com/fernet/spec) has no associated data: a sealed value could be moved to another row and
would still open. So where it belongs is sealed in with it, and checked when it is opened.
"""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Unreadable(Exception):
    """A sealed value was made with another key, or for another place. Holds nothing of the value."""


class Vault:
    """Seals with the first key, opens with any. Raises ValueError for no key, or one that is no Fernet key."""

    __slots__ = ("_fernet", "_first")

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("privacy.encryption_keys: at least one is needed; `pulse keys` makes one")
        try:
            self._first = Fernet(keys[0])
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise ValueError(
                "privacy.encryption_keys: each must be 32 bytes in url-safe base64 (44 characters)"
            ) from None

    def seal(self, text: str, table: str, column: str, row: str) -> str:
        """Encrypt the text; it can be opened for that table, column and row only."""
        return self._fernet.encrypt(_encode_place(table, column, row) + text.encode()).decode()

    def open(self, sealed: str, table: str, column: str, row: str) -> str:
        """Decrypt a value that was sealed for that row. Raises Unreadable."""
        context = _encode_place(table, column, row)
        try:
            inside = self._fernet.decrypt(sealed)
        except InvalidToken:
            raise Unreadable(f"{table}.{column}: none of the encryption keys fits") from None
        if not inside.startswith(context):
            raise Unreadable(f"{table}.{column}: sealed for another row")
        return inside[len(context) :].decode()

    def is_current(self, sealed: str) -> bool:
        """Return whether it was sealed with the first key."""
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def reseal(self, sealed: str, where: str) -> str:
        """Seal the same value with the first key. Raises Unreadable, naming `where`."""
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken:
            raise Unreadable(f"{where}: none of the encryption keys fits") from None


def make_key() -> str:
    """Return a new Fernet key: 44 characters."""
    return Fernet.generate_key().decode()


def _encode_place(table: str, column: str, row: str) -> bytes:
    where = f"{table}|{column}|{row}".encode()
    return len(where).to_bytes(2, "big") + where
