"""Write replies to people who say what they want of reminders."""

from datetime import date, datetime

from bot.model.alliance import Alliance, Round
from bot.model.cards import Card, Choice, Choices, RunCommand, Text
from bot.wording.dates import format_day, format_moment

_MEANS = (
    "Until then I don't remind you, and you are not on the list of people asked: your silence lowers no number. "
    "The question still appears in the channel, and you may answer it. Nobody is told."
)
_LEADS = "Leads still get alerts and digests."


def confirm_pause(alliance: Alliance, until: datetime) -> Card:
    return Card(
        f"Paused until {format_moment(until, alliance.timezone)}",
        (Text(_MEANS), Text(_LEADS, quiet=True), _offer_resume(alliance)),
    )


def confirm_stop(alliance: Alliance) -> Card:
    return Card(
        "You get no more reminders",
        (
            Text(_MEANS.replace("Until then", "From now on")),
            Text(
                "What you answered before stays. Write “my data” for a copy. To have it erased, ask the operator or "
                "your data protection officer."
            ),
            Text(_LEADS, quiet=True),
            _offer_resume(alliance),
        ),
    )


def confirm_quiet(alliance: Alliance, until: date) -> Card:
    return Card(
        f"No reminders before {format_day(until)}",
        (
            Text("The question still appears in the channel, and you still count among the people asked."),
            _offer_resume(alliance),
        ),
    )


def confirm_later(when: str) -> Card:
    """`when`: the moment, in the person's own time zone."""
    return Card(
        f"I'll remind you on {when}",
        (Text("It is the last reminder of this pulse. If you answer before, there is none."),),
    )


def refuse_later(alliance: Alliance, asked_round: Round) -> Card:
    closes = format_moment(asked_round.closes_at, alliance.timezone)
    return Card(
        "There is no later reminder",
        (Text(f"This pulse closes on {closes}, before I could remind you at a good time."),),
    )


def report_closed(alliance: Alliance) -> Card:
    return Card("This pulse is closed", (Text(f"The next pulse of {alliance.name} appears in the channel."),))


def confirm_resume(was_away: bool) -> Card:
    heading = "Welcome back" if was_away else "Nothing was paused"
    words = (
        "From the next pulse on you are among the people asked, and I remind you if you have not answered."
    )
    return Card(heading, (Text(words),))


def refuse_length(alliance: Alliance) -> Card:
    options = tuple(
        Choice(label, RunCommand(f"pause {label} {alliance.key}"))
        for label in ("1 week", "2 weeks", "1 month")
    )
    return Card(
        "How long should I pause?",
        (Text("Write for example “pause 2 weeks”, “pause 10 days” or “pause 3 months”."), Choices(options)),
    )


def explain_secrecy(alliance: Alliance) -> Card:
    """Answer "who has answered?"."""
    return Card(
        "Nobody can see who answered",
        (
            Text(
                "I keep answers under a pseudonym, and show no list: not to you, not to leads, not to the operator. "
                "If people could see who is missing, an answer would no longer be free."
            ),
            Text(
                "At closing, the channel reads roughly how many answered. Leads see numbers that rest on at least "
                f"{alliance.minimum} people of one company. I remind those who have not answered, privately."
            ),
        ),
    )


def _offer_resume(alliance: Alliance) -> Choices:
    return Choices((Choice("Resume", RunCommand(f"resume {alliance.key}")),))
