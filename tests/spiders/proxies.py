"""Proxies on loopback for the handler's tests: SOCKS 5 and HTTP CONNECT, good ones and ones that say no."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

GRANTED = 0


class Proxy(socketserver.ThreadingTCPServer):
    """`reply`: what a SOCKS request (or, as a status, a CONNECT) is answered with; None: nothing at all."""

    daemon_threads = True

    def __init__(self, handler: type, reply: int | None, password: bytes | None = None) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.reply = reply
        self.password = password
        self.asked: list[tuple[str, int]] = []
        self.over = threading.Event()

    def handle_error(self, request, client_address) -> None:
        """A client that goes away is no error here."""


class Socks(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        sock = self.request
        _, n = exactly(sock, 2)
        exactly(sock, n)
        sock.sendall(b"\x05\x02" if self.server.password else b"\x05\x00")
        if self.server.password:
            _, n = exactly(sock, 2)
            exactly(sock, n)
            given = exactly(sock, exactly(sock, 1)[0])
            sock.sendall(b"\x01\x00" if given == self.server.password else b"\x01\x01")
        kind = exactly(sock, 4)[3]
        family, length = {1: (socket.AF_INET, 4), 4: (socket.AF_INET6, 16)}[kind]
        where = socket.inet_ntop(family, exactly(sock, length)), int.from_bytes(exactly(sock, 2), "big")
        self.server.asked.append(where)
        if self.server.reply is None:
            self.server.over.wait(10)
            return
        sock.sendall(bytes([5, self.server.reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        if self.server.reply == GRANTED:
            relay(sock, where)


class Connect(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        text = b""
        while not text.endswith(b"\r\n\r\n"):
            text += self.request.recv(1)
        host, _, port = text.split()[1].decode().rpartition(":")
        where = host.strip("[]"), int(port)
        self.server.asked.append(where)
        self.request.sendall(f"HTTP/1.1 {self.server.reply} Said\r\n\r\n".encode())
        if self.server.reply == 200:
            relay(self.request, where)


@contextmanager
def proxy(handler: type, reply: int | None, password: bytes | None = None) -> Iterator[Proxy]:
    with Proxy(handler, reply, password) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join(10)


def exactly(sock: socket.socket, n: int) -> bytes:
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def relay(sock: socket.socket, where: tuple[str, int]) -> None:
    with socket.create_connection(where, 5) as target:
        other = threading.Thread(target=pump, args=(sock, target), daemon=True)
        other.start()
        pump(target, sock)
        other.join(5)


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(4096):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        sink.close()
