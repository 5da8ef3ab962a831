"""The snippets of docs/ci.md: well-formed, and calling the command as it is."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.orchestration.certify import _parser
from conformance.orchestration.layout import ROOT

# Debian has no type hints for it.
yaml = importlib.import_module("yaml")

PAGE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
SNIPPETS = dict(re.findall(r"```(?:yaml|groovy)\n(?:#|//) (\S+)\n(.*?)```", PAGE, re.DOTALL))
YAML = [name for name in SNIPPETS if name.endswith(".yml")]
LAUNCHERS = ("wspcts/scripts/certify ", "python wspcts/conformance ")


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a parsed snippet."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def command_in(name: str) -> list[str]:
    """Return the words of the one command in a snippet that certifies the provider."""
    if name in YAML:
        texts = list(_texts(yaml.safe_load(SNIPPETS[name])))
    else:
        scripts = re.findall(r"'''(.*?)'''", SNIPPETS[name], re.DOTALL)
        texts = [script.replace("\\\n", " ") for script in scripts]
    (command,) = (text.strip() for text in texts if text.strip().startswith(LAUNCHERS))
    return shlex.split(command)


def test_every_snippet_is_found() -> None:
    assert list(SNIPPETS) == [
        ".github/workflows/conformance.yml",
        ".github/workflows/conformance-windows.yml",
        ".gitlab-ci.yml",
        "Jenkinsfile",
    ]
    assert PAGE.count("```") == 2 * len(SNIPPETS)


@pytest.mark.parametrize("name", SNIPPETS)
def test_the_command_has_options_that_exist(name: str) -> None:
    words = command_in(name)
    values = _parser().parse_args(words[words.index("--allow-known-deviations") :])
    assert values.allow_known_deviations and values.provider == "wsp/provider.toml"
    assert str(values.baseline) == "wsp/baseline.json"
    out = str(values.out)
    assert f"{out}/summary.md" in SNIPPETS[name] or name == ".gitlab-ci.yml"
    # The files are kept as a whole folder, so the report is among them.
    assert re.search(rf"(path: |- |artifacts: '){out}(/|/\*\*'|\n)", SNIPPETS[name])


@pytest.mark.parametrize("name", YAML)
def test_no_key_of_the_yaml_is_given_twice(name: str) -> None:
    def keys_are_unique(node: Any) -> None:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), keys
            for _, value in node.value:
                keys_are_unique(value)
        if isinstance(node, yaml.SequenceNode):
            for value in node.value:
                keys_are_unique(value)

    keys_are_unique(yaml.compose(SNIPPETS[name]))


@pytest.mark.parametrize("name", YAML[:2])
def test_a_workflow_has_the_form_that_github_reads(name: str) -> None:
    workflow = yaml.safe_load(SNIPPETS[name])
    # YAML 1.1 reads the key `on` as true.
    assert workflow["name"] and workflow[True] == ["push", "pull_request"]
    (job,) = workflow["jobs"].values()
    assert job["runs-on"]
    steps = job["steps"]
    assert all(("run" in step) != ("uses" in step) for step in steps)
    places = {step.get("name"): place for place, step in enumerate(steps)}
    for name_of_step in ("Summary", "Keep the report"):
        assert places[name_of_step] > places["Certify"]
        assert steps[places[name_of_step]]["if"] == "${{ !cancelled() }}"


def test_the_files_are_kept_when_the_verdict_is_bad() -> None:
    job = yaml.safe_load(SNIPPETS[".gitlab-ci.yml"])["conformance"]
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"]["junit"] == "conformance/junit.xml"
    pipeline = SNIPPETS["Jenkinsfile"]
    places = [pipeline.index(text) for text in ("post {", "always {", "junit testResults")]
    assert places == sorted(places)
    assert "'conformance/junit.xml'" in pipeline


def test_the_linux_snippets_give_one_command() -> None:
    linux = [name for name in SNIPPETS if "windows" not in name]
    assert len({tuple(command_in(name)) for name in linux}) == 1


def test_what_was_not_run_is_said() -> None:
    for title in ("GitHub Actions, Linux", "GitHub Actions, Windows", "GitLab", "Jenkins"):
        section = PAGE.split(f"## {title}")[1].split("\n```")[0]
        assert re.search(r"\bNot run (on|at all)", section), title
