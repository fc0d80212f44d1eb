"""Describe the result of one check to an operator."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`advice`: what to do where it is not `ok`. `looked`: False where it could not be looked at, which is not ok."""

    check: str
    ok: bool
    advice: str = ""
    looked: bool = True


def skip_check(check: str, reason: str) -> Finding:
    """Return the finding of a check that could not be carried out."""
    return Finding(check, False, f"not looked at: {reason}", looked=False)
