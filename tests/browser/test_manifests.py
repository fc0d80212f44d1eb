"""The app manifests against what the platforms publish of them, in the npm packages that `package.json` pins.

Microsoft publishes the JSON schema of every version, in `@microsoft/app-manifest`: lengths, counts, patterns and names,
nothing unknown allowed. Slack publishes a typed model, in `@slack/web-api`: keys, types, scopes and events, checked by
TypeScript's compiler; lengths and counts it only describes in words, and those are held by
`tests/adapters/slack/test_manifest.py`. Neither says that a company's administrator will like it.
"""

import copy
import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

from adapters.slack.manifest import build_slack_manifest as slack_manifest
from adapters.teams.manifest import VERSION, PackageOptions, build_package

PUBLISHED = Path(__file__).parent / "node_modules"
TEAMS = PUBLISHED / f"@microsoft/app-manifest/build/json-schemas/teams/v{VERSION}/MicrosoftTeams.schema.json"
SLACK = PUBLISHED / "@slack/web-api/dist/types/request/manifest.d.ts"
NAMES = Path(__file__).parents[1] / "far" / "data" / "slack-names.json"
APP = "5b3f9a52-0000-4000-8000-0000000000aa"
URL = "https://pulse.example.com"


def teams_complaints(told: Any) -> list[str]:
    schema = json.loads(TEAMS.read_text())
    return [
        error.message for error in Draft4Validator(schema, format_checker=FormatChecker()).iter_errors(told)
    ]


def slack_complaints(told: Any, folder: Path) -> str:
    """What TypeScript's compiler says to the manifest as a literal of Slack's type."""
    source = folder / "manifest.ts"
    source.write_text(
        f'import type {{ Manifest }} from "{SLACK.with_suffix("").with_suffix("")}";\n'
        f"export const told: Manifest = {json.dumps(told, indent=1)};\n"
    )
    flags = [
        "--noEmit",
        "--strict",
        "--target",
        "es2022",
        "--module",
        "esnext",
        "--moduleResolution",
        "bundler",
    ]
    compiler = PUBLISHED / "typescript" / "bin" / "tsc"
    return subprocess.run(["node", compiler, *flags, source], capture_output=True, text=True).stdout


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize("slash", [True, False])
def test_every_teams_package_is_valid_under_microsofts_schema(reads: bool, slash: bool) -> None:
    zipped = zipfile.ZipFile(io.BytesIO(build_package(APP, URL, PackageOptions(reads, slash))))
    assert teams_complaints(json.loads(zipped.read("manifest.json"))) == []


def test_microsofts_schema_refuses_another() -> None:
    told = json.loads(zipfile.ZipFile(io.BytesIO(build_package(APP, URL))).read("manifest.json"))
    told["name"]["short"] = "x" * 31
    told["bots"][0]["scopes"] = ["everywhere"]
    told["surprise"] = True
    assert len(teams_complaints(told)) == 3


@pytest.mark.parametrize("mode", ["single", "oauth", "socket"])
def test_every_slack_manifest_is_of_slacks_type(mode: Any, tmp_path: Path) -> None:
    assert slack_complaints(slack_manifest(mode, URL), tmp_path) == ""


def test_slacks_type_refuses_another(tmp_path: Path) -> None:
    told = copy.deepcopy(slack_manifest())
    told["oauth_config"]["scopes"]["bot"].append("chat:shout")
    told["settings"]["event_subscriptions"]["bot_events"].append("channel_vanished")
    told["display_information"]["surprise"] = True
    said = slack_complaints(told, tmp_path)
    assert all(name in said for name in ("chat:shout", "channel_vanished", "surprise"))


@pytest.mark.parametrize(("kept", "published"), [("scopes", "BotScope"), ("events", "ManifestEvent")])
def test_the_names_that_the_quick_tests_know_are_those_that_slack_publishes(
    kept: str, published: str
) -> None:
    (union,) = re.findall(rf"^type {published} = (.+);$", SLACK.read_text(), re.MULTILINE)
    assert json.loads(NAMES.read_text())[kept] == re.findall(r"'([^']+)'", union)
