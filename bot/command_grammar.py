"""Split what somebody typed into a command's verb and its arguments. Pure."""

from collections.abc import Container, Mapping, Sequence

PHRASES: Mapping[tuple[str, ...], str] = {
    ("who", "has", "not", "answered"): "answered",
    ("who", "hasn't", "answered"): "answered",
    ("who", "has", "answered"): "answered",
    ("who", "answered"): "answered",
    ("my", "data"): "data",
    ("my", "answers"): "pulse",
    ("opt", "out"): "stop",
    ("opt-out",): "stop",
    ("unsubscribe",): "stop",
}
"""Words that people say, and the command that they mean; the longer ones first."""
_NAMES = (("alliance", "pulse"), ("pulse",))
"""The bot's names, in the words in which people type them."""


def split_command(text: str, verbs: Container[str]) -> tuple[str, list[str]]:
    """Return the verb and its arguments; "my data" is "data", and nothing at all is "help".

    The bot's name may stand before them, as in "/pulse score" or "Alliance Pulse, score". As "pulse" is a verb as well,
    that word is only a name before one of the `verbs`.
    """
    words = _drop_name(text.split(), verbs)
    for phrase, meant in PHRASES.items():
        if _begins_with(words, phrase):
            return meant, words[len(phrase) :]
    verb, *others = words or ["help"]
    return _clean(verb) or "help", others


def _drop_name(words: list[str], verbs: Container[str]) -> list[str]:
    for name in _NAMES:
        rest = words[len(name) :]
        is_named = _begins_with(words, name)
        is_verb = bool(rest) and (
            _clean(rest[0]) in verbs or any(_begins_with(rest, phrase) for phrase in PHRASES)
        )
        if is_named and (is_verb or len(name) > 1):
            return rest
    return words


def _begins_with(words: Sequence[str], phrase: tuple[str, ...]) -> bool:
    return tuple(_clean(word) for word in words[: len(phrase)]) == phrase


def _clean(word: str) -> str:
    return word.lower().replace("’", "'").lstrip("/@").rstrip("!?.,:;")
