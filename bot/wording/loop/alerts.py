"""Say who owns an alert, how it ended, and what leads can do about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias

from bot.alarms.control_charts import KINDS
from bot.model.alert import CLOSE_REASONS, UNFINISHED, AlertState, CloseReason
from bot.model.alliance import Alliance, Side
from bot.model.cards import Block, Card, Choice, Choices, RunCommand, Text
from bot.wording.alert import name_kind
from bot.wording.dates import format_day

Owner: TypeAlias = Literal["you", "colleague", "counterpart", "nobody"]
ReminderTime: TypeAlias = Literal["round", "call", "rounds"]

_NEXT = (
    "Talk to your counterpart and agree on one thing to do. If there is no action after ten working days, I remind "
    "both of you once."
)
REASONS: dict[CloseReason, str] = {
    "settled": "we talked and it is settled",
    "passing": "it was a passing thing",
    "accepted": "we know the cause and accept it",
    "mistaken": "it isn't a real problem",
}
TIMES: dict[ReminderTime, str] = {
    "round": "After the next round",
    "call": "After our call",
    "rounds": "In two rounds",
}


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert as one lead reads it: words and dates, no number."""

    number: str
    """What a lead names it by: the round at whose closing it was opened."""
    kind: str
    slot: date
    state: AlertState
    owner: Owner
    reason: CloseReason | None = None
    asks: Side | None = None
    """Whose lead can be asked to take it: the other side's where they may hear of it, else a second one's."""

    @property
    def is_over(self) -> bool:
        return self.state not in UNFINISHED


def add_alert_choices(card: Card, alliance: Alliance, lines: Sequence[AlertLine]) -> Card:
    """Put "I'll take it", and what else leads can do, before the buttons of a card that tells of alerts."""
    open_lines = [line for line in lines if line.owner == "nobody" and not line.is_over]
    *blocks, last = card.blocks
    if not open_lines or not isinstance(last, Choices):
        return card
    first = open_lines[0]
    more = Choice("More choices", RunCommand(f"alert {first.number} {alliance.key}"))
    mine = (Choice("I'll take it", RunCommand(f"take {first.number} {alliance.key}"), "primary"), more)
    return replace(card, blocks=(*blocks, replace(last, options=(*mine, *last.options))))


def write_open_alerts(alliance: Alliance, side: Side, lines: Sequence[AlertLine]) -> tuple[Block, ...]:
    """Say of each open alert who owns it, with a button for what nobody has taken."""
    said = [Text(f"{describe_alert(alliance, side, line)}.", quiet=True) for line in lines]
    free = next((line for line in lines if line.owner == "nobody" and not line.is_over), None)
    if free is None:
        return tuple(said)
    take = RunCommand(f"take {free.number} {alliance.key}")
    return (*said, Choices((Choice("I'll take it", take, "primary"),)))


def write_alert_card(alliance: Alliance, side: Side, lines: Sequence[AlertLine]) -> Card:
    """Show the alerts of one closing, with everything that a lead can do about them."""
    said = _say_each(alliance, side, lines)
    active = [line for line in lines if not line.is_over]
    choices = _list_choices(alliance, side, active) if active else ()
    return Card(f"{alliance.name}: alert of {format_day(lines[0].slot)}", (*said, *choices))


def _list_choices(alliance: Alliance, side: Side, lines: Sequence[AlertLine]) -> tuple[Block, ...]:
    names = f"{lines[0].number} {alliance.key}"
    options = []
    if any(line.owner == "nobody" for line in lines):
        options.append(Choice("I'll take it", RunCommand(f"take {names}"), "primary"))
        asked = next((line.asks for line in lines if line.asks), None)
        if asked:
            options.append(Choice(_name_asking(alliance, side, asked), RunCommand(f"asklead {names}")))
    options.append(Choice("Plan an action", RunCommand(f"plan {names}")))
    if any(line.kind in KINDS.values() for line in lines):
        options.append(Choice("Accept as the new normal", RunCommand(f"normal {names}")))
    times = tuple(
        Choice(label, RunCommand(f"remind {lines[0].number} {when} {alliance.key}"))
        for when, label in TIMES.items()
    )
    reasons = tuple(
        Choice(_capitalise(REASONS[reason]), RunCommand(f"close {lines[0].number} {reason} {alliance.key}"))
        for reason in CLOSE_REASONS
    )
    return (Choices(tuple(options)), Choices(times, "Remind me"), Choices(reasons, "Close it, because"))


def describe_alert(alliance: Alliance, side: Side, line: AlertLine) -> str:
    """Say what an alert is about and where it stands, as a clause without a full stop."""
    return f"{name_kind(alliance, line.kind)}: {_describe_state(alliance, side, line)}"


_ENDED: dict[AlertState, str] = {
    "recovered": "over, as answers are back to usual",
    "new normal": "accepted as the new normal",
}


def _describe_state(alliance: Alliance, side: Side, line: AlertLine) -> str:
    if line.state == "closed":
        return f"closed, as {REASONS[line.reason]}" if line.reason else "closed"
    if line.state in _ENDED:
        return _ENDED[line.state]
    owner = name_owner(alliance, side, line.owner)
    if line.state == "acting":
        return f"an action is under way, {owner}"
    if line.state == "checking":
        return f"the action is done and the next rounds will tell, {owner}"
    return owner


