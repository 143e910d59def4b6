"""A loopback way to a server that can be slow, or break: real sockets, real time-outs."""

import contextlib
import socket
import threading
import time


class Proxy:
    """Passes connections on; each answer waits while `delay` seconds are set.

    Args:
        target: port of the server on 127.0.0.1.
    """

    def __init__(self, target: int) -> None:
        self.delay = 0.0
        self._target = target
        self._ends: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Break every connection and take no more."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._ends += [near, far]
                for source, sink, slow in ((near, far, False), (far, near, True)):
                    threading.Thread(
                        target=self._pass, args=(source, sink, slow), daemon=True
                    ).start()

    def _pass(self, source: socket.socket, sink: socket.socket, slow: bool) -> None:  # noqa: FBT001
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if slow and self.delay:
                    time.sleep(self.delay)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
