"""Name milestones, list them, and say how long after one something began."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.model.alliance import Alliance, Side
from bot.model.cards import Block, Card, Choice, Choices, Input, RunCommand, SendWords, Text, add_below_news
from bot.model.milestone import Milestone, MilestoneKind
from bot.wording.dates import format_day, format_short_day

NEAR = timedelta(days=21)
"""How long after a milestone an alert names it."""
QUARTER = timedelta(days=91)
NAMES: dict[MilestoneKind, str] = {
    "kickoff": "kick-off",
    "firstpatient": "first patient in",
    "amendment": "amendment",
    "keyperson": "key-person change",
    "changeorder": "change order",
    "lock": "database lock",
    "closeout": "close-out",
    "other": "milestone",
}


def name_milestone(milestone: Milestone) -> str:
    """Return `amendment 3`, or `kick-off`."""
    name = NAMES[milestone.kind]
    return f"{name} {milestone.number}" if milestone.number else name


def add_near_milestone(card: Card, milestones: Sequence[Milestone], began: date) -> Card:
    """Put below a card's news how long after a milestone it began; nothing where none was within three weeks."""
    near = [item for item in milestones if timedelta(0) <= began - item.day <= NEAR]
    if not near:
        return card
    last = max(near, key=lambda item: item.day)
    said = Text(
        f"That is {_say_distance((began - last.day).days)} {name_milestone(last)} ({format_short_day(last.day)})."
    )
    return add_below_news(card, [said])


def _say_distance(days: int) -> str:
    if days == 0:
        return "on the day of"
    return "1 day after" if days == 1 else f"{days} days after"


def write_recent_milestones(milestones: Sequence[Milestone], today: date) -> tuple[Block, ...]:
    """Write the last quarter's milestones, and those to come, as a digest shows them."""
    recent = [item for item in milestones if item.day >= today - QUARTER]
    named = ", ".join(f"{name_milestone(item)} ({format_short_day(item.day)})" for item in recent)
    return (Text(f"Milestones: {named}.", quiet=True),) if recent else ()


def list_milestones(alliance: Alliance, milestones: Sequence[Milestone]) -> Card:
    """List all of them, with a button to mark one and one to remove the newest."""
    lines = tuple(Text(f"{format_day(item.day)}: {name_milestone(item)}") for item in milestones)
    nothing = (Text("None so far. They show in alerts and digests, so that you see what a change followed."),)
    mark = Choice("Mark a milestone", RunCommand(f"milestone {alliance.key}"), "primary")
    return Card(f"{alliance.name}: milestones", (*(lines or nothing), Choices((mark,))))


def write_milestone_form(alliance: Alliance) -> Card:
    kinds = ", ".join(NAMES)
    return Card(
        "Mark a milestone",
        (
            Text(
                f"Write its kind, its number if any, and its date: amendment 3 2027-01-20. The kinds: {kinds}."
            ),
            Text(
                "To remove one, write “drop” in place of the date. The other company's lead sees it and can correct it."
            ),
            Input("text", "Milestone", "For example: firstpatient 2027-01-20", 60),
            Choices((Choice("Mark it", SendWords(f"milestone {alliance.key}"), "primary"),)),
        ),
    )


def confirm_milestone(milestone: Milestone) -> Card:
    said = "Alerts and digests of both companies' leads name it. Mark it again to correct the date."
    return Card(f"Marked: {name_milestone(milestone)}, {format_day(milestone.day)}", (Text(said),))


def confirm_removal(milestone: Milestone) -> Card:
    return Card(f"Removed: {name_milestone(milestone)}")


def tell_milestone(alliance: Alliance, by: Side, milestone: Milestone) -> Card:
    """Tell the other leads what a lead of the side `by` has marked."""
    company, names = alliance.organisation(by).name, f"{milestone.kind} {milestone.number}"
    remove = Choice("Remove it", RunCommand(f"milestone {names} drop {alliance.key}"))
    return Card(
        f"{alliance.name}: {name_milestone(milestone)}, {format_day(milestone.day)}",
        (
            Text(f"A lead at {company} has marked this milestone. If the date is wrong, mark it again."),
            Choices((remove,)),
        ),
    )


def tell_removal(alliance: Alliance, by: Side, milestone: Milestone) -> Card:
    """Tell the other leads what a lead of the side `by` has removed."""
    company = alliance.organisation(by).name
    return Card(
        f"{alliance.name}: {name_milestone(milestone)} is no milestone any more",
        (Text(f"A lead at {company} has removed it."),),
    )


def refuse_removal() -> Card:
    return Card("There is no such milestone", (Text("Type “milestones” to see what is marked."),))
