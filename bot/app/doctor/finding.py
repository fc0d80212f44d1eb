"""Describe the result of one check to an operator."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`advice`: what to do where it is not `ok`."""

    check: str
    ok: bool
    advice: str = ""
