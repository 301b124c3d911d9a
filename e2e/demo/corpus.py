"""Real text that every machine with Python has: the documentation inside Python's own standard library.

Sources are read, not imported, so nothing runs; modules written in C have no source and are imported for their
docstrings. One document is a module's introduction, or a public class or function with its docstring.
"""

import ast
import importlib
import importlib.util
import inspect
import json
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

LEAST_CHARACTERS = 60  # a shorter docstring says little more than the name
SKIPPED = {
    "antigravity",
    "this",
    "idlelib",
    "lib2to3",
    "ensurepip",
    "turtledemo",
    "turtle",
    "pydoc_data",
    "test",
    "distutils",
    "posix",
}
SKIPPED_FOLDERS = {"test", "tests", "idle_test", "__pycache__", "site-packages"}


@dataclass(frozen=True)
class Document:
    """One document, as `hirag-jobs ingest` reads it from a line of JSON; `module` is a property of the collection."""

    id: str
    title: str
    source: str
    module: str
    text: str


def write(file: Path) -> int:
    """Write the corpus as JSON lines; return how many documents it has."""
    found = list(documents())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(asdict(document), ensure_ascii=False) + "\n" for document in found))
    return len(found)


def documents() -> Iterator[Document]:
    """Yield the documents of the running Python's standard library, in a stable order."""
    for name in sorted(sys.stdlib_module_names):
        if name.startswith("_") or name in SKIPPED:
            continue
        spec = importlib.util.find_spec(name)
        if spec is None:  # a module of another platform
            continue
        if spec.origin and spec.origin.endswith(".py"):
            yield from _of_sources(name, Path(spec.origin))
        else:
            yield from _of_compiled(name)


def _of_sources(name: str, origin: Path) -> Iterator[Document]:
    if origin.name != "__init__.py":
        yield from _of_source(name, origin)
        return
    for file in sorted(origin.parent.rglob("*.py")):
        parts = file.relative_to(origin.parent).with_suffix("").parts
        if SKIPPED_FOLDERS.isdisjoint(parts) and not any(p.startswith("_") for p in parts if p != "__init__"):
            yield from _of_source(".".join([name, *(p for p in parts if p != "__init__")]), file)


def _of_source(module: str, file: Path) -> Iterator[Document]:
    tree = ast.parse(file.read_bytes())
    source = file.relative_to(sysconfig.get_path("stdlib")).as_posix()
    yield from _document(module, module, source, ast.get_docstring(tree))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield from _document(module, f"{module}.{node.name}", source, ast.get_docstring(node))


def _of_compiled(module: str) -> Iterator[Document]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a deprecated module is documented like any other
        loaded = importlib.import_module(module)
    yield from _document(module, module, module, inspect.getdoc(loaded))
    for name, member in sorted(vars(loaded).items()):
        if not name.startswith("_") and (inspect.isbuiltin(member) or inspect.isclass(member)):
            yield from _document(module, f"{module}.{name}", module, inspect.getdoc(member))


def _document(module: str, title: str, source: str, docstring: str | None) -> Iterator[Document]:
    if docstring and len(docstring) >= LEAST_CHARACTERS:
        yield Document(title, title, source, module, f"{title}\n\n{docstring}")
