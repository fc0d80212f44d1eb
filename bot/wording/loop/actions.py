"""Say what leads decided to do about an alert, by when, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.alarms.follow_up import FollowUp
from bot.model.alliance import Alliance, Side
from bot.model.cards import Block, Card, Choice, Choices, Input, Quote, RunCommand, SendWords, Text
from bot.model.planned_action import DROP_REASONS, LONGEST_ACTION, MOST_OPEN, ActionState, DropReason
from bot.wording.dates import format_day, format_short_day, name_topic
from bot.wording.loop.alerts import Owner

WEEK = timedelta(weeks=1)
REASONS: dict[DropReason, str] = {
    "needless": "it is not needed any more",
    "impossible": "it cannot be done",
    "replaced": "something else is better",
}


@dataclass(frozen=True, slots=True)
class ActionLine:
    """An action as one lead reads it."""

    id: str
    text: str
    due: date
    owner: Owner
    state: ActionState = "open"
    moved: int = 0
    reason: DropReason | None = None
    topic: str = ""
    """The dimension that it is about."""
    revision: int = 0
    is_told: bool = False
    """The channel has read what was done."""
    may_tell: bool = True
    """Leads of both sides see it, so the channel may hear of it."""


def write_action_form(alliance: Alliance, number: str, only: Side | None) -> Card:
    """Ask for an action; `only`: the side whose leads alone will see it, None for both."""
    whose = f"Only leads at {alliance.organisation(only).name} see" if only else "Leads of both companies see"
    return Card(
        "Plan an action",
        (
            Text("One thing to do. I note the second call from now as its date, and you as its owner."),
            Input(
                "text", "What will you do?", f"Up to {LONGEST_ACTION} characters. {whose} it.", LONGEST_ACTION
            ),
            Choices((Choice("Plan it", SendWords(f"plan {number} {alliance.key}"), "primary"),)),
        ),
    )


def confirm_plan(alliance: Alliance, side: Side, line: ActionLine, only: Side | None) -> Card:
    whose = "your side's leads" if only else "the leads of both companies"
    said = Text(f"It is on top of the digest for {whose} until it is done.", quiet=True)
    return Card("Planned", (*_write_action(alliance, side, line), said))


def tell_plan(alliance: Alliance, by: Side, line: ActionLine) -> Card:
    """Tell the other leads what a lead of the side `by` will do."""
    company = alliance.organisation(by).name
    return Card(
        f"{alliance.name}: a lead at {company} plans an action",
        (Quote(line.text), Text(f"It is to be done by {format_day(line.due)}.")),
    )


def tell_end(alliance: Alliance, by: Side, line: ActionLine) -> Card:
    """Tell the other leads that a lead of the side `by` has done or dropped an action."""
    company = alliance.organisation(by).name
    verb = "has done" if line.state == "done" else "has dropped"
    why = (Text(f"The reason given: {REASONS[line.reason]}."),) if line.reason else ()
    return Card(f"{alliance.name}: a lead at {company} {verb} an action", (Quote(line.text), *why))


def list_actions(alliance: Alliance, side: Side, lines: Sequence[ActionLine]) -> Card:
    """List open actions with their buttons, and the newest that are done or dropped."""
    opened = [line for line in lines if line.state == "open"]
    ended = [line for line in lines if line.state != "open"][-5:]
    blocks = [block for line in opened for block in _write_action(alliance, side, line)]
    for line in ended:
        blocks += [Text(f"{_say_end(line)}: {line.text}", quiet=True), *_offer_story(alliance, line)]
    nothing = (Text("No action so far. Press “Plan an action” under an alert."),)
    return Card(f"{alliance.name}: actions", tuple(blocks) or nothing)


def write_open_actions(alliance: Alliance, side: Side, lines: Sequence[ActionLine]) -> tuple[Block, ...]:
    """Write the open actions as a digest shows them."""
    return tuple(
        block for line in lines if line.state == "open" for block in _write_action(alliance, side, line)
    )


def _write_action(alliance: Alliance, side: Side, line: ActionLine) -> tuple[Block, ...]:
    names = f"{line.id} {alliance.key}"
    return (
        Text(f"Action until {format_day(line.due)}: {line.text}"),
        Text(_say_owner(alliance, side, line), quiet=True),
        Choices(
            (
                Choice("Done", RunCommand(f"done {names}"), "primary"),
                Choice("One week later", RunCommand(f"move {line.id} {line.due + WEEK} {alliance.key}")),
                Choice("Drop it", RunCommand(f"drop {names}")),
            )
        ),
    )


def _say_owner(alliance: Alliance, side: Side, line: ActionLine) -> str:
    match line.owner:
        case "you":
            who = "You own it"
        case "nobody":
            who = "Nobody owns it"
        case owner:
            whose = side if owner == "colleague" else side.other
            who = f"A lead at {alliance.organisation(whose).name} owns it"
    times = "once" if line.moved == 1 else f"{line.moved} times"
    return f"{who}; moved {times}." if line.moved else f"{who}."


def _say_end(line: ActionLine) -> str:
    if line.state == "done":
        return "Done, and told in the channel" if line.is_told else "Done"
    return f"Dropped, as {REASONS[line.reason]}" if line.reason else "Dropped"


def confirm_change(alliance: Alliance, side: Side, line: ActionLine) -> Card:
    """Say that it is done, dropped or moved."""
    if line.state == "open":
        return Card(f"Moved to {format_short_day(line.due)}", _write_action(alliance, side, line))
    after = "The next rounds show whether it helped." if line.state == "done" else "The alert is still open."
    return Card(_say_end(line), (Quote(line.text), Text(after), *_offer_story(alliance, line)))


def _offer_story(alliance: Alliance, line: ActionLine) -> tuple[Block, ...]:
    if line.state != "done" or line.is_told or not line.may_tell:
        return ()
    tell = Choice("Tell the channel", RunCommand(f"tell {line.id} {alliance.key}"), "primary")
    return (Choices((tell,)),)


def ask_drop_reason(alliance: Alliance, line: ActionLine) -> Card:
    reasons = tuple(
        Choice(
            f"{REASONS[reason][:1].upper()}{REASONS[reason][1:]}",
            RunCommand(f"drop {line.id} {reason} {alliance.key}"),
        )
        for reason in DROP_REASONS
    )
    return Card("Why drop it?", (Quote(line.text), Choices(reasons)))


def refuse_fourth(alliance: Alliance, side: Side, lines: Sequence[ActionLine]) -> Card:
    """Ask which action to end first; the text that was not saved is not repeated."""
    said = Text(f"Not saved. There are {MOST_OPEN} open actions, as many as there can be. Which one is over?")
    return Card("Three actions are open", (said, *write_open_actions(alliance, side, lines)))


def refuse_long_text(length: int, longest: int) -> Card:
    said = f"Not saved. It has {length} characters; {longest} is the most. Please write it shorter."
    return Card("Too long", (Text(said),))


def report_ended(line: ActionLine) -> Card:
    """Say that a tap came too late."""
    return Card("This action is over", (Text(f"{_say_end(line)}: {line.text}"), Text("Nothing has changed.")))


def refuse_unknown_action() -> Card:
    return Card("I don't know this action", (Text("It may be over. Type “actions” to see what is open."),))


_HELPED: dict[FollowUp, str] = {
    "clearly better": "The same people answer clearly better since.",
    "no clear change": "There is no clear change in the answers of the same people.",
    "lower": "The same people answer lower since.",
    "too few to say": "Too few of the same people have answered before and since to say.",
}


def tell_follow_up(alliance: Alliance, text: str, topic: str, word: FollowUp) -> Card:
    """Tell leads whether an action helped, by the same people's answers since."""
    about = f"“{name_topic(topic)}”" if topic else "all topics"
    note = Text(f"This looks at {about}, asked again since. Other things may have changed, too.", quiet=True)
    return Card(f"{alliance.name}: {word}", (Quote(text), Text(_HELPED[word]), note))


def remind_overdue(alliance: Alliance, side: Side, line: ActionLine) -> Card:
    """Remind of an action that should be done."""
    return Card(f"{alliance.name}: an action is overdue", _write_action(alliance, side, line))
