"""Write the charter: what both sides agreed to share, and open proposals."""

from collections.abc import Sequence

from bot.model.alliance import Alliance, Side
from bot.model.cards import Block, Card, Choice, Choices, Facts, RunCommand, Text
from bot.model.proposal import Proposal
from bot.wording.dates import format_moment

_NEVER = "Numbers are never used to rate people, companies or bids."


def write_charter(alliance: Alliance, led: Side | None, waiting: Sequence[Proposal]) -> Card:
    """Write the charter in force for everybody; a lead gets buttons to propose and to decide."""
    blocks: list[Block] = [
        Facts(
            (
                (
                    "A number rests on",
                    f"at least {alliance.minimum} people of one company, leads not counted",
                ),
                ("Numbers by topic", _describe_sharing(alliance.share_dimensions)),
                ("Both companies' numbers", "appear at the same moment, or not at all"),
            )
        ),
        Text(_NEVER),
    ]
    blocks += [block for item in waiting for block in _show_proposal(alliance, item, led)]
    if led:
        blocks += _offer_proposals(alliance)
    return Card(f"The charter of {alliance.name}", tuple(blocks))


def ask_for_agreement(alliance: Alliance, proposal: Proposal, to: Side) -> Card:
    """To every lead, once: the other side is asked, the own side's leads know."""
    return Card(f"{alliance.name}: a change is proposed", tuple(_show_proposal(alliance, proposal, to)))


def confirm_proposal(alliance: Alliance, proposal: Proposal) -> Card:
    other = alliance.organisation(proposal.side.other)
    return Card(
        "Proposed",
        (
            Text(f"{_describe_proposal(alliance, proposal)} It applies once a lead of {other.name} agrees."),
            Text(f"It waits until {format_moment(proposal.until, alliance.timezone)}."),
        ),
    )


def write_decision(alliance: Alliance, proposal: Proposal, agreed: bool, side: Side) -> Card:
    name, change = alliance.organisation(side).name, _describe_proposal(alliance, proposal)
    if not agreed:
        withdrawn, declined = f"{name} withdrew this: {change}", f"{name} did not agree to this: {change}"
        words = withdrawn if side is proposal.side else declined
        return Card(f"{alliance.name}: nothing changes", (Text(words),))
    after = (
        f"An operator can delete it now, until {format_moment(proposal.until, alliance.timezone)}: "
        f"pulse erase --alliance {alliance.key}"
        if proposal.term == "erase"
        else _date_change(proposal)
    )
    return Card(
        f"{alliance.name}: both sides agreed",
        (Text(f"{change} {name} agreed."), Text(after)),
    )


def refuse_second_proposal(alliance: Alliance, waiting: Sequence[Proposal], side: Side) -> Card:
    blocks = tuple(block for item in waiting for block in _show_proposal(alliance, item, side))
    return Card("There is already an open proposal on this", blocks)


def refuse_own_agreement(alliance: Alliance, proposal: Proposal) -> Card:
    other = alliance.organisation(proposal.side.other)
    return Card(
        "The other company has to agree",
        (Text(f"Your side proposed it, so a lead of {other.name} decides."),),
    )


def refuse_closed_proposal(alliance: Alliance) -> Card:
    return Card(
        "Nothing to decide",
        (
            Text("This proposal has been decided, withdrawn or has expired."),
            Choices((Choice("Show me the charter", RunCommand(f"charter {alliance.key}")),)),
        ),
    )


def refuse_unknown_change(alliance: Alliance) -> Card:
    return Card(
        "That can't be proposed",
        (
            Text("That is already in force, or I didn't understand it. You can propose:"),
            Facts(
                (
                    ("propose minimum 7", "a number rests on at least 7 people of a side; 5 to 50"),
                    ("propose share off", "leads see no numbers of the other side; also: on"),
                    ("propose erase", "delete this alliance with everything in it"),
                )
            ),
            Choices((Choice("Show me the charter", RunCommand(f"charter {alliance.key}")),)),
        ),
    )


def _show_proposal(alliance: Alliance, proposal: Proposal, reader: Side | None) -> list[Block]:
    by, other = alliance.organisation(proposal.side).name, alliance.organisation(proposal.side.other).name
    until = format_moment(proposal.until, alliance.timezone)
    told = Text(
        f"{by} proposes: {_describe_proposal(alliance, proposal)} It needs {other} to agree by {until}."
    )
    no = Choice(
        "Decline" if reader is proposal.side.other else "Withdraw",
        _press_button("decline", alliance, proposal),
    )
    yes = Choice("Agree", _press_button("agree", alliance, proposal), "primary")
    if reader is None:
        return [told]
    return [told, Choices((yes, no) if reader is proposal.side.other else (no,))]


def _offer_proposals(alliance: Alliance) -> list[Block]:
    switch = "off" if alliance.share_dimensions else "on"
    label = (
        "Propose to hide each other's numbers" if switch == "off" else "Propose to show each other's numbers"
    )
    return [
        Choices((Choice(label, RunCommand(f"propose share {switch} {alliance.key}")),)),
        Text(
            "To propose something else, type “propose minimum 7” or “propose erase”. Nothing changes before the "
            "other company agrees.",
            quiet=True,
        ),
    ]


def _press_button(verb: str, alliance: Alliance, proposal: Proposal) -> RunCommand:
    return RunCommand(f"{verb} {proposal.id} {alliance.key}")


def _describe_proposal(alliance: Alliance, proposal: Proposal) -> str:
    match proposal.term:
        case "minimum":
            return f"A number rests on at least {proposal.value} people of a side, instead of {alliance.minimum}."
        case "share":
            return f"Numbers by topic: {_describe_sharing(proposal.value == 'on')}."
    return "This alliance is deleted, with every answer, comment, number and alert in it."


def _date_change(proposal: Proposal) -> str:
    match proposal.term, proposal.value:
        case "share", "off":
            return "It applies at once."
        case "share", _:
            return "It applies from the next question on. Earlier numbers stay with their own company."
    return "It applies from the next question on."


def _describe_sharing(on: bool) -> str:
    if on:
        return "leads see both companies' numbers, and the gap"
    return "leads see only their own company's numbers; numbers that combine both companies are hidden from everyone"
