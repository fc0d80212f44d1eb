"""List the commands by what they are for, without importing what they need.

`pulse --help` reads this table alone. A command's module is imported when the command is called.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: the module of this folder that holds it, its function there, and its line in the help."""

    module: str
    function: str
    help: str


TOPICS: Mapping[str, Mapping[str, Entry]] = {
    "Run": {
        "run": Entry("run", "run_all", "Run everything in one process; --demo needs no account."),
        "web": Entry("run", "run_web", "Run the web process only."),
        "worker": Entry("run", "serve_worker", "Run a worker process only."),
        "migrate": Entry("run", "migrate_schema", "Bring the database to this version's schema."),
        "tick": Entry("run", "tick_at", "Run one tick at a given time."),
    },
    "Set up": {
        "keys": Entry("setup", "make_keys", "Make fresh secrets, as lines for the environment."),
        "config": Entry("show_config", "config", "Show the settings in force."),
        "manifest": Entry("setup", "manifest", "Make the file that registers the bot at a platform."),
        "apply": Entry("operate", "apply_declarations", "Declare alliances and print what changes."),
        "unmap": Entry("unmap", "unmap_company", "Take back what a lead said about a company."),
        "doctor": Entry(
            "setup", "examine_installation", "Check the installation; says what to mend and how."
        ),
        "clock": Entry("setup", "judge_clock", "Check this machine's clock."),
        "holidays": Entry("setup", "show_holidays", "Show which pulses a holiday moves."),
    },
    "Look": {
        "deliveries": Entry("operate", "list_deliveries", "List deliveries and their states."),
        "resolve": Entry("operate", "resolve_delivery", "Settle a delivery with an unknown outcome."),
        "missed": Entry("operate", "list_missed", "List pulses that were missed while the bot was down."),
        "audit": Entry("audit", "audit", "Read and verify the log of looks and changes."),
    },
    "Data": {
        "backup": Entry(
            "data_safety", "back_up_database", "Write the database to one file, while the bot runs."
        ),
        "restore": Entry("data_safety", "restore_database", "Restore the database from a backup."),
        "rotate-keys": Entry("data_safety", "rotate_keys", "Encrypt everything with the newest key."),
        "retention": Entry(
            "data_safety", "apply_retention", "Show, or delete, what is past its retention time."
        ),
        "departed": Entry("data_safety", "note_departure", "Say that a company removed the bot."),
        "subject-data": Entry(
            "data_rights", "subject_data", "Copy a person's data, encrypted; list who asked."
        ),
        "erase": Entry("data_rights", "erase_data", "Erase a person, or a whole alliance."),
        "erasures": Entry("data_rights", "list_erasures", "List what was erased, as pseudonyms."),
    },
    "Numbers": {
        "score": Entry("operate", "show_score", "Print what every member may see of an alliance."),
        "export": Entry("operate", "export_numbers", "Export what both sides' leads could see."),
        "backtest": Entry(
            "backtest", "replay_survey", "Replay a history through the same scores and alarms."
        ),
        "simulate": Entry("backtest", "make_survey", "Write made-up answers, for `pulse backtest`."),
        "mood": Entry("backtest", "read_moods", "Read the mood of texts on standard input."),
        "guard": Entry(
            "guard", "read_concerns", "Find patients and safety events in texts on standard input."
        ),
    },
}


def list_entries() -> Iterator[tuple[str, Entry]]:
    """Yield every command's name and entry, in the order of the help."""
    for entries in TOPICS.values():
        yield from entries.items()
