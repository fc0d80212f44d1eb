"""`pulse guard`: a text a line in, a JSON line out, and how many were stopped."""

import json

from click.testing import CliRunner

from bot.app.cli.main import pulse

TEXTS = [
    "Subject 0012 waits",
    "the pharmacist accidentally unblinded the monitor",
    "Thank you all, great work!",
    "",
    "Il centro non ha ancora una risposta per questo",
    '{"text": "hm"} \x00 \u2028 <@U123>',
]


def test_every_line_in_is_a_json_line_out_in_order() -> None:
    result = CliRunner().invoke(pulse, ["guard", "--json"], input="\n".join(TEXTS) + "\n")
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["concern"], row["step"]) for row in rows] == [
        ("patient", "hard"),
        ("unblinding", "soft"),
        *[(None, None)] * 4,
    ]
    assert [row["read_in_full"] for row in rows] == [True, True, True, True, False, True]
    assert set(rows[0]) == {"concern", "step", "noticed", "confidence", "read_in_full"}
    assert "6 texts: 1 refused, 1 held" in result.stderr


def test_bytes_that_are_no_text_stop_nothing() -> None:
    result = CliRunner().invoke(pulse, ["guard"], input=b"thank you \xff\xfe for the quick help\n")
    assert result.exit_code == 0 and len(result.stdout.splitlines()) == 1
