"""Asked and granted are told apart: by verb, subresource, namespace and name, and by what the API server answered."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster.audit import Grant, Request, compare, grants_of, read_exceptions, read_requests, subject_of
from e2e.cluster.audit.__main__ import main
from e2e.cluster.errors import ClusterError

Json = dict[str, Any]

USER = "system:serviceaccount:hirag:operator"
SUBJECT = ("hirag", "operator")


def event(verb: str, resource: str, *, code: int = 200, decision: str = "allow", said: str = "", **where: str) -> Json:
    """An event as the API server writes it."""
    return {
        "verb": verb,
        "user": {"username": USER},
        "requestURI": f"/apis/x/{resource}?watch=true",
        "objectRef": {"resource": resource, **where},
        "responseStatus": {"code": code, **({"message": said} if said else {})},
        "annotations": {"authorization.k8s.io/decision": decision},
    }


def read(*events: Json) -> frozenset[Request]:
    return read_requests([json.dumps(one) for one in events], USER)


def role(*rules: Json, namespace: str = "", name: str = "operator", subject: tuple[str, str] = SUBJECT) -> list[Json]:
    """A role and its binding, of a namespace or of the cluster."""
    prefix, metadata = ("", {"namespace": namespace}) if namespace else ("Cluster", {})
    return [
        {"kind": f"{prefix}Role", "metadata": {"name": name, **metadata}, "rules": list(rules)},
        {
            "kind": f"{prefix}RoleBinding",
            "metadata": {"name": name, **metadata},
            "roleRef": {"kind": f"{prefix}Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "namespace": subject[0], "name": subject[1]}],
        },
    ]


def rule(verbs: list[str], resource: str, group: str = "", names: list[str] | None = None) -> Json:
    named = {"resourceNames": names} if names else {}
    return {"apiGroups": [group], "resources": [resource], "verbs": verbs, **named}


PODS = Grant("list", "", "pods")


def test_what_others_asked_is_left_out() -> None:
    other = {**event("list", "pods"), "user": {"username": "admin"}}
    assert read(other) == frozenset()


def test_equal_requests_are_one_and_a_subresource_is_another_resource() -> None:
    found = read(
        event("patch", "models", apiGroup="hirag.dev", namespace="a", name="m"),
        event("patch", "models", apiGroup="hirag.dev", namespace="a", name="m"),
        event("patch", "models", apiGroup="hirag.dev", namespace="a", name="m", subresource="status"),
    )
    assert {one.resource for one in found} == {"models", "models/status"}


def test_an_apply_that_created_used_the_right_to_create_too() -> None:
    made = read(event("patch", "services", code=201, namespace="a", name="s"))
    assert {one.verb for one in made} == {"patch", "create"}
    assert {one.verb for one in read(event("patch", "services", namespace="a", name="s"))} == {"patch"}


@pytest.mark.parametrize(
    ("refused", "verb"),
    [
        (event("list", "secrets", code=403, decision="forbid", said='User "u" cannot list resource "secrets"'), "list"),
        (event("patch", "services", code=403, said='User "u" cannot create resource "services"'), "create"),
    ],
    ids=["at the door", "once the object was found missing"],
)
def test_a_refusal_is_told_with_the_verb_that_was_lacking(refused: Json, verb: str) -> None:
    (found,) = read(refused)
    assert found.verb == verb
    assert "cannot" in found.refused


@pytest.mark.parametrize("said", ["exceeded quota: pods", "unable to create new content in namespace a"])
def test_a_full_quota_and_a_namespace_that_ends_are_no_lack_of_rights(said: str) -> None:
    (found,) = read(event("create", "pods", code=403, said=said))
    assert found.refused == ""


def test_a_grant_covers_its_namespace_and_its_name_alone() -> None:
    secret = Grant("get", "", "secrets", "team-a", "key")
    assert secret.covers(Request("get", "", "secrets", "team-a", "key"))
    for other in (
        Request("get", "", "secrets", "team-a", "other"),
        Request("get", "", "secrets", "team-b", "key"),
        Request("list", "", "secrets", "team-a"),
        Request("get", "", "secrets/x", "team-a", "key"),
        Request("get", "apps", "secrets", "team-a", "key"),
    ):
        assert not secret.covers(other)
    assert PODS.covers(Request("list", "", "pods", "anywhere"))


def test_roles_grant_what_is_bound_to_the_account_and_no_more() -> None:
    rendered = [
        *role(rule(["list", "watch"], "pods")),
        *role(rule(["get"], "secrets", names=["key"]), namespace="team-a", name="secrets"),
        *role(rule(["delete"], "nodes"), name="other", subject=("hirag", "other")),
        {"kind": "ClusterRole", "metadata": {"name": "for-people"}, "rules": [rule(["delete"], "pods")]},
    ]
    assert grants_of(rendered, SUBJECT) == {
        PODS,
        Grant("watch", "", "pods"),
        Grant("get", "", "secrets", "team-a", "key"),
    }


@pytest.mark.parametrize("wild", [rule(["*"], "pods"), rule(["get"], "*"), rule(["get"], "pods", "*")])
def test_a_wildcard_is_no_grant_that_could_be_compared(wild: Json) -> None:
    with pytest.raises(ClusterError, match="wildcard"):
        grants_of(role(wild), SUBJECT)


def test_a_binding_of_a_role_that_is_not_there_is_told() -> None:
    with pytest.raises(ClusterError, match="not there"):
        grants_of(role(rule(["get"], "pods"))[1:], SUBJECT)


def test_the_account_is_that_of_the_bindings_and_several_are_not_guessed() -> None:
    assert subject_of(role()) == SUBJECT
    with pytest.raises(ClusterError, match="2 service accounts"):
        subject_of([*role(), *role(name="two", subject=("hirag", "two"))])


def test_all_kinds_of_difference_are_told(tmp_path: Path) -> None:
    table = tmp_path / "exceptions.yaml"
    table.write_text(
        yaml.safe_dump(
            [
                {"verbs": ["get"], "resources": ["/namespaces"], "reason": "rare"},
                {"verbs": ["get"], "resources": ["/nodes"], "reason": "long gone"},
            ]
        )
    )
    requests = {
        Request("list", "", "pods"),
        Request("list", "", "nodes"),
        Request("get", "", "secrets", "a", "b", refused="cannot get"),
        Request("get", "", "/version"),
    }
    grants = {PODS, Grant("get", "", "namespaces"), Grant("delete", "apps", "deployments", "a")}
    found = compare(requests, grants, read_exceptions(table))
    assert found.refused == ("get /secrets a/b: cannot get",)
    assert found.elsewhere == ("list /nodes",)
    assert found.unused == ("delete apps/deployments a",)
    assert found.stale == ("get of /nodes: long gone",)
    assert found.excused == ("get /namespaces: rare",)
    assert found.used == 1
    assert len(found.complaints) == 4


def test_a_right_that_is_granted_in_several_namespaces_is_used_if_it_was_in_one() -> None:
    grants = {Grant("list", "", "pods", "a"), Grant("list", "", "pods", "b")}
    assert compare({Request("list", "", "pods", "a")}, grants, ()).complaints == ()


def test_the_command_fails_on_a_complaint_and_on_a_log_that_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, rendered, table = tmp_path / "audit.log", tmp_path / "rendered.yaml", tmp_path / "exceptions.yaml"
    rendered.write_text(yaml.safe_dump_all(role(rule(["list"], "pods"))))
    table.write_text("[]")
    arguments = [str(log), str(rendered), "--exceptions", str(table)]
    log.write_text(json.dumps(event("list", "pods")) + "\n")
    assert main(arguments) == 0
    log.write_text(json.dumps(event("list", "nodes")) + "\n")
    assert main(arguments) == 1
    said = capsys.readouterr().out
    assert "allowed by other roles: list /nodes" in said
    assert "granted and never used: list /pods" in said
    log.write_text("")
    assert main(arguments) == 1
    assert main([*arguments, "--subject", "hirag/nobody"]) == 1
