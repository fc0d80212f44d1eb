"""Describe the changes between two declarations of an alliance."""

from collections.abc import Iterator
from dataclasses import fields

from bot.model.alliance import WEEKDAYS, Alliance, Channel, Organisation, Pulse

WORDS = ("vision", "bank", "formal")
"""Too long to show."""


def list_differences(before: Alliance | None, after: Alliance) -> tuple[str, ...]:
    """Return one line for each difference; none names a person."""
    if before is None:
        return (f"alliance {after.key}: added",)
    return tuple(f"alliance {after.key}: {line}" for line in _describe_changes(before, after))


def _describe_changes(before: Alliance, after: Alliance) -> Iterator[str]:
    yield from _compare_fields(
        before, after, apart=("sponsor", "cro", "channels", "numbers", "pulses", "holidays", *WORDS)
    )
    yield from (f"{name} changed" for name in WORDS if getattr(before, name) != getattr(after, name))
    if before.holidays != after.holidays:
        yield f"holidays {len(before.holidays)} → {len(after.holidays)}"
    yield from _compare_organisations("sponsor", before.sponsor, after.sponsor)
    yield from _compare_organisations("cro", before.cro, after.cro)
    yield from _compare_channels(before.channels, after.channels)
    yield from _compare_pulses({p.key: p for p in before.pulses}, {p.key: p for p in after.pulses})


def _compare_fields(before: object, after: object, apart: tuple[str, ...]) -> Iterator[str]:
    for field in fields(after):  # type: ignore[arg-type]
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.name not in apart and old != new:
            yield f"{field.name} {_describe_value(old)} → {_describe_value(new)}"


def _compare_organisations(side: str, before: Organisation, after: Organisation) -> Iterator[str]:
    if before.name != after.name:
        yield f"{side} name {before.name} → {after.name}"
    yield from (
        f"{side}: {platform} {company} added" for platform, company in sorted(after.homes - before.homes)
    )
    yield from (
        f"{side}: {platform} {company} removed" for platform, company in sorted(before.homes - after.homes)
    )
    if before.country != after.country:
        yield f"{side} country {_describe_countries(before)} → {_describe_countries(after)}"
    if _list_leads(before) != _list_leads(after):
        yield f"{side} leads changed ({len(before.leads)} → {len(after.leads)})"


def _describe_countries(company: Organisation) -> str:
    return ", ".join(company.country) or "(none)"


def _list_leads(organisation: Organisation) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return the leads with what members' equality leaves out: how they are reached."""
    return [(lead.platform, lead.id, lead.workspace, lead.home) for lead in organisation.leads]


def _compare_channels(before: tuple[Channel, ...], after: tuple[Channel, ...]) -> Iterator[str]:
    yield from (f"channel {_name_channel(channel)}: added" for channel in after if channel not in before)
    yield from (f"channel {_name_channel(channel)}: removed" for channel in before if channel not in after)
    kept = [channel for channel in before if channel in after]
    if kept != [channel for channel in after if channel in before]:
        yield "channels reordered"


def _name_channel(channel: Channel) -> str:
    return f"{channel.platform} {channel.workspace} {channel.address}"


def _compare_pulses(before: dict[str, Pulse], after: dict[str, Pulse]) -> Iterator[str]:
    yield from (f"pulse {key}: added" for key in after if key not in before)
    yield from (f"pulse {key}: removed" for key in before if key not in after)
    for key, pulse in after.items():
        if key in before:
            yield from (f"pulse {key}: {line}" for line in _compare_fields(before[key], pulse, apart=()))


def _describe_value(value: object) -> str:
    match value:
        case True | False:
            return "yes" if value else "no"
        case frozenset():
            return ", ".join(WEEKDAYS[day] for day in sorted(value))
        case str() | int():
            return str(value) or "(none)"
    return f"{value:%H:%M}"
