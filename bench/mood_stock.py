"""Read moods with TextBlob and VADER as they come, with the thresholds of their manuals."""

from collections.abc import Callable, Sequence

import numpy as np
from textblob import TextBlob
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from bench.mood_scores import Floats, Labels

VADER_THRESHOLD = 0.05
"""From https://github.com/cjhutto/vaderSentiment#about-the-scoring; TextBlob's sign is its label."""


def textblob_scores(texts: Sequence[str]) -> Floats:
    return _scores(lambda text: float(TextBlob(text).sentiment.polarity), texts)


def vader_scores(texts: Sequence[str]) -> Floats:
    vader = SentimentIntensityAnalyzer()
    return _scores(lambda text: float(vader.polarity_scores(text)["compound"]), texts)


def labels(scores: Floats, threshold: float) -> Labels:
    """0 where a score is negative, 2 where it is positive, 1 between; a threshold of 0 leaves only zero neutral."""
    read: Labels = 1 + (scores >= max(threshold, 1e-9)).astype(np.int64) - (scores <= -max(threshold, 1e-9))
    return read


def _scores(read: Callable[[str], float], texts: Sequence[str]) -> Floats:
    return np.array([read(text) for text in texts])
