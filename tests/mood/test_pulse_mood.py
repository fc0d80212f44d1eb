"""`pulse mood`: a text a line in, a JSON line out, and how many texts could be read."""

import json

from click.testing import CliRunner

from bot.app.cli.main import pulse

TEXTS = [
    "We were not told about the amendment, again.",
    "Serious adverse event reported for subject 0012.",
    "Thank you all, great work!",
    "Vielen Dank, das hat uns wirklich sehr geholfen.",
    "",
    '{"text": "hm"} \x00 \u2028 <@U123>',
]


def test_every_line_in_is_a_json_line_out_in_order() -> None:
    result = CliRunner().invoke(pulse, ["mood"], input="\n".join(TEXTS) + "\n")
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["label"] for row in rows[:5]] == ["negative", "neutral", "positive", "abstained", "abstained"]
    assert len(rows) == len(TEXTS)
    assert all(-1 <= row["polarity"] <= 1 and 0 < row["confidence"] <= 1 for row in rows[:3])
    assert rows[3] == {"label": "abstained", "polarity": None, "confidence": None, "reason": "other language"}


def test_what_could_not_be_read_is_counted() -> None:
    result = CliRunner().invoke(pulse, ["mood", "--json"], input="\n".join(TEXTS[:5]) + "\n")
    assert "3 of 5 texts could be read" in result.stderr
    assert "other language: 1" in result.stderr and "too short: 1" in result.stderr


def test_bytes_that_are_no_text_stop_nothing() -> None:
    result = CliRunner().invoke(pulse, ["mood"], input=b"thank you \xff\xfe for the quick help\n")
    assert result.exit_code == 0 and len(result.stdout.splitlines()) == 1
