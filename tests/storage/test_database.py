"""Connections: what they are told, beyond what every test sees of them."""

from pathlib import Path

from storage.engine.connect import open_engine
from tests.databases import fresh


def test_a_server_that_is_gone_without_a_word_is_given_up_within_fifteen_seconds(tmp_path: Path) -> None:
    """The system's own patience is two hours, in which whoever waits for an answer would hold a thread."""
    with fresh("postgres", tmp_path) as url:
        engine = open_engine(url)
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver
            told = driver.info.get_parameters()
        engine.dispose()
    asked = int(told["keepalives_interval"]) * int(told["keepalives_count"])
    assert int(told["keepalives_idle"]) + asked <= 15
    assert int(told["tcp_user_timeout"]) <= 15_000
    assert int(told["connect_timeout"]) <= 5
