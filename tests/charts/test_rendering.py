"""What the chart makes of several files of values: what lint and the operator take, and no surprise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from e2e.cluster.helm import CHART, Helm, documents, write_values
from hirag_operator.settings import Settings
from tests.charts.rendering import GOLDEN, NAMESPACE, RELEASE, VALUES, environment, golden_text, of_kind, render

_CASES = pytest.mark.parametrize("values", VALUES, ids=lambda file: str(file.stem))


@_CASES
def test_lint_has_nothing_to_say(helm: Helm, values: Path) -> None:
    assert "0 chart(s) failed" in helm.run("lint", CHART, "--strict", "--values", values)


@_CASES
def test_what_is_rendered_is_what_was_agreed_on(helm: Helm, values: Path) -> None:
    agreed = (GOLDEN / values.name).read_text(encoding="utf-8")
    assert golden_text(render(helm, values)) == agreed, "if this is meant: python -m tests.charts.rendering"


@_CASES
def test_no_rule_has_a_wildcard_and_no_secret_is_read_but_by_its_name(helm: Helm, values: Path) -> None:
    roles = [body for body in render(helm, values) if body["kind"] in {"Role", "ClusterRole"}]
    rules = [rule for role in roles for rule in role["rules"]]
    assert [rule for rule in rules if "*" in (*rule["verbs"], *rule["resources"], *rule["apiGroups"])] == []
    unnamed = [
        (verb, role["kind"], role["metadata"].get("namespace"))
        for role in roles
        for rule in role["rules"]
        if "secrets" in rule["resources"] and not rule.get("resourceNames")
        for verb in rule["verbs"]
    ]
    for_jobs = [("create", "Role", NAMESPACE), ("patch", "Role", NAMESPACE)]
    assert unnamed == (for_jobs if roles else [])


@pytest.mark.parametrize("watched", [[], ["team-a"], ["team-a", NAMESPACE]], ids=["all", "others", "its own too"])
def test_jobs_are_run_in_the_releases_namespace_alone_and_no_right_to_them_is_granted_twice(
    helm: Helm, tmp_path: Path, watched: list[str]
) -> None:
    (minimal,) = [file for file in VALUES if file.stem == "minimal"]
    narrowed = write_values(tmp_path / "values.yaml", {"watchNamespaces": watched})
    rendered = documents(helm.template(RELEASE, NAMESPACE, minimal, narrowed))
    granted = [
        (verb, resource, role["metadata"].get("namespace", ""))
        for role in rendered
        if role["kind"] in {"Role", "ClusterRole"}
        for rule in role["rules"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]
    for verb in ("create", "patch", "delete"):
        assert [where for *what, where in granted if what == [verb, "jobs"]] == [NAMESPACE]
    for resource in ("jobs", "pods"):
        there = [where for *what, where in granted if what == ["list", resource] and where in {"", NAMESPACE}]
        assert len(there) == 1
    assert [one for one in granted if one[:2] == ("get", "jobs")] == []


def test_every_golden_file_has_its_values() -> None:
    assert {file.name for file in GOLDEN.glob("*.yaml")} == {file.name for file in VALUES}


@_CASES
def test_the_operator_takes_the_environment_that_is_rendered(
    helm: Helm, values: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = environment(render(helm, values))
    for name in [name for name in os.environ if name.startswith("HIRAG_OPERATOR_")]:
        monkeypatch.delenv(name)
    for name, value in rendered.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    asked = {name.removeprefix("HIRAG_OPERATOR_").lower() for name in rendered if name.startswith("HIRAG_OPERATOR_")}
    assert asked <= Settings.model_fields.keys(), "a variable that the operator does not read"
    assert asked == settings.model_fields_set


def test_every_setting_of_the_operator_can_be_set_by_values(helm: Helm) -> None:
    (schema,) = [yaml.safe_load(file.read_text()) for file in CHART.glob("values.schema.json")]
    settable = {_snake(name) for name in schema["properties"]["settings"]["properties"]}
    by_values = {name.removeprefix("HIRAG_OPERATOR_").lower() for name in environment(render(helm, VALUES[0]))}
    # Where it listens is the pod's address, and who it is is the pod's name: both are the pod's own affair.
    assert Settings.model_fields.keys() - {"host", "identity"} == settable | by_values


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def test_keys_of_weaviate_come_as_files_and_never_as_variables(helm: Helm) -> None:
    (production,) = [file for file in VALUES if file.stem == "production"]
    (deployment,) = of_kind(render(helm, production), "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    assert "valueFrom" not in str(pod["containers"][0]["env"])
    assert "envFrom" not in pod["containers"][0]
    mounted = {mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"] if mount.get("readOnly")}
    assert mounted == {"/var/run/hirag/weaviate/default", "/var/run/hirag/weaviate/cloud"}
    assert not any("subPath" in mount for mount in pod["containers"][0]["volumeMounts"]), "it would never see a new key"


def test_alerts_lead_to_where_people_read_the_runbooks(helm: Helm, tmp_path: Path) -> None:
    root = "https://git.example.com/hirag/blob/main"
    rules = {"enabled": True, "runbooks": f"{root}/"}
    values = write_values(tmp_path / "values.yaml", {"prometheusRule": rules})
    (minimal,) = [file for file in VALUES if file.stem == "minimal"]
    made = of_kind(documents(helm.template(RELEASE, NAMESPACE, minimal, values)), "PrometheusRule")
    alerts = [rule for body in made for group in body["spec"]["groups"] for rule in group["rules"]]
    assert alerts
    assert {rule["annotations"]["runbook_url"] for rule in alerts} == {
        f"{root}/docs/alerts.md#{rule['alert'].lower()}" for rule in alerts
    }


def test_notes_name_the_next_commands_with_the_names_of_the_release(helm: Helm) -> None:
    (minimal,) = [file for file in VALUES if file.stem == "minimal"]
    shown = helm.run(
        "install", RELEASE, CHART, "--namespace", NAMESPACE, "--dry-run=client", "--values", minimal
    ).partition("NOTES:")[2]
    assert f"kubectl -n {NAMESPACE} rollout status deployment/{RELEASE}-hirag-operator" in shown
    assert "kubectl explain contextcollection.spec" in shown
    assert "kubectl get hirag --all-namespaces" in shown
    assert "default: http://weaviate.data.svc:80" in shown


def test_a_package_holds_what_a_release_needs_and_nothing_that_only_developers_need(helm: Helm, tmp_path: Path) -> None:
    helm.run("package", CHART, "--destination", tmp_path)
    (package,) = tmp_path.glob("*.tgz")
    listed = subprocess.run(
        [sys.executable, "-m", "tarfile", "--list", package], capture_output=True, text=True, check=True
    ).stdout.split()
    inside = {str(Path(name).relative_to("hirag-operator")) for name in listed}
    crds = {f"files/crds/{file.name}" for file in (CHART / "files" / "crds").glob("*.yaml")}
    assert len(crds) == 3
    assert crds | {"Chart.yaml", "values.yaml", "values.schema.json"} <= inside
    assert not [name for name in inside if "tests" in name]
