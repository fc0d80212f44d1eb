"""Errors of the ports: a platform that did not do what it was asked, a store that saved nothing."""

from typing import Literal


class PlatformError(Exception):
    """A platform did not do what it was asked.

    `kind` says what is known: `refused` (will never work as it is), `later` (certainly not done, try again in
    `retry_after` seconds), `not_yet` (the same, and not even asked, to keep to a limit), `unknown` (it may have been
    done: never simply repeat).
    """

    def __init__(
        self,
        kind: Literal["refused", "later", "not_yet", "unknown"],
        reason: str,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        """A short code for logs and operators; holds no text, name or address."""
        self.retry_after = retry_after


class StoreUnavailable(Exception):
    """Nothing was saved: the database cannot be written, or too much is waiting."""


class TakenElsewhere(Exception):
    """Another process is carrying this event out: the platform is to deliver it again."""
