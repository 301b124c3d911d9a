"""Reading what is about to be applied."""

import io
from pathlib import Path

import pytest

from hirag_operator.plugin.errors import CommandError
from hirag_operator.plugin.plan.documents import MOST_CHARACTERS, Document, read

POLICY = "{apiVersion: hirag.dev/v1alpha1, kind: HNSWIndexPolicy, metadata: {name: careful}}"


def of(tmp_path: Path, text: str, namespace: str | None = None) -> list[Document]:
    file = tmp_path / "all.yaml"
    file.write_text(text)
    return read([str(file)], namespace, "team-a")


def test_documents_are_told_by_file_and_number_and_get_the_namespace_of_the_context(tmp_path: Path) -> None:
    first, second = of(tmp_path, f"---\n{POLICY}\n---\n\n---\n{POLICY.replace('careful', 'quick')}\n")
    assert first.source.endswith("all.yaml#1")
    assert (second.source.endswith("all.yaml#2"), second.key) == (True, ("HNSWIndexPolicy", "team-a", "quick"))


def test_a_list_is_as_its_items(tmp_path: Path) -> None:
    text = f"{{apiVersion: v1, kind: List, items: [{POLICY}, {POLICY.replace('careful', 'quick')}]}}"
    assert [one.name for one in of(tmp_path, text)] == ["careful", "quick"]


def test_what_is_none_of_ours_is_left_out(tmp_path: Path) -> None:
    (other,) = of(tmp_path, "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}")
    assert (other.body, other.complaint) == (None, "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("just text", "it is no object"),
        (POLICY.replace("HNSWIndexPolicy", "HNSWPolicy"), "hirag.dev/v1alpha1 has no kind HNSWPolicy"),
        (POLICY.replace("v1alpha1", "v9"), "hirag.dev/v9 has no kind"),
        (POLICY.replace("{name: careful}", "{}"), "metadata.name is missing"),
        (POLICY.replace("name: careful", "name: careful, namespace: team-b"), "metadata.namespace is team-b"),
    ],
)
def test_what_cannot_be_applied_is_told(tmp_path: Path, text: str, told: str) -> None:
    (document,) = of(tmp_path, text, "team-a")
    assert told in document.complaint
    assert document.body is None


def test_an_object_that_comes_twice_is_told(tmp_path: Path) -> None:
    first, second = of(tmp_path, f"{POLICY}\n---\n{POLICY}")
    assert (first.complaint, "earlier document" in second.complaint) == ("", True)


@pytest.mark.parametrize("text", ["a: [", "", "--- # nothing\n"])
def test_a_file_without_documents_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(CommandError, match=r"all\.yaml"):
        of(tmp_path, text)


def test_a_file_that_is_too_long_or_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="longer than"):
        of(tmp_path, "#" * (MOST_CHARACTERS + 1))
    with pytest.raises(CommandError, match="No such file"):
        read([str(tmp_path / "none.yaml")], None, "team-a")


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(POLICY))
    (document,) = read(["-"], None, "team-a")
    assert document.source == "stdin#1"
