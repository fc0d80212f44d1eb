"""To leads: what happened to a joint channel, and what that means for them."""

from bot.model.alliance import Alliance, Organisation, Side
from bot.model.cards import Card, Choice, Choices, RunCommand, Text
from bot.model.events import Change
from bot.privacy.permissions import find_company_side


def write_channel_change(alliance: Alliance, platform: str, change: Change, company: str) -> Card:
    match change:
        case "renamed":
            return Card(f"{alliance.name}: a joint channel has a new name", (Text(_RENAMED),))
        case "archived":
            return Card(f"{alliance.name}: a joint channel was archived", (Text(_ARCHIVED),))
        case "deleted":
            return Card(f"{alliance.name}: a joint channel was deleted", (Text(_DELETED),))
        case "reopened":
            return Card(f"{alliance.name}: a joint channel is open again", (Text(_REOPENED),))
        case "shared":
            return write_shared_channel(alliance, platform, company)
        case "unshared":
            return _write_unshared_channel(alliance, platform, company)
        case "refused":
            return _write_refused_company(alliance, platform, company)
        case "handed_over":
            return _write_handover(alliance, platform, company)


def write_channel_move(alliance: Alliance) -> Card:
    return Card(f"{alliance.name}: a joint channel has a new address", (Text(_MOVED),))


def write_return(alliance: Alliance) -> Card:
    return Card(f"{alliance.name}: I am back in a joint channel", (Text(_REOPENED),))


def write_farewell(alliance: Alliance) -> Card:
    """Tell leads that the bot was removed from a channel, or that the channel is gone."""
    return Card(
        f"{alliance.name}: I am no longer in a joint channel",
        (
            Text(
                "I was removed, or the channel was deleted. I can't ask questions there until I am added again. "
                "All answers so far are kept. If this was a mistake, please add me again."
            ),
        ),
    )


def write_clock_warning(alliance: Alliance) -> Card:
    """Tell leads that the bot's machine has had the wrong time for a day."""
    return Card(
        f"{alliance.name}: pulses are on hold",
        (
            Text(
                "The clock of the machine that I run on has been wrong for a day. Until it is right I ask no "
                "questions, close no rounds, send no digests and delete nothing. Answers are still saved. Please "
                "tell the people who operate me."
            ),
        ),
    )


def write_unasked_question(alliance: Alliance, reason: str) -> Card:
    """`reason`: the platform's short code."""
    return Card(
        f"{alliance.name}: a question could not be posted in a joint channel",
        (
            Text(
                f"The platform refused it ({reason}). Usually I am no longer in the channel, or it is archived. Please "
                "invite me again or reopen it. I then post the question, as long as the pulse is open. Until then "
                "people can send me “pulse” to answer directly."
            ),
        ),
    )


def write_unreached_lead(alliance: Alliance, side: Side) -> Card:
    """Tell the other leads of a side that one of them could not be written to."""
    name = alliance.organisation(side).name
    return Card(
        f"{alliance.name}: another lead at {name} can't be reached",
        (
            Text(
                f"I could not write to another lead at {name}, so they missed an alert or the digest. Please tell "
                "them. They can read it with the button that I left in the joint channel."
            ),
        ),
    )


def write_waiting_news(alliance: Alliance, side: Side) -> Card:
    """Leave a button in the channel. It does not say what waits: everybody reads it."""
    name = alliance.organisation(side).name
    return Card(
        f"{alliance.name}: something waits for a lead at {name}",
        (
            Text(
                "I can't write to them in private. If you are the lead, press the button: only you will see it."
            ),
            Choices((Choice("Show it to me", RunCommand(f"digest {alliance.key}")),)),
        ),
    )


def write_doubtful_question(alliance: Alliance) -> Card:
    """Tell leads that nobody can tell whether a question was posted."""
    return Card(
        f"{alliance.name}: a question may be missing in a joint channel",
        (
            Text(
                "The platform did not confirm it, and I can't look there. Please look in the channel. If the question "
                "is missing, tell the people who operate me: they can post it. Until then people can send me “pulse” "
                "to answer directly."
            ),
        ),
    )


def write_shared_channel(alliance: Alliance, platform: str, company: str) -> Card:
    """Tell leads that a company came in. One that is neither side can be claimed with one tap."""
    own = _find_organisation(alliance, platform, company)
    if own:
        words = "Its people see the questions there and can answer them."
        return Card(f"{alliance.name}: a joint channel is now shared with {own.name}", (Text(words),))
    words = (
        "Its people see the questions. Their answers are saved, but count only if a lead confirms that the company "
        "belongs to their side."
    )
    return _write_third_company(alliance, platform, company, words)


def _write_refused_company(alliance: Alliance, platform: str, company: str) -> Card:
    words = (
        "We rejected a message from this company and stored nothing. If the company belongs to your side, please "
        "confirm it. From then on its people can take part."
    )
    return _write_third_company(alliance, platform, company, words)


def _write_third_company(alliance: Alliance, platform: str, company: str, words: str) -> Card:
    button = Choice("That's our company", RunCommand(f"ours {platform}:{company} {alliance.key}"))
    return Card(
        f"{alliance.name}: another company is in a joint channel",
        (
            Text(
                f"It is neither {alliance.sponsor.name} nor {alliance.cro.name}, as far as I know ({platform} "
                f"organisation {company or 'without an id'}). {words}"
            ),
            *((Choices((button,)),) if company else ()),
            Text(
                "If it is not yours, you don't need to do anything. You decide who is in the channel.",
                quiet=True,
            ),
        ),
    )


def _write_unshared_channel(alliance: Alliance, platform: str, company: str) -> Card:
    own = _find_organisation(alliance, platform, company)
    if own:
        return Card(
            f"{alliance.name}: a joint channel is no longer shared with {own.name}",
            (Text(_UNSHARED.format(name=own.name)),),
        )
    return Card(
        f"{alliance.name}: a joint channel is no longer shared with another company",
        (Text("Nothing changes for your two companies."),),
    )


def _write_handover(alliance: Alliance, platform: str, company: str) -> Card:
    own = _find_organisation(alliance, platform, company)
    name = own.name if own else "One of the companies"
    return Card(f"{alliance.name}: {name} removed its copy of me from a joint channel", (Text(_HANDED_OVER),))


def _find_organisation(alliance: Alliance, platform: str, company: str) -> Organisation | None:
    side = find_company_side(alliance, platform, company)
    return alliance.organisation(side) if side else None


_RENAMED = "Questions continue there. You don't need to do anything."
_ARCHIVED = (
    "I can't ask questions there until it is open again. All answers are kept. People can still answer an open pulse: "
    "send me “pulse”. If you continue in another channel, tell the operator of this bot which one."
)
_DELETED = (
    "I can't ask questions there any more. All answers are kept. People can still answer an open pulse: send me "
    "“pulse”. If you continue in another channel, tell the operator of this bot which one."
)
_HANDED_OVER = (
    "The other company's copy of me is still there and asks the questions from now on. All answers are kept. If the "
    "buttons of an open question do nothing, send me “pulse” to answer it."
)
_REOPENED = (
    "Questions continue there. A question that is still open and could not be posted before is there now."
)
_MOVED = (
    "This happens when it is shared with another company, or no longer is. Questions, answers and buttons keep "
    "working. You don't need to do anything."
)
_UNSHARED = (
    "Their answers so far are kept. People at {name} won't see new questions there, so the next numbers may lack "
    "their side. If this was a mistake, share the channel with them again. If not, tell the operator of this bot."
)
