"""What the bot is made of is listed: the bill of materials as `make sbom` writes it."""

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.test_supply import PINNED, canonical


def test_the_bill_of_materials_lists_what_is_locked(tmp_path: Path) -> None:
    recipe = re.search(r"cyclonedx_py (.*?)-o sbom.json", Path("Makefile").read_text(), re.DOTALL)
    assert recipe
    words = recipe[1].replace("\\\n", " ").split()
    out = tmp_path / "sbom.json"
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", *words, "-o", str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    made = json.loads(out.read_text())
    assert made["bomFormat"] == "CycloneDX"
    listed = {(canonical(component["name"]), component["version"]) for component in made["components"]}
    locked = PINNED.findall(Path("requirements.lock").read_text())
    assert listed == {(canonical(name), version) for name, version in locked}
