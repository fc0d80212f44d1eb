"""Split what somebody typed into a command's verb and its arguments. Pure."""

from collections.abc import Container, Sequence

_NAMES = (("alliance", "pulse"), ("pulse",))
"""The bot's names, in the words in which people type them."""


def split_command(text: str, verbs: Container[str]) -> tuple[str, list[str]]:
    """Return the verb and its arguments; "my data" is "data", and nothing at all is "help".

    The bot's name may stand before them, as in "/pulse score" or "Alliance Pulse, score". As "pulse" is a verb as well,
    that word is only a name before one of the `verbs`.
    """
    words = _drop_name(text.split(), verbs)
    if _is_about_own_data(words):
        return "data", words[2:]
    verb, *others = words or ["help"]
    return _clean(verb) or "help", others


def _drop_name(words: list[str], verbs: Container[str]) -> list[str]:
    for name in _NAMES:
        rest = words[len(name) :]
        is_named = tuple(_clean(word) for word in words[: len(name)]) == name
        is_verb = bool(rest) and (_clean(rest[0]) in verbs or _is_about_own_data(rest))
        if is_named and (is_verb or len(name) > 1):
            return rest
    return words


def _is_about_own_data(words: Sequence[str]) -> bool:
    return [_clean(word) for word in words[:2]] == ["my", "data"]


def _clean(word: str) -> str:
    return word.lower().lstrip("/@").rstrip("!?.,:;")
