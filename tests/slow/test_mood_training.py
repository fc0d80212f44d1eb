"""Training on the same texts twice gives the same bytes, and weights that read."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.mood_sentences import alliance

pytest.importorskip("sklearn", reason="training needs the `bench` dependency group")

NAMES = (
    "so_senti4sd_train premo_train goemotions_train goemotions_dev incivility_negative "
    "vader_tweets vader_nyt vader_amazon ctgov_whystopped_train"
)


def train(data: Path, out: Path) -> bytes:
    command = [sys.executable, "-m", "bench.train_mood", "--data", str(data), "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    return out.read_bytes()


def test_the_same_texts_give_the_same_bytes(tmp_path: Path) -> None:
    own = alliance()
    for number, name in enumerate(NAMES.split()):
        rows = [f"{sentence.text}\t{sentence.label}\t{name}" for sentence in own[number::36]]
        (tmp_path / f"{name}.tsv").write_text("\n".join(["text\tlabel\tsource", *rows]) + "\n", "utf-8")
    first = train(tmp_path, tmp_path / "first.npz")
    assert first == train(tmp_path, tmp_path / "second.npz")
    assert len(first) > 10_000
