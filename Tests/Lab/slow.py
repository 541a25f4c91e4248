"""Clients of the event stream that read nothing: slow.py COUNT ADDRESS PORT TOKEN.

Opens them all, asks on each, and says as JSON what they were answered with: {"200": n, "503": n, "none": n,
"later": n}; `later` counts those that were told when to come again. They stay open until its input ends.
"""
import collections
import json
import resource
import selectors
import socket
import sys
import time


def main() -> None:
    count, address, port, token = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, count + 100))
    question = (f"GET /v1/events/stream?after=0 HTTP/1.1\r\nHost: {address}:{port}\r\n"
                f"Authorization: Bearer {token}\r\n\r\n").encode()
    selector = selectors.DefaultSelector()
    answers: dict[socket.socket, bytes] = {}
    errors: collections.Counter[str] = collections.Counter()
    for _ in range(count):
        client = socket.socket()
        # Small, so that a stream's bytes soon wait in the server.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        client.connect_ex((address, port))
        answers[client] = b""
        selector.register(client, selectors.EVENT_WRITE)
    waiting, end = count, time.monotonic() + 120
    while waiting and time.monotonic() < end:
        for key, events in selector.select(timeout=1):
            client = key.fileobj
            try:
                if events & selectors.EVENT_WRITE:
                    selector.modify(client, selectors.EVENT_READ)
                    client.send(question)
                    continue
                answers[client] += client.recv(400)
            except OSError as error:
                if events & selectors.EVENT_WRITE:
                    # It was refused before it asked; the answer is still to be read.
                    continue
                errors[type(error).__name__] += 1
            # One look, and never again: that is what is slow about them.
            selector.unregister(client)
            waiting -= 1
    found = collections.Counter(answer[9:12].decode() or "none" for answer in answers.values())
    found["later"] = sum(b"retry-after:" in answer.lower() for answer in answers.values())
    print(json.dumps(found | errors), flush=True)
    sys.stdin.read()


main()
