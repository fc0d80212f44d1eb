"""List the licence of every package that runs, and refuse one that the project has not accepted.

    python -m bench.licences            writes docs/licences.md
    python -m bench.licences SBOM       adds the licences to a bill of materials

Names come from `requirements.lock`, licences from what each installed package says of itself. Exit 1 where a package
says nothing, or something that is not in `ACCEPTED`.
"""

import json
import re
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

LOCK, TABLE = Path("requirements.lock"), Path("docs/licences.md")
ACCEPTED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "LGPL-3.0-only", "MIT",
    "MIT-0", "MPL-2.0", "PSF-2.0", "Zlib",
}  # fmt: skip
"""SPDX identifiers. LGPL and MPL are for packages that are used unchanged, as pip installs them."""
SAID = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
}
"""Other words for a licence → its SPDX identifier."""
LOOKED_UP = {
    "colorama": "BSD-3-Clause",
    "isodate": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "jsonpickle": "BSD-3-Clause",
    "pysqlite3": "Zlib",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "uvloop": "Apache-2.0 OR MIT",
}
"""Of packages whose metadata are unclear, or which are not installed on Linux: from the licence file in the package."""
HEAD = """# Licences of the packages that run

`python -m bench.licences` writes this page from `requirements.lock` and from what each package says of itself. A test
checks that it is whole, and that each licence is one that the project has accepted. None of these packages is part of
this project: `pip` installs them unchanged. `NOTICE` names what the project itself contains of others.

psycopg is under the LGPL; certifi, pathspec and tqdm are wholly or in part under the MPL. The bot uses all four as they
are, and changes nothing in them.

| package | version | licence |
|---|---|---|
"""


def list_packages() -> dict[str, str]:
    """Return name → versions of what the lock file pins."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==(\S+)", LOCK.read_text(), re.MULTILINE):
        found.setdefault(name, []).append(version)
    return {name: ", ".join(versions) for name, versions in found.items()}


def find_licence(name: str) -> str:
    """Return the SPDX expression of a package. Raises ValueError where none is known or accepted."""
    return check_licence(name, LOOKED_UP.get(name) or _read_licence(name))


def check_licence(name: str, expression: str) -> str:
    """Return the expression. Raises ValueError where it is empty, or names a licence that is not accepted."""
    if not expression or set(re.split(r" (?:AND|OR) ", expression)) - ACCEPTED:
        raise ValueError(f"{name}: licence {expression or 'unknown'}; look at it, then add it in {__file__}")
    return expression


def _read_licence(name: str) -> str:
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    classified = [
        line.split(" :: ")[-1] for line in said.get_all("Classifier") or () if line.startswith("License ::")
    ]
    first = said.get("License-Expression") or said.get("License") or " OR ".join(classified)
    return SAID.get(first.strip(), first.strip())


def make_table() -> str:
    rows = (f"| {name} | {versions} | {find_licence(name)} |" for name, versions in list_packages().items())
    return HEAD + "\n".join(rows) + "\n"


def add_licences(sbom: Path) -> None:
    """Write the licence of each component into a CycloneDX file."""
    found = json.loads(sbom.read_text())
    for component in found["components"]:
        component["licenses"] = [{"expression": find_licence(component["name"].lower())}]
    sbom.write_text(json.dumps(found, indent=2) + "\n")


def main(arguments: Sequence[str]) -> int:
    try:
        if arguments:
            add_licences(Path(arguments[0]))
        else:
            TABLE.write_text(make_table())
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
