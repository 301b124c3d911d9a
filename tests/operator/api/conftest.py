"""A real API server with the committed CRDs."""

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from hirag_operator.api import GROUP, KINDS, VERSION
from tests.operator.api.manifests import Manifest, kind_of

CRDS = Path(__file__).parents[3] / "crds"
PUBLISH_SECONDS = 60.0


class Registry:
    """The API server as users' tools speak to it: unknown fields are refused, and nothing is stored on a dry run."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def dry_create(self, manifest: Manifest) -> httpx.Response:
        return self._client.post(
            self._path(manifest), json=manifest, params={"dryRun": "All", "fieldValidation": "Strict"}
        )

    def create(self, manifest: Manifest) -> Manifest:
        response = self._client.post(self._path(manifest), json=manifest, params={"fieldValidation": "Strict"})
        created: Manifest = response.raise_for_status().json()
        return created

    def dry_replace(self, manifest: Manifest) -> httpx.Response:
        return self._client.put(
            f"{self._path(manifest)}/{manifest['metadata']['name']}", json=manifest, params={"dryRun": "All"}
        )

    def delete(self, manifest: Manifest) -> None:
        self._client.delete(f"{self._path(manifest)}/{manifest['metadata']['name']}").raise_for_status()

    @staticmethod
    def _path(manifest: Manifest) -> str:
        return f"/apis/{GROUP}/{VERSION}/namespaces/default/{kind_of(manifest).resource.plural}"


@pytest.fixture(scope="package")
def established(control_plane: ControlPlane) -> ControlPlane:
    control_plane.kubectl("apply", "-f", str(CRDS))
    names = [f"crd/{kind.resource.plural}.{GROUP}" for kind in KINDS]
    control_plane.kubectl("wait", "--for=condition=Established", "--timeout=60s", *names)
    wait_until_explained(control_plane)
    return control_plane


def wait_until_explained(control_plane: ControlPlane) -> None:
    """Kinds are served at once, but their OpenAPI documents are published a moment later."""
    deadline = time.monotonic() + PUBLISH_SECONDS
    while not all(kind.resource.plural in published(control_plane) for kind in KINDS):
        assert time.monotonic() < deadline, "the API server published no OpenAPI documents of the kinds"
        time.sleep(0.1)


def published(control_plane: ControlPlane) -> str:
    path = f"apis/{GROUP}/{VERSION}"
    known = control_plane.kubectl("get", "--raw", "/openapi/v3")
    return control_plane.kubectl("get", "--raw", f"/openapi/v3/{path}") if path in known else ""


@pytest.fixture(scope="package")
def registry(established: ControlPlane) -> Iterator[Registry]:
    context = ssl.create_default_context(cafile=str(established.authority))
    headers = {"Authorization": f"Bearer {established.token}"}
    with httpx.Client(base_url=established.url, headers=headers, verify=context, timeout=30) as client:
        yield Registry(client)
