"""Where the demo keeps its things: all under build/ (or HIRAG_DEMO_BUILD), which `make clean` removes."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = Path(os.environ.get("HIRAG_DEMO_BUILD", ROOT / "build"))
STATE = BUILD / "demo.json"  # URLs and the supervisor's process id, while the demo is up
KUBECONFIG = BUILD / "kubeconfig"
KUBECTL = BUILD / "kubectl"
FOLDER = BUILD / "demo"
LOG = FOLDER / "supervisor.log"
WEAVIATE_DATA = FOLDER / "weaviate"  # outlives `make down`, as data outlives servers
EMBEDDER_PORT = FOLDER / "embedder-port"
ONNX = FOLDER / "onnx"
CORPUS = FOLDER / "python-docs.jsonl"
REPORT = FOLDER / "ingest.json"
SAMPLES = Path(__file__).parent / "samples"
CRDS = ROOT / "crds"
