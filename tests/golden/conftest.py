"""The checks say what differs."""

import pytest

pytest.register_assert_rewrite("tests.golden.checks")
