"""Find identifiers of a person in a study: numbers beside a subject word, dates of birth, names, record numbers.

Anybody can send any text: blanks are collapsed and the length is cut before a pattern sees it, and each pattern is
linear (`tests/test_patterns.py`). Two neighbouring repetitions that take the same character are not.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

from bot.guard.words import simplify

_SUBJECT = (
    r"(?:u?subjid|subj|sbj|subject|patient(?:in|e)?|pat|pte?|ptc|pid|participante?|proband(?:in|e)?|volunteer|"
    r"voluntari[oa]|volontaire|(?:studien)?teilnehmer(?:in)?|versuchsperson|sujeto?|paciente)"
)
_SUBJECTS = (
    r"(?:subjects|patients|participants|pts|volunteers|patientinnen|probanden|patientes|sujetos|sujets|"
    r"pacientes)"
)
_LABEL = r"(?:[-. ]{0,2}(?:no|nr|number|num|numero|nummer|id|n\.?o|n|#)(?![a-z])[.°º:]{0,2})"
_NUMBER = r"(?:[a-z]{1,4}\d{0,4}-?)?\d{2,}(?![\d%])"
_SCREENING = r"(?:screening|scr|randomi[sz]ation|rand|enrol?lment|allocation|treatment|case)"
_COMPOUND = r"(?:screening|randomisierungs|patienten|probanden|teilnehmer|fall|versicherten|kennungs)"
_BIRTH = r"(?:dob|date of birth|year of birth|birth year|geburtsdatum|jahrgang|date de naissance|fecha de nacimiento)"
_BORN = r"(?:born|geboren|geb|nee? le|nee?|nacid[oa])"
_DATE = r"(?:\d{1,2}(?:st|nd|rd|th)?[. /-]{1,2}(?:\d|(?:de )?[a-z]{3,10} (?:de )?\d{4})|19\d\d)"
_CASE = (
    r"(?:[Pp]atient(?:in|e)?|[Ss]ubject|[Pp]articipante?|[Pp]roband(?:in)?|[Vv]olunteer|[Pp]aciente|"
    r"[Ss]ujeto?|PATIENT)"
)
_TITLE = r"(?:Mrs?|Ms|Miss|Herrn?|Frau|M|Mme|Sra?|señora?|Señora?)"
_NAME = r"[A-ZÀ-Ý][\w'’-]{1,20}"
_SAYS = (
    r"(?:was|is|has|had|wrote|called|said|says|wants|complained|refuses|gets|now|ist|hat|wurde|est|a|fue|"
    r"está|llamó)"
)

_IN_SIMPLE_TEXT: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("subject number", re.compile(rf"\b{_SUBJECT}{_LABEL}?[-. ]{{0,2}}(?!360\b|20[12]\d\b(?!-)){_NUMBER}")),
    ("subject number", re.compile(rf"\b{_SUBJECT}{_LABEL} ?\d")),
    ("subject number", re.compile(rf"\b{_SUBJECTS}{_LABEL}? (?:0\d|\d+-\d|(?!19|20)\d{{4}})")),
    ("subject number", re.compile(r"\b[a-z]{2,6}\d{0,4}-\d{3,4}-\d{3,5}\b")),
    ("subject number", re.compile(r"\bid[: ]{1,2}\d{3,4}-\d{3,5}\b")),
    ("screening number", re.compile(rf"\b{_SCREENING}{_LABEL} ?[a-z]{{0,3}}-?\d{{3}}")),
    ("screening number", re.compile(rf"\b{_SCREENING}[-. ]{{0,2}}(?:0\d\d|[a-z]{{1,2}}-?\d{{3}})")),
    ("screening number", re.compile(rf"\b{_COMPOUND}(?:nummer|nr|id)[.: ]{{0,2}}[a-z]{{0,3}}-?\d\d")),
    (
        "screening number",
        re.compile(
            r"\bnumero de (?:randomisation|screening|aleatorizacion|cribado|inclusion) [a-z]{0,2}-?\d\d"
        ),
    ),
    ("case number", re.compile(r"\bcase \d{4}-[a-z]{2}-\d")),
    ("kit number", re.compile(rf"\bkit{_LABEL}?[-. ]{{0,2}}[a-z]{{0,2}}-?\d{{4}}")),
    ("record number", re.compile(rf"\b(?:mrn|medical record){_LABEL}? ?:? ?\d[\d-]{{2}}")),
    ("record number", re.compile(rf"\b(?:hospital|nhs|ssn|social security){_LABEL}? ?:? ?\d{{3}}[\d -]")),
    ("record number", re.compile(r"\binsurance number\b.{0,25}\d{5}")),
    (
        "record number",
        re.compile(r"\b(?:numero de dossier|securite sociale|historia clinica)\b.{0,6}\d[\d -]{4}"),
    ),
    ("date of birth", re.compile(rf"\b{_BIRTH}\b[^\d]{{0,12}}\d")),
    ("date of birth", re.compile(rf"\b{_BORN}\b[^\d]{{0,8}}{_DATE}")),
    (
        "initials",
        re.compile(
            r"\b(?:initials|initialen|initiales|iniciales)[: ]{1,2}"
            r"(?!(?:are|of|is|in|on|to|and|for|not|do|or|as|by|if|we|at|it|was|were|only|und|der|die|des|et|y|de|en)\b)"
            r"(?:[a-z]\.? ?[a-z]\.?(?: ?[a-z]\.?)?)(?![a-z])"
        ),
    ),
    (
        "initials",
        re.compile(rf"\b{_SUBJECT},? (?!e\.g|i\.e|z\.b|p\.e|d\.h|u\.a)[a-z]\. ?[a-z]\."),
    ),
    ("telephone number", re.compile(rf"\b{_SUBJECT}\b.{{0,40}}\d{{3,5}}[ /-]?\d{{5}}")),
    (
        "subject number",
        re.compile(
            r"(?:患者|被験者|症例|参加者|登録|スクリーニング|カルテ|識別)(?:番号|id|no\.?|コード|の)? ?"
            r"[a-z]{0,3}-?\d{2,}(?![\d名人例件割%年月日])"
        ),
    ),
    ("date of birth", re.compile(r"生年月日.{0,6}\d")),
    ("date of birth", re.compile(r"\d{4}年.{0,10}生まれ")),
    ("name", re.compile(r"(?:患者|被験者|参加者)の?[\u4e00-\u9fff]{2,5}(?:さん|様|氏|殿)")),
)
_IN_WRITTEN_TEXT: tuple[re.Pattern[str], ...] = (
    re.compile(rf"\b{_CASE},? (?:named|called|namens) ({_NAME})"),
    re.compile(rf"\b{_CASE},? {_TITLE}\.? ({_NAME})"),
    re.compile(rf"\b{_CASE} [\"“]?({_NAME}) ({_NAME}|[A-Z]\.)"),
    re.compile(rf"\b{_CASE} ({_NAME}) {_SAYS}\b"),
    re.compile(
        rf"\b{_TITLE}\.? {_NAME}, (?:a |the |our )?(?:patient|Patient|paciente|Patientin|patiente)(?: ([A-Z]\w+))?\b"
    ),
)


def find_identifier(text: str) -> str | None:
    """Return the kind of the first identifier in a text whose blanks are collapsed, or None."""
    simple = simplify(text)
    for kind, pattern in _IN_SIMPLE_TEXT:
        if pattern.search(simple):
            return kind
    return "name" if _find_name(unicodedata.normalize("NFKC", text)) else None


def _find_name(written: str) -> bool:
    """Is there a name beside a subject word? "Patient Portal" and the like are none."""
    return any(
        not any(simplify(word) in _read_no_names() for word in match.groups() if word)
        for pattern in _IN_WRITTEN_TEXT
        for match in pattern.finditer(written)
    )


@cache
def _read_no_names() -> frozenset[str]:
    """Read the words that follow "Patient" in headings and titles."""
    return frozenset(files("bot.guard").joinpath("no_names.txt").read_text("utf-8").split())
