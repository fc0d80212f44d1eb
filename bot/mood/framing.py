"""Strip what frames a message and states nothing: greetings, sign-offs and signatures.

They would count as thanks or warmth. Nothing is stripped if no words of substance would be left.
"""

import re

_GREETING = re.compile(
    r"(?:hi|hello|hey|hiya|dear|hallo|greetings|good (?:morning|afternoon|evening|day)|morning)"
    r"(?: [^\s,!.:;?\n]{1,20}){0,4} ?(?:[,!.:–-]{1,3}(?=\s)|\n)",
    re.IGNORECASE,
)
_FORMULA = (
    r"(?:(?:with )?(?:best|kind|warm|kindest|warmest|many thanks and)(?: (?:and|&) \w{4,7})?"
    r"(?: (?:regards|wishes))?|regards|br|kr|vg|lg|sincerely|yours(?: sincerely| truly)?|cheers|ciao|"
    r"all the best|take care|thanks and regards|(?:many |best )?thanks(?: (?:a lot|all|again|in advance))?|"
    r"thx|ty|thank you(?: (?:all|again|very much|in advance))?|sent from my \w{2,20})"
)
_SIGN_OFF = re.compile(rf"{_FORMULA} ?[,!.–-]{{0,3}}", re.IGNORECASE)
_LAST_WORDS = re.compile(
    rf"(?<=[.!?…)]) {{1,3}}(?i:{_FORMULA})(?:[ ,]{{1,2}}[A-Z][\w-]{{1,15}})? ?[,!.]{{0,3}}$"
    r"|(?<=\w) (?:Thanks|Thank you|Many thanks|Cheers|Thx|Regards|Best|BR)"
    r"(?:[ ,]{1,2}[A-Z][\w-]{1,15})? ?[,!.]{0,3}$"
)
_BLANKS = re.compile(r"[ \t\u00a0]{2,}")
_FEWEST_WORDS = 3
"""Words that must be left."""
_LAST_LINES = 10
"""Lines at the end in which a sign-off may begin, blank ones too."""
_LONGEST_LINE = 60
"""Characters of a line of a signature."""


def strip_frame(text: str) -> str:
    """Return the text without greeting, sign-off and signature, and with one blank where there were many."""
    text = _BLANKS.sub(" ", text).strip()
    if "\n" in text:
        text = _keep_if_enough(_drop_signature(text), text)
    tail = text[-_LONGEST_LINE:]
    found = _LAST_WORDS.search(tail)
    if found:
        text = _keep_if_enough(text[: len(text) - len(tail) + found.start()], text)
    greeting = _GREETING.match(text)
    return _keep_if_enough(text[greeting.end() :].lstrip(), text) if greeting else text


def _drop_signature(text: str) -> str:
    """Return what stands before a sign-off on a line of its own that only a few short lines follow."""
    lines = text.splitlines()
    for at in range(max(1, len(lines) - _LAST_LINES), len(lines)):
        if _SIGN_OFF.fullmatch(lines[at].strip()) and all(len(line) <= _LONGEST_LINE for line in lines[at:]):
            return "\n".join(lines[:at]).rstrip()
    return text


def _keep_if_enough(shorter: str, text: str) -> str:
    return shorter if len(shorter.split()) >= _FEWEST_WORDS else text
