"""How a request is turned away."""


class Refusal(Exception):
    """A request that is not taken: `status` is HTTP's, `reason` what its sender is told. It quotes nothing of it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
