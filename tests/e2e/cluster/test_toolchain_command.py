import pytest

from e2e.cluster.toolchain import Toolchain
from e2e.cluster.toolchain.__main__ import main


def test_without_a_group_it_gets_what_demo_and_tests_start_with(
    toolchain: Toolchain, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 0
    said = capsys.readouterr().out
    assert str(toolchain.path("kube-apiserver")) in said
    assert "kubelet" not in said


def test_a_group_that_is_none_is_refused_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nodes"])
    assert "'nodes' is none of base, node, checks" in capsys.readouterr().err
