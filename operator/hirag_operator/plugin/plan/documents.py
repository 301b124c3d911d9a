"""Reading what somebody is about to apply: files or standard input, several documents each."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from hirag_operator.api.group import API_VERSION, GROUP
from hirag_operator.plugin.errors import CommandError
from hirag_operator.plugin.kinds import IN_ORDER

Json = dict[str, Any]

MOST_CHARACTERS: Final = 16 * 1024 * 1024  # of a file: thousands of objects
KINDS: Final = {kind.resource.kind: kind for kind in IN_ORDER}


@dataclass(frozen=True)
class Document:
    """An object that is to be applied. `source` says where it was read.

    `body` is None of a document that is none of ours; `complaint` says why one cannot be applied at all.
    """

    source: str
    body: Json | None = None
    complaint: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what tells the object from others."""
        return self.kind, self.namespace, self.name


def read(files: Sequence[str], namespace: str | None, default: str) -> list[Document]:
    """Return the documents of all files; objects without a namespace get `namespace`, else `default`.

    Raises:
        CommandError: a file cannot be read, is too long, or is no YAML.
    """
    found: list[Document] = []
    for file in files:
        for number, body in enumerate(_bodies(file), 1):
            document = _document(f"{'stdin' if file == '-' else file}#{number}", body, namespace, default)
            twice = document.name and any(document.key == other.key for other in found)
            found.append(_refused(document, "the same object stands in an earlier document too") if twice else document)
    if not found:
        raise CommandError(f"{', '.join(files)}: no document in it")
    return found


def _bodies(file: str) -> Iterator[Any]:
    try:
        text = _text(file)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: {error}") from error
    if len(text) > MOST_CHARACTERS:
        raise CommandError(f"{file}: longer than {MOST_CHARACTERS:,} characters; plan it in parts")
    try:
        for body in yaml.safe_load_all(text):
            if isinstance(body, dict) and body.get("kind") == "List" and isinstance(body.get("items"), list):
                yield from body["items"]
            elif body is not None:
                yield body
    except (yaml.YAMLError, RecursionError) as error:
        raise CommandError(f"{file} is no YAML: {error}") from error


def _text(file: str) -> str:
    if file == "-":
        return sys.stdin.read(MOST_CHARACTERS + 1)
    with Path(file).open(encoding="utf-8") as stream:
        return stream.read(MOST_CHARACTERS + 1)


def _document(source: str, body: Any, namespace: str | None, default: str) -> Document:
    if not isinstance(body, dict):
        return Document(source, complaint="it is no object; a document begins with apiVersion, kind and metadata")
    kind, version = str(body.get("kind", "")), str(body.get("apiVersion", ""))
    metadata = body.get("metadata")
    name = str(metadata.get("name", "")) if isinstance(metadata, Mapping) else ""
    if version.partition("/")[0] != GROUP:
        return Document(source, kind=kind, name=name)
    if version != API_VERSION or kind not in KINDS:
        known = ", ".join(KINDS)
        return Document(
            source, complaint=f"{version} has no kind {kind}; {API_VERSION} has {known}", kind=kind, name=name
        )
    if not isinstance(metadata, dict) or not name:
        return Document(source, complaint="metadata.name is missing", kind=kind)
    home = str(metadata.get("namespace") or namespace or default)
    document = Document(source, {**body, "metadata": {**metadata, "namespace": home}}, "", kind, home, name)
    if namespace is not None and home != namespace:
        return _refused(document, f"metadata.namespace is {home}, and -n says {namespace}; leave one of them out")
    return document


def _refused(document: Document, complaint: str) -> Document:
    return Document(document.source, None, complaint, document.kind, document.namespace, document.name)
