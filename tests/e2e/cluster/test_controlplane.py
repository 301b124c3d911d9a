import json

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.errors import KubectlError

_DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: controllers-run}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: example.invalid/web}]}
"""


def test_the_api_server_says_the_version_that_is_pinned(control_plane: ControlPlane) -> None:
    version = json.loads(control_plane.kubectl("version", "-o", "json"))["serverVersion"]
    assert (version["major"], version["minor"]) == ("1", "35")


def test_controllers_run_so_that_a_deployment_has_pods(control_plane: ControlPlane) -> None:
    control_plane.kubectl("create", "namespace", "controllers-run")
    control_plane.kubectl("apply", "-f", "-", stdin=_DEPLOYMENT)
    control_plane.kubectl(
        "wait", "deployment/web", "-n", "controllers-run", "--for=jsonpath={.status.replicas}=2", "--timeout=60s"
    )


def test_objects_and_credentials_survive_a_restart_of_the_api_server(control_plane: ControlPlane) -> None:
    control_plane.kubectl("create", "configmap", "before-restart")
    control_plane.stop_apiserver()
    with pytest.raises(KubectlError, match="refused"):
        control_plane.kubectl("get", "configmap", "before-restart")
    control_plane.restart_apiserver()
    assert "before-restart" in control_plane.kubectl("get", "configmap", "before-restart", "-o", "name")


def test_kubectl_errors_say_what_kubectl_said(control_plane: ControlPlane) -> None:
    with pytest.raises(KubectlError, match='pods "nowhere" not found'):
        control_plane.kubectl("get", "pod", "nowhere")
