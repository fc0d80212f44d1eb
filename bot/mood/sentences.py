"""Read a long message sentence by sentence: one complaint among plain business would drown in the whole."""

import re

import numpy as np

from bot.mood.classifier import Floats, judge, load_weights
from bot.mood.features import extract_features
from bot.mood.preprocess import PreparedText
from bot.mood.tokens import split_tokens

LONG = 40
"""Tokens from which a message is read in parts."""
_END = re.compile(r"(?<=[.!?]) |\n")
_FEWEST_WORDS = 4
"""Words of a part; a shorter one belongs to the one before it."""
_MOST_PARTS = 40
"""Parts that are read; what comes after them is one more."""


def judge_message(own: PreparedText) -> Floats:
    """Return P(negative), P(neutral), P(positive): of a long message by its most telling parts."""
    parts = split_parts(own.normal) if len(own.words) >= LONG else []
    if len(parts) < 2:
        return _judge(own.normal, own.words)
    shares = np.array([_judge(part, words) for part in parts if (words := split_tokens(part))])
    return combine_parts(shares) if len(shares) else _judge(own.normal, own.words)


def split_parts(normal: str) -> list[str]:
    parts: list[str] = []
    for sentence in _END.split(normal, _MOST_PARTS):
        if parts and len(sentence.split()) < _FEWEST_WORDS:
            parts[-1] = f"{parts[-1]} {sentence}"
        elif sentence.strip():
            parts.append(sentence)
    return parts


def combine_parts(shares: Floats) -> Floats:
    """Return the strongest negative and positive of the parts (rows), and neutral as far as neither is sure."""
    negative, positive = shares[:, 0].max(), shares[:, 2].max()
    together = np.array([negative, 1 - max(negative, positive), positive])
    combined: Floats = together / together.sum()
    return combined


def _judge(normal: str, words: list[str]) -> Floats:
    return judge(load_weights(), extract_features(normal, words))
