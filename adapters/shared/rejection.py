"""Turn a request away."""


class Refusal(Exception):
    """A rejected request: `status` is the HTTP status, `reason` the text for its sender. Neither quotes it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
