"""`make demo` and `make down`, as a person at a terminal meets them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from e2e.cluster.toolchain import Toolchain
from e2e.demo.questions import QUESTIONS

ROOT = Path(__file__).parents[3]
Run = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def demo(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, Path]]:
    """Run the demo's actions with a build folder of their own; nothing is left up."""
    toolchain.ensure()
    build = tmp_path_factory.mktemp("build")

    def run(action: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "e2e.demo", action],
            cwd=ROOT,
            env={**os.environ, "HIRAG_DEMO_BUILD": str(build)},
            capture_output=True,
            text=True,
            check=False,
        )

    yield run, build
    run("down")


def test_the_demo_goes_from_yaml_to_answers_to_another_index_stays_up_and_takes_its_index_up_again(
    demo: tuple[Run, Path],
) -> None:
    run, build = demo
    first = run("up")
    assert first.returncode == 0, first.stdout + first.stderr
    for question in QUESTIONS:
        answers = first.stdout.split(question, 1)[1].split("\n\n", 1)[0]
        assert len(re.findall(r"^  (?:nearText|hybrid|        ) +\d\.\d\d  \w", answers, re.MULTILINE)) == 6, answers
    passages = re.search(r"^([\d,]+) passages of [\d,]+ documents are in the index", first.stdout, re.MULTILINE)
    assert passages is not None
    shown = re.search(r"contextcollection\S*/python-docs +True +Ready +minilm +\w+ +(\d+)", first.stdout)
    assert shown is not None
    assert int(shown[1]) == int(passages[1].replace(",", "")) > 1000
    for line in (r"embeddingmodel\S*/minilm +True +Ready", r"hnswindexpolicy\S*/careful +True +hnsw +cosine +none +1"):
        assert re.search(line, first.stdout)

    change = first.stdout.split("== Changing the index", 1)[1]
    phases = re.findall(r"^ +\d+\.\d s  (\w+)", change, re.MULTILINE)
    assert {"Copying", "Soaking"} <= set(phases)
    assert phases[-1] == "Soaking"
    assert re.search(rf"^python-docs +(?:True|False) +\w+ .* (?:{'|'.join(phases)}) +\d+", change, re.MULTILINE)
    alias = re.search(r"The alias (\w+) led to\n  (\w+) and leads to\n  (\w+)\.$", change, re.MULTILINE)
    assert alias is not None
    assert alias[2] != alias[3]
    asked = re.search(r"^Meanwhile ([\d,]+) questions were answered, .*; 0 failed\.$", change, re.MULTILINE)
    assert asked is not None
    assert int(asked[1].replace(",", "")) > 10
    held = re.search(r"^The new collection holds ([\d,]+) \+ ([\d,]+) = ([\d,]+) passages", change, re.MULTILINE)
    assert held is not None
    before, written, after = (int(number.replace(",", "")) for number in held.groups())
    assert before + written == after
    assert before == int(shown[1]) < after

    state = json.loads((build / "demo.json").read_text())
    assert httpx.get(f"{state['operator']}/healthz").text == "ok\n"
    led_to = httpx.get(f"{state['weaviate']}/v1/aliases/{alias[1]}").raise_for_status().json()["class"]
    assert led_to == alias[3]
    kubectl = [str(build / "kubectl"), f"--kubeconfig={build / 'kubeconfig'}", "get", "ctx", "-A", "-o", "name"]
    assert "python-docs" in subprocess.run(kubectl, capture_output=True, text=True, check=True).stdout

    down = run("down")
    assert down.returncode == 0, down.stderr
    assert not (build / "demo.json").exists()
    for url in (state["operator"], state["weaviate"], state["embedder"]):
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)

    second = run("up")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "written 0 and replaced 0 objects" in second.stdout + second.stderr
    assert "it was carried back into the one that is declared" in second.stdout
    assert f"led to\n  {alias[2]} and leads to\n  {alias[3]}.\n" in second.stdout
    assert run("down").returncode == 0
    assert run("down").stdout == "Nothing is up.\n"
