"""Text to mood: how people speak of working together, not what happened to patients."""

from bot.mood import textblob_import as library  # noqa: F401  First: it decides what comes along with TextBlob.
from bot.mood.analyzer import AllianceAnalyzer, read, warm_up
from bot.mood.reading import Abstained, Label, Mood, Reason

__all__ = ["Abstained", "AllianceAnalyzer", "Label", "Mood", "Reason", "read", "warm_up"]
