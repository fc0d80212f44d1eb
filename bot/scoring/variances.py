"""The planned variances of answers, points² of the 1–5 scale: what alarms and ranges are computed with.

`python -m bench.constants` estimates them from real answers.
"""

PERSON_VAR = 0.30
"""σ²_a: between people."""
OCCASION_VAR = 0.0625
"""σ²_m: of a person from round to round."""
ERROR_VAR = 0.42
"""σ²_e: of a single answer."""
ROUND_VAR = 0.0225
"""τ²: of a side from round to round, as weeks go."""
KAPPA = ERROR_VAR / PERSON_VAR
POINTS_SQUARED = 625.0
"""(0–100 points a step of the 1–5 scale)²."""