def name_owner(alliance: Alliance, side: Side, owner: Owner) -> str:
    """Say who owns it, to a lead of that side."""
    match owner:
        case "you":
            return "you own it"
        case "colleague":
            return f"a lead at {alliance.organisation(side).name} owns it"
        case "counterpart":
            return f"a lead at {alliance.organisation(side.other).name} owns it"
        case "nobody":
            return "nobody has taken it yet"


def confirm_take(alliance: Alliance, side: Side, lines: Sequence[AlertLine]) -> Card:
    """Say what came of "I'll take it", for each alert of that closing."""
    said = _say_each(alliance, side, lines)
    if any(line.owner == "you" and not line.is_over for line in lines):
        names = f"{lines[0].number} {alliance.key}"
        plan = Choice("Plan an action", RunCommand(f"plan {names}"), "primary")
        more = Choice("More choices", RunCommand(f"alert {names}"))
        return Card("You own this alert", (*said, Text(_NEXT), Choices((plan, more))))
    return (
        report_over(alliance, side, lines)
        if all(line.is_over for line in lines)
        else Card("Already taken", said)
    )


def report_over(alliance: Alliance, side: Side, lines: Sequence[AlertLine]) -> Card:
    """Say that a tap came too late."""
    return Card("This alert is over", (*_say_each(alliance, side, lines), Text("Nothing has changed.")))


def confirm_close(alliance: Alliance, side: Side, lines: Sequence[AlertLine]) -> Card:
    return Card("Closed", _say_each(alliance, side, lines))


def tell_taken(alliance: Alliance, by: Side, line: AlertLine) -> Card:
    """Tell the other leads that a lead of the side `by` owns this alert."""
    company = alliance.organisation(by).name
    return Card(
        f"{alliance.name}: a lead at {company} has taken an alert", (Text(_about(alliance, line.kind)),)
    )


def tell_closed(alliance: Alliance, by: Side, line: AlertLine, reason: CloseReason) -> Card:
    """Tell the other leads that a lead of the side `by` closed this alert, and why."""
    company = alliance.organisation(by).name
    why = Text(f"The reason given: {REASONS[reason]}.")
    return Card(
        f"{alliance.name}: a lead at {company} has closed an alert", (Text(_about(alliance, line.kind)), why)
    )


def ask_to_take(alliance: Alliance, by: Side, line: AlertLine) -> Card:
    """Ask another lead to take an alert, for a lead of the side `by`."""
    names = f"{line.number} {alliance.key}"
    take = Choice("I'll take it", RunCommand(f"take {names}"), "primary")
    return Card(
        f"{alliance.name}: a lead at {alliance.organisation(by).name} asks you to take an alert",
        (
            Text(_about(alliance, line.kind)),
            Choices((take, Choice("More choices", RunCommand(f"alert {names}")))),
        ),
    )


def confirm_ask(alliance: Alliance, whose: Side) -> Card:
    """Say that the lead of that side was asked."""
    asked = alliance.organisation(whose).name
    return Card("Asked", (Text(f"The lead at {asked} has a message from me, with a button to take it."),))


def refuse_ask() -> Card:
    return Card("Nobody to ask", (Text("No other lead may see this alert, or somebody has taken it."),))


def confirm_reminder(day: date) -> Card:
    return Card("I will remind you", (Text(f"On {format_day(day)}, if the alert is still open then."),))


def remind_unowned(alliance: Alliance, side: Side, line: AlertLine) -> Card:
    """Remind leads that nobody has taken an alert."""
    return _remind(alliance, side, line, "nobody has taken this alert yet")


def remind_idle(alliance: Alliance, side: Side, line: AlertLine) -> Card:
    """Remind leads that an alert has an owner but no action."""
    return _remind(alliance, side, line, "this alert has no action yet")


def remind_wanted(alliance: Alliance, side: Side, line: AlertLine) -> Card:
    """Remind the lead who asked to be reminded."""
    return _remind(alliance, side, line, "you asked me to remind you")


def _remind(alliance: Alliance, side: Side, line: AlertLine, why: str) -> Card:
    said = Text(
        f"{_capitalise(describe_alert(alliance, side, line))}. It is the alert of {format_day(line.slot)}."
    )
    card = Card(f"{alliance.name}: {why}", (said, *_list_choices(alliance, side, [line])[:1]))
    return card if line.owner == "nobody" else replace(card, blocks=(said, _offer_more(alliance, line)))


def _offer_more(alliance: Alliance, line: AlertLine) -> Choices:
    return Choices((Choice("More choices", RunCommand(f"alert {line.number} {alliance.key}")),))


def _name_asking(alliance: Alliance, side: Side, asked: Side) -> str:
    if asked is side:
        return "Ask your other lead to take it"
    return f"Ask {alliance.organisation(asked).name}'s lead to take it"


def _about(alliance: Alliance, kind: str) -> str:
    return f"It is about this: {name_kind(alliance, kind)}."


def _say_each(alliance: Alliance, side: Side, lines: Sequence[AlertLine]) -> tuple[Text, ...]:
    return tuple(Text(f"{_capitalise(describe_alert(alliance, side, line))}.") for line in lines)


def _capitalise(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
