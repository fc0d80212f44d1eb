"""Text to mood: the reading the core stores, and the same as an analyzer for TextBlob."""

from typing import NamedTuple

from bot.mood.features import measure_subjectivity
from bot.mood.lexicon import CUES
from bot.mood.preprocess import PreparedText, find_judgeable
from bot.mood.reading import Abstained, Label, Mood, Reason
from bot.mood.sentences import judge_message
from bot.mood.textblob_import import CONTINUOUS, BaseSentimentAnalyzer

_LABELS = tuple(Label)


class Sentiment(NamedTuple):
    """Hold what `TextBlob(text, analyzer=AllianceAnalyzer()).sentiment` returns."""

    polarity: float
    subjectivity: float
    """Pattern's, over the words that carry mood here; 0 ... 1."""
    label: str
    """A `Label`, or "abstained"."""
    confidence: float


class Assessed(NamedTuple):
    """The same with its reasons, for `.sentiment_assessments`."""

    polarity: float
    subjectivity: float
    label: str
    confidence: float
    assessments: tuple[tuple[str, tuple[str, ...]], ...]
    """Each cue family that was heard, and the words that marked it."""


def read_mood(text: str) -> Mood | Abstained:
    """Read the mood of one message. Never raises."""
    own = find_judgeable(text)
    return Abstained(own) if isinstance(own, Reason) else _to_mood(own)


def _to_mood(own: PreparedText) -> Mood:
    negative, neutral, positive = (float(share) for share in judge_message(own))
    confidence = max(negative, neutral, positive)
    label = _LABELS[(negative, neutral, positive).index(confidence)]
    return Mood(label, max(-1.0, min(1.0, positive - negative)), min(1.0, confidence))


class AllianceAnalyzer(BaseSentimentAnalyzer):  # type: ignore[misc]
    """For `TextBlob(text, analyzer=AllianceAnalyzer())` and `Blobber(analyzer=...)`: TextBlob takes an instance.

    TextBlob's `.polarity` and `.subjectivity` ignore any analyzer; use `.sentiment.polarity`.
    """

    kind = CONTINUOUS
    RETURN_TYPE = Sentiment

    def analyze(self, text: str, keep_assessments: bool = False) -> Sentiment | Assessed:
        own = find_judgeable(text)
        if isinstance(own, Reason):
            sentiment = Sentiment(0.0, 0.0, "abstained", 0.0)
            return Assessed(*sentiment, ((own.value, ()),)) if keep_assessments else sentiment
        mood = _to_mood(own)
        sentiment = Sentiment(
            mood.polarity, measure_subjectivity(own.words), mood.label.value, mood.confidence
        )
        return Assessed(*sentiment, _find_cues(own.words)) if keep_assessments else sentiment


def _find_cues(words: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    heard = ((family, tuple(word for word in words if word in marks)) for family, marks in CUES.items())
    return tuple((family, marks) for family, marks in heard if marks)
