"""Say what the guard noticed, where such things belong, and what happens to the words."""

from bot.guard import Concern
from bot.model.alliance import Alliance
from bot.model.cards import Card, Choice, Choices, Facts, RunCommand, Text

_PATHS: dict[Concern, str] = {
    "patient": "It seems to identify a patient. Please tell the study team through the agreed channel.",
    "unblinding": "It seems to speak about treatment allocation. Please follow the unblinding procedure of the "
    "protocol and tell nobody else.",
    "safety": "It seems to report a safety event. Please report it on the safety form of the study now; this "
    "bot does not pass it on.",
}
_NAMES = {
    "age": "an age",
    "alloc": "codes or an allocation",
    "arm": "a treatment arm",
    "blind": "a broken blind",
    "care": "hospital care",
    "closed": "a closed report",
    "death": "a death",
    "error": "a wrong dose or a faulty product",
    "event": "a clinical event",
    "human": "a person",
    "listing": "a list or a file",
    "person": "a person in a study",
    "persons": "people in a study",
    "pregnancy": "a pregnancy",
    "product": "a study product",
    "relation": "a relative or a neighbour",
    "safetyterm": "an adverse event",
    "sense": "what gives a treatment away",
    "symptom": "a symptom",
    "treatment": "a treatment",
    "subject number": "a subject number",
    "screening number": "a screening or randomisation number",
    "case number": "a case number",
    "kit number": "a kit number",
    "record number": "a record number",
    "date of birth": "a date of birth",
    "initials": "initials",
    "telephone number": "a telephone number",
    "name": "a name",
}
"""What the guard's kinds are called; one that is not here helps the guard and would not help a reader."""
_FORMAL, _KEEP = "Show me the formal path", "It is about working together: keep it"
_NOT_A_LINE = "I am not a reporting line: I tell nobody."


def refuse_clinical_text(alliance: Alliance, concern: Concern, noticed: tuple[str, ...]) -> Card:
    """Of a comment with an identifier: nothing is kept."""
    return Card(
        "This belongs somewhere else",
        (
            Text(_PATHS[concern]),
            *_list_noticed(noticed),
            Text(
                "Nothing you wrote was saved. If it was about working together, please write it again without these "
                f"details. {_NOT_A_LINE}"
            ),
            Choices((_offer_formal_path(alliance),)),
        ),
    )


def hold_comment(
    alliance: Alliance, concern: Concern, noticed: tuple[str, ...], token: str, round_id: str
) -> Card:
    """Of a comment that may speak of a case: its writer decides."""
    keep = RunCommand(f"keep {token[:40]} {round_id} {alliance.key}")
    return Card(
        "Is this about working together?",
        (
            Text(_PATHS[concern]),
            *_list_noticed(noticed),
            Text(
                "Nothing you wrote was saved so far. I hold it in memory for 15 minutes, then I forget it. "
                f"{_NOT_A_LINE}"
            ),
            Choices((_offer_formal_path(alliance, round_id), Choice(_KEEP, keep))),
        ),
    )


def refuse_typed_text(concern: Concern) -> Card:
    """Of words that somebody typed to the bot and that are no command."""
    return Card(
        "This belongs somewhere else",
        (
            Text(_PATHS[concern]),
            Text(
                "I don't know this command, and I stored nothing. If you wrote it in a channel, it still stands "
                f"there: please delete it. {_NOT_A_LINE}"
            ),
        ),
    )


def write_formal_path(alliance: Alliance) -> Card:
    """Show where safety events and questions of unblinding belong, as the alliance declared it."""
    path = alliance.formal
    declared = (
        ("Safety events", path.safety),
        ("By telephone", path.phone),
        ("Unblinding", path.unblinding),
    )
    rows = tuple((label, words) for label, words in declared if words)
    nothing = Text(
        f"{alliance.name} has not declared one here. Use the safety form of the study, and follow the unblinding "
        "procedure of the protocol. Tell the study team about details of patients."
    )
    return Card("The formal path", (Facts(rows) if rows else nothing, Text(_NOT_A_LINE)))


def note_unread_language(card: Card) -> Card:
    """Add that only identifiers were looked for in the comment's language."""
    note = Text(
        "In this language I only look for identifiers of patients. Please make sure that your comment speaks of no "
        "patient, allocation or safety event.",
        quiet=True,
    )
    return Card(card.heading, (*card.blocks, note))


def _offer_formal_path(alliance: Alliance, round_id: str = "") -> Choice:
    return Choice(_FORMAL, RunCommand(" ".join(filter(None, ("formal", round_id, alliance.key)))))


def _list_noticed(noticed: tuple[str, ...]) -> tuple[Text, ...]:
    names = [_NAMES[kind] for kind in noticed if kind in _NAMES]
    return (Text(f"I noticed: {', '.join(names)}."),) if names else ()
