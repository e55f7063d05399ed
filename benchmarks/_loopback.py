"""A fast web server on many loopback addresses, in a process of its own, for benchmarks of clients: it counts nothing.

What would surprise: it answers every request with the same headers and closes, but for names that do not end in a digit
(made-up siblings), which it does not know; its work is in none of the figures, which are of the client's process alone.
"""

import resource
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

N_HOSTS = 200
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: image/jpeg\r\n"
    b"Content-Length: 48211\r\nLast-Modified: Wed, 31 Dec 2025 00:00:00 GMT\r\nConnection: close\r\n"
    b'ETag: "6954a1c0-bc53"\r\nAccept-Ranges: bytes\r\n\r\n'
)
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def addresses() -> list[str]:
    """The hosts, one address each."""
    return [f"127.0.{1 + n // 100}.{1 + n % 100}" for n in range(N_HOSTS)]


def targets(n: int, port: int) -> list[tuple[str, str]]:
    """n pairs of URL and address, the hosts in turn."""
    hosts = addresses()
    return [(f"http://{hosts[i % N_HOSTS]}:{port}/images/{i}.jpg", hosts[i % N_HOSTS]) for i in range(n)]


@contextmanager
def server() -> Iterator[int]:
    """A running server; gives its port. It ends when its input does."""
    command = [sys.executable, "-m", "benchmarks._loopback"]
    root = Path(__file__).resolve().parents[1]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


def cpu_seconds() -> float:
    """What this process has used, in user and system mode."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def listeners() -> dict[int, socket.socket]:
    """A listening socket an address, all on one port, by file descriptor."""
    found: dict[int, socket.socket] = {}
    port = 0
    for address in addresses():
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(1024)
        sock.setblocking(False)
        port = sock.getsockname()[1]
        found[sock.fileno()] = sock
    return found


def serve() -> None:
    """Answer until standard input ends."""
    waiting = listeners()
    poll = select.epoll()
    for number in (*waiting, sys.stdin.fileno()):
        poll.register(number, select.EPOLLIN)
    print(next(iter(waiting.values())).getsockname()[1], flush=True)
    connected: dict[int, socket.socket] = {}
    while True:
        for number, _ in poll.poll():
            if number in waiting:
                sock, _where = waiting[number].accept()
                connected[sock.fileno()] = sock
                poll.register(sock.fileno(), select.EPOLLIN)
            elif number in connected:
                poll.unregister(number)
                answer(connected.pop(number))
            else:
                return


def answer(sock: socket.socket) -> None:
    with sock:
        try:
            if asked := sock.recv(65_536):
                name_ends = asked.find(b".jpg")
                sock.sendall(_ANSWER if name_ends < 0 or asked[name_ends - 1 : name_ends].isdigit() else _NOT_FOUND)
        except ConnectionError:
            pass  # the client went away


if __name__ == "__main__":
    serve()
