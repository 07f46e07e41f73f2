"""The socket that the server takes connections with."""

import socket

import pytest

from meeting_app.cli.server import listening
from meeting_app.config import ServerConfig
from meeting_app.errors import ConfigError


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_is_said_on_a_connection_leaves_at_once(host: str) -> None:
    with (
        listening(ServerConfig(host=host, port=0)) as listener,
        socket.create_connection(listener.getsockname()[:2]),
        listener.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_address_of_another_machine_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1:0: cannot listen there"):
        listening(ServerConfig(host="192.0.2.1", port=0))
