"""Decide when a platform that takes so many calls a minute may be called. Pure; times are seconds on one clock.

The generic cell rate algorithm (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm), which also says when those
for whom it is too early are to come back, each at another time.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` calls at once, and from then on one every `interval` seconds."""

    interval: float
    burst: int = 1


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """Those who stand in line for the same thing."""

    booked: float = 0.0
    """When it would be free if there were no bursts (the theoretical arrival time)."""
    invited: float = 0.0
    """When the next one that is sent away is to come back."""


@dataclass(frozen=True, slots=True)
class Turn:
    at: float
    """When to call; where it is not given, when to come back."""
    is_given: bool


FAR = 60.0
"""Seconds ahead of all turns at once: nobody has the patience to book one there, so a wrong clock did."""


def heal_line(line: WaitingLine, rate: Rate, now: float) -> WaitingLine:
    """Return the line without marks of a clock that was ahead: as if all its turns had been taken just now."""
    longest = rate.burst * rate.interval
    return WaitingLine(booked=now + longest) if line.booked > now + longest + FAR else line


def find_free_turn(line: WaitingLine, rate: Rate, now: float) -> float:
    """When the next turn is."""
    return max(now, line.booked - (rate.burst - 1) * rate.interval)


def book_turn(line: WaitingLine, rate: Rate, at: float) -> WaitingLine:
    return replace(line, booked=max(at, line.booked) + rate.interval)


def invite_back(line: WaitingLine, rate: Rate, at: float, patience: float) -> tuple[WaitingLine, float]:
    """When to come back for a turn at `at`: half the patience before it, one after the other."""
    back = max(line.invited, at - patience / 2)
    return replace(line, invited=back + rate.interval), back


def ask_for_turn(line: WaitingLine, rate: Rate, now: float, patience: float) -> tuple[WaitingLine, Turn]:
    """Book the next turn if it is within `patience` seconds; else say when to come back."""
    at = find_free_turn(line, rate, now)
    if at - now > patience:
        line, back = invite_back(line, rate, at, patience)
        return line, Turn(back, False)
    return book_turn(line, rate, at), Turn(at, True)
