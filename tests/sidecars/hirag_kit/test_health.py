import pytest

from hirag_kit.health import Health, Phase


@pytest.mark.parametrize(("phase", "status"), [("loading", 503), ("ready", 200), ("failed", 503)])
def test_only_a_ready_process_is_sent_work(phase: Phase, status: int) -> None:
    health = Health(phase, "because")
    assert (health.status, health.ready) == (status, status == 200)
    assert health.body() == {"status": phase, "reason": "because"}
