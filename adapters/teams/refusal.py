"""How a request is turned away."""


class Refusal(Exception):
    """A request that is not taken: `status` is 400, 401, 403, 408 or 413; `reason` quotes nothing of it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
