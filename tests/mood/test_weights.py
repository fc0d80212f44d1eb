"""The weights in the repository are the ones that were measured, whole, small, and need nothing to be learned anew."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np

from bot.mood.classifier import load_stored, load_weights
from bot.mood.features import BITS, DENSE

FILE = Path("bot/mood/weights.npz")


def test_the_weights_are_the_recorded_ones() -> None:
    recorded = Path("bot/mood/weights.sha256").read_text().split()[0]
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == recorded
    assert FILE.stat().st_size < 3_000_000


def test_every_part_has_its_shape_and_no_gap() -> None:
    weights = load_stored()
    assert weights.words.shape == weights.characters.shape == (1 << BITS, 11)
    assert weights.words.dtype == weights.characters.dtype == np.int8
    assert weights.dense.shape == (DENSE, 11) and weights.mean.shape == weights.spread.shape == (DENSE,)
    assert (weights.scales.shape, weights.bias.shape, weights.opinion.shape) == ((2, 11), (11,), (2, 2))
    assert all(np.isfinite(part).all() for part in load_weights()) and (weights.spread > 0).all()


def test_reading_needs_no_learning_library_and_no_network() -> None:
    probe = """
import socket, sys
for absent in ("sklearn", "scipy", "torch", "vaderSentiment"):
    sys.modules[absent] = None
def refuse(*_, **__):
    raise AssertionError("network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from bot.mood import read
print(read("We were not told about the amendment, again.").label)
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "negative"
