"""To leads: whose is a company that no declaration names?"""

from datetime import datetime

from bot.model.alliance import Alliance, Side, find_host
from bot.model.cards import Card, Choice, Choices, RunCommand, Text
from bot.privacy.permissions import find_company_side
from bot.wording.dates import format_moment

Home = tuple[str, str]
"""(platform, organisation id)."""


def ask_whose_company(alliance: Alliance, home: Home) -> Card:
    """Says nothing of whether anybody answered: a company may be one person."""
    waiting = (
        "They can answer, but their answers are not counted until a lead says which side they belong to."
    )
    if find_host(home[1]):
        heading = f"{alliance.name}: are these guests yours?"
        words = f"I can't see which company {_name(alliance, home)} belong to. {waiting}"
    else:
        heading = f"{alliance.name}: is this company yours?"
        words = f"A company that I don't know has people here: {_name(alliance, home)}. {waiting}"
    button = Choice(_label_claim(home), RunCommand(f"ours {':'.join(home)} {alliance.key}"))
    return Card(
        heading, (Text(words), Choices((button,)), Text("If it is not yours, do nothing.", quiet=True))
    )


def report_own_guests(alliance: Alliance, side: Side) -> Card:
    """To the leads of `side`, whose own guests they are: the other side has to say whether they are theirs."""
    own, other = alliance.organisation(side).name, alliance.organisation(side.other).name
    return Card(
        f"{alliance.name}: guests of {own} wait",
        (
            Text(
                f"I can't see which company the guests in {own}'s tenant belong to. Their answers are kept and not "
                f"counted until a lead of {other} confirms that they belong to {other}."
            ),
            Text("You don't need to do anything.", quiet=True),
        ),
    )


def confirm_claim(alliance: Alliance, side: Side, home: Home) -> Card:
    """To the side that claimed it."""
    own, other = alliance.organisation(side).name, alliance.organisation(side.other).name
    return Card(
        f"{alliance.name}: a company now counts as {own}",
        (
            Text(
                f"{_name_people(alliance, home)} now count as {own}, with what they answered before. The leads of "
                f"{other} have been told and can object."
            ),
            _contest("Undo", alliance, home),
        ),
    )


def announce_claim(alliance: Alliance, side: Side, home: Home) -> Card:
    """To the other side's leads."""
    name = alliance.organisation(side).name
    return Card(
        f"{alliance.name}: {name} says that a company is theirs",
        (
            Text(
                f"A lead of {name} says that {_name(alliance, home)} {_belong(home)} to {name}. "
                f"{_name_people(alliance, home)} now count as {name}. If this is wrong, object: then nobody counts "
                "them until this is settled."
            ),
            _contest("We object", alliance, home),
        ),
    )


def report_objection(alliance: Alliance, side: Side, home: Home) -> Card:
    """To all leads; `side` objects."""
    by, other = alliance.organisation(side).name, alliance.organisation(side.other).name
    return Card(
        f"{alliance.name}: {by} objects",
        (
            Text(
                f"{by} says that {_name(alliance, home)} {_belong(home, negated=True)} to {other}. Their answers are "
                f"kept and not counted. {other} can take its claim back. Or whoever operates me declares whose "
                "company it is."
            ),
            _contest("Take the claim back", alliance, home),
        ),
    )


def report_withdrawal(alliance: Alliance, side: Side, home: Home) -> Card:
    """To all leads."""
    name = alliance.organisation(side).name
    return Card(
        f"{alliance.name}: a claim was taken back",
        (
            Text(
                f"{name} took back the claim on {_name(alliance, home)}. Their answers are kept and not counted. "
                "Numbers that were shown meanwhile stay."
            ),
            Choices((Choice(_label_claim(home), RunCommand(f"ours {':'.join(home)} {alliance.key}")),)),
        ),
    )


def warn_of_erasure(alliance: Alliance, side: Side, until: datetime) -> Card:
    """To all leads: `side` removed the bot through which a joint channel is served."""
    name, day = alliance.organisation(side).name, format_moment(until, alliance.timezone)
    return Card(
        f"{alliance.name}: {name}'s answers will be deleted",
        (
            Text(
                f"{name} removed me. Everything of {name} is deleted after {day}: answers, comments, numbers, and who "
                "its leads are. It can't be brought back."
            ),
            Text(
                f"If {name} goes on with this alliance, nothing needs to be deleted: as soon as somebody of {name} "
                "answers a pulse, or installs me again, the deletion is cancelled."
            ),
        ),
    )


def refuse_claim() -> Card:
    return Card(
        "Nothing to do",
        (
            Text(
                "Nobody of that company is waiting, or it is declared, claimed or disputed already. If a company is "
                "on the wrong side, whoever operates me can declare it."
            ),
        ),
    )


def refuse_others_company(alliance: Alliance, side: Side) -> Card:
    """To a lead of `side` who claims a company that is the other side's."""
    other = alliance.organisation(side.other).name
    return Card(
        f"That company is part of {other}",
        (
            Text(
                f"People of {other} belong to it, so it stays with {other}. If this is wrong, ask a lead of {other} to "
                "take their claim back, or whoever operates me to declare it."
            ),
        ),
    )


def refuse_own_guests(alliance: Alliance, side: Side) -> Card:
    """To a lead of `side` who claims the guests of their own company."""
    own, other = alliance.organisation(side).name, alliance.organisation(side.other).name
    return Card(
        f"Guests are not part of {own}",
        (
            Text(
                f"They are guests in {own}'s tenant, and people of {own} have accounts of their own there. If they "
                f"belong to {other}, a lead of {other} confirms it. Nothing was changed."
            ),
        ),
    )


def report_operator_withdrawal(alliance: Alliance, home: Home) -> Card:
    """To all leads: the operator took a claim back."""
    return Card(
        f"{alliance.name}: a claim was taken back",
        (
            Text(
                f"Whoever operates me took back the claim on {_name(alliance, home)}. Their answers are kept and not "
                "counted until this is settled. Numbers that were shown meanwhile stay."
            ),
        ),
    )


def refuse_contest() -> Card:
    return Card("Nothing to do", (Text("No lead has claimed that company, or the claim was taken back."),))


def _contest(label: str, alliance: Alliance, home: Home) -> Choices:
    return Choices((Choice(label, RunCommand(f"notours {':'.join(home)} {alliance.key}")),))


def _label_claim(home: Home) -> str:
    return "They are ours" if find_host(home[1]) else "That's our company"


def _belong(home: Home, negated: bool = False) -> str:
    if find_host(home[1]):
        return "do not belong" if negated else "belong"
    return "does not belong" if negated else "belongs"


def _name_people(alliance: Alliance, home: Home) -> str:
    """Return the subject of a sentence."""
    return f"{'The' if find_host(home[1]) else 'People of'} {_name(alliance, home).removeprefix('the ')}"


def _name(alliance: Alliance, home: Home) -> str:
    """Return words for a company, or for the guests of a company; an id only where no declaration gives a name."""
    host = find_host(home[1])
    if host is None:
        return f"{home[0].capitalize()} organisation {home[1]}"
    side = find_company_side(alliance, home[0], host)
    return (
        f"the guests in {alliance.organisation(side).name}'s tenant"
        if side
        else f"the guests in tenant {host}"
    )
