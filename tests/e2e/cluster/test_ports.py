import socket
from contextlib import ExitStack

import pytest

from e2e.cluster import ports
from e2e.cluster.errors import ClusterError
from e2e.cluster.ports import PortReservation


def test_ports_are_consecutive_and_can_be_bound() -> None:
    with PortReservation(3) as reservation, ExitStack() as stack:
        assert reservation.ports == tuple(range(reservation.first, reservation.first + 3))
        for port in reservation.ports:
            stack.enter_context(socket.socket()).bind(("127.0.0.1", port))


def test_no_port_is_reserved_twice_and_listening_ones_are_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    with PortReservation(4) as free:
        window = range(free.first, free.first + 4)
    monkeypatch.setattr(ports, "_RANGE", window)
    with socket.socket() as listener, PortReservation() as first:
        others = [port for port in window if port != first.first]
        listener.bind(("127.0.0.1", others[0]))
        listener.listen()
        with PortReservation() as second, PortReservation() as third:
            assert {second.first, third.first} == set(others[1:])
            with pytest.raises(ClusterError, match="No 1 consecutive free port"):
                PortReservation()


def test_released_ports_can_be_reserved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = PortReservation()
    monkeypatch.setattr(ports, "_RANGE", range(first.first, first.first + 1))
    first.release()
    with PortReservation() as again:
        assert again.ports == first.ports
