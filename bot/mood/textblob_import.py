"""TextBlob, without what NLTK takes along where it is installed: scikit-learn and SciPy, for wrappers that nothing here
uses (nltk/classify/scikitlearn.py, nltk/metrics/). They would cost every start 80 MiB and half a second.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _hide_modules(*packages: str) -> Iterator[None]:
    """In this block importing them says that they are not installed; what is imported already stays."""
    hidden = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _hide_modules("scipy", "sklearn"):
    from textblob.base import CONTINUOUS, BaseSentimentAnalyzer
    from textblob.en import sentiment as pattern

__all__ = ["CONTINUOUS", "BaseSentimentAnalyzer", "pattern"]
