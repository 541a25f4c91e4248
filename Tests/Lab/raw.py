"""Bytes to a socket: raw.py say PLACE sends its input and prints what is answered within three seconds, and
raw.py relay PORT PATH makes a Unix socket reachable at a TCP port. A PLACE is a path or ADDRESS:PORT."""
import socket
import sys
import threading


def connect(place: str) -> socket.socket:
    if place.startswith("/"):
        client = socket.socket(socket.AF_UNIX)
        client.connect(place)
        return client
    address, port = place.rsplit(":", 1)
    return socket.create_connection((address, int(port)))


def say(place: str) -> None:
    client = connect(place)
    client.settimeout(3)
    try:
        client.sendall(sys.stdin.buffer.read())
        while data := client.recv(65536):
            sys.stdout.buffer.write(data)
    except (TimeoutError, ConnectionError):
        pass


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def relay(port: str, path: str) -> None:
    listener = socket.create_server(("127.0.0.1", int(port)))
    while True:
        near, _ = listener.accept()
        far = connect(path)
        for pair in ((near, far), (far, near)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


{"say": say, "relay": relay}[sys.argv[1]](*sys.argv[2:])
