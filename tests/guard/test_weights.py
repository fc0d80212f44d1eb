"""The guard's weights are whole and small; the sentences are as many, and as well apart, as the guide says."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from bot.guard.finding import CONCERNS
from bot.guard.reader import load_weights

DATA = Path("bench/data")
LANGUAGES = {"en", "de", "fr", "es", "ja"}


def read_rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (DATA / name).read_text("utf-8").splitlines()[1:]]


def test_the_weights_are_whole_and_small() -> None:
    weights = load_weights()
    assert "" in weights and all(len(row) == len(CONCERNS) for row in weights.values())
    assert Path("bot/guard/weights.tsv").stat().st_size < 200_000


def test_the_sentences_cover_all_labels_and_languages_and_none_is_in_both_parts() -> None:
    own, unseen = read_rows("guard_sentences.tsv"), read_rows("guard_unseen.tsv")
    assert len(own) >= 1_500 and len(unseen) >= 200
    for rows in (own, unseen):
        labels = Counter((row[1], row[3]) for row in rows)
        assert {language for language, _ in labels} == LANGUAGES
        assert all(labels[language, label] for language in LANGUAGES for label in ("none", *CONCERNS))
    texts = [row[4].lower() for row in own + unseen]
    assert len(texts) == len(set(texts))


def test_the_guard_needs_no_library_and_no_network() -> None:
    probe = """
import socket, sys
for absent in ("numpy", "sklearn", "textblob", "nltk"):
    sys.modules[absent] = None
def refuse(*_, **__):
    raise AssertionError("network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from bot.guard import find_concern
print(find_concern("anaphylaxis at site 9 yesterday").concern)
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "safety"
