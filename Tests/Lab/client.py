#!/usr/bin/python3
"""The clients of the lab's servers (servers.py). Each run prints one JSON object, times in seconds.

usage: client.py connect HOST PORT [--timeout S]     result: connected refused unreachable reset timeout
       client.py echo HOST PORT [--seconds S]        round trips, until a line comes on standard input with
                        [--until-told]               --until-told: count, p50, p99, p999, slowest
       client.py download HOST BYTES [--pause]       from 19: bytes, sha256, expected, end
       client.py upload HOST BYTES                   to 9, then FIN, then the answer: sha256, expected
                        [--until-told]               both: 20 MB/s until a line comes on standard input
       client.py server-first HOST BYTES [--pause]   2001: reads the server's FIN, then sends BYTES
       client.py reset-by-server HOST                2002: end is "reset" or "fin"
       client.py reset-by-client HOST                2003: end as the server saw it
       client.py many HOST PORT COUNT [--timeout S]  so many at once, each echoes one line, none closes
                                                     before all are done: counts by result, slowest
       client.py hold HOST PORT COUNT                so many that are open at once; after a pause each
                                                     echoes another line: counts by result
       client.py datagrams HOST PORT [--count N] [--size BYTES] [--timeout S]
                                                     so many at once over UDP, each once and never again:
                                                     sent, answered, slowest; errors, the last "error"
       client.py queries SERVER COUNT NAME [--type TXT] [--timeout S]
                                                     so many DNS questions at once, each asked once, and
                                                     over TCP if the answer says so; # in NAME is a
                                                     number. rcodes (or "silence"), largest, slowest
       client.py noise HOST KIND [--timeout S]       sends what nobody asked for, five times a second:
                                                     ntp, netbios, solicitation (ICMPv6 133)
       client.py talk HOST PORT [--keepalive]        one JSON line when connected; then lines from
                                                     standard input go out and answers come back, each
                                                     as a line; at the end one JSON line with "end"
A pause: one JSON line, {"paused": true}, then it waits for a line on standard input.
"""
import argparse
import collections
import contextlib
import errno
import hashlib
import json
import os
import resource
import select
import selectors
import socket
import struct
import sys
import time

from stream import CHUNK, reset_on_close, stream

RESULTS = {errno.ECONNREFUSED: "refused", errno.EHOSTUNREACH: "unreachable",
           errno.ENETUNREACH: "network-unreachable", errno.ECONNRESET: "reset",
           errno.ETIMEDOUT: "timeout"}


def name(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    return RESULTS.get(error.errno or 0, errno.errorcode.get(error.errno or 0, str(error)))


def connection(host: str, port: int, timeout: float = 30) -> socket.socket:
    peer = socket.create_connection((host, port), timeout)
    peer.settimeout(120)
    return peer


class Pace:
    """Keeps a transfer at 20 MB/s until a line has come on standard input."""

    def __init__(self, bytes_per_second: int = 20_000_000) -> None:
        self.rate, self.begun, self.moved, self.ended = bytes_per_second, time.monotonic(), 0, False

    def passed(self, count: int) -> None:
        self.moved += count
        ahead = self.begun + self.moved / self.rate - time.monotonic()
        if not self.ended and ahead > 0:
            self.ended = bool(select.select([sys.stdin], [], [], ahead)[0])


def read_all(peer: socket.socket, pace: Pace | None = None) -> tuple[int, str, str]:
    """Reads to the end: bytes, their SHA-256, and "fin" or the error's name."""
    total, digest, buffer = 0, hashlib.sha256(), memoryview(bytearray(CHUNK))
    try:
        while count := peer.recv_into(buffer):
            total += count
            digest.update(buffer[:count])
            if pace:
                pace.passed(count)
    except OSError as error:
        return total, digest.hexdigest(), name(error)
    return total, digest.hexdigest(), "fin"


def send_stream(peer: socket.socket, length: int, pace: Pace | None = None) -> str:
    digest = hashlib.sha256()
    for block in stream(length):
        peer.sendall(block)
        digest.update(block)
        if pace:
            pace.passed(len(block))
    return digest.hexdigest()


def expected(length: int) -> str:
    digest = hashlib.sha256()
    for block in stream(length):
        digest.update(block)
    return digest.hexdigest()


def pause() -> None:
    print(json.dumps({"paused": True}), flush=True)
    sys.stdin.readline()


def seen_by_server(host: str, token: str) -> dict[str, object]:
    with connection(host, 2009) as peer:
        peer.sendall(f"{token}\n".encode())
        count, digest, end = peer.makefile().readline().split()
    return {"bytes": int(count), "sha256": digest, "end": end}


def connect(options: argparse.Namespace) -> dict[str, object]:
    begun = time.monotonic()
    try:
        with socket.create_connection((options.host, options.port), options.timeout):
            result = "connected"
    except OSError as error:
        result = name(error)
    return {"result": result, "seconds": time.monotonic() - begun}


def echo(options: argparse.Namespace) -> dict[str, object]:
    times = []
    until = time.monotonic() + options.seconds
    with connection(options.host, options.port) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = peer.makefile()
        while (begun := time.monotonic()) < until and not (
                options.until_told and select.select([sys.stdin], [], [], 0)[0]):
            line = f"line {len(times)}\n"
            peer.sendall(line.encode())
            if lines.readline() != line:
                raise OSError("not the echo")
            times.append(time.monotonic() - begun)
    times.sort()
    return {"count": len(times), "slowest": times[-1]} | {
        name: times[len(times) * part // 1000] for name, part in (("p50", 500), ("p99", 990), ("p999", 999))}


def download(options: argparse.Namespace) -> dict[str, object]:
    begun = time.monotonic()
    with connection(options.host, 19) as peer:
        peer.sendall(f"{options.bytes}\n".encode())
        if options.pause:
            pause()
        count, digest, end = read_all(peer, Pace() if options.until_told else None)
    return {"bytes": count, "sha256": digest, "end": end, "seconds": time.monotonic() - begun,
            "expected": expected(options.bytes)}


def upload(options: argparse.Namespace) -> dict[str, object]:
    begun = time.monotonic()
    with connection(options.host, 9) as peer:
        digest = send_stream(peer, options.bytes, Pace() if options.until_told else None)
        peer.shutdown(socket.SHUT_WR)
        count, theirs = peer.makefile().readline().split()
    return {"bytes": int(count), "sha256": theirs, "expected": digest,
            "seconds": time.monotonic() - begun}


def server_first(options: argparse.Namespace) -> dict[str, object]:
    token = f"first-{os.getpid()}-{time.time_ns()}"
    with connection(options.host, 2001) as peer:
        peer.sendall(f"{token}\n".encode())
        count, _, end = read_all(peer)
        if options.pause:
            pause()
        digest = send_stream(peer, options.bytes)
    return seen_by_server(options.host, token) | {"expected": digest, "read": count, "read-end": end}


def reset_by_server(options: argparse.Namespace) -> dict[str, object]:
    with connection(options.host, 2002) as peer:
        peer.sendall(b"now\n")
        return {"end": read_all(peer)[2]}


def reset_by_client(options: argparse.Namespace) -> dict[str, object]:
    token = f"reset-{os.getpid()}-{time.time_ns()}"
    with connection(options.host, 2003) as peer:
        peer.sendall(f"{token}\n".encode() + b"x" * 1000)
        time.sleep(0.3)  # the RST must not overtake the bytes: it would discard them
        reset_on_close(peer)
    return seen_by_server(options.host, token)


def many(options: argparse.Namespace) -> dict[str, object]:
    import asyncio  # here, because that takes longer than most verbs run

    return asyncio.run(many_at_once(options))


async def many_at_once(options: argparse.Namespace) -> dict[str, object]:
    import asyncio

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    open_ones: list[socket.socket] = []
    slowest = 0.0

    async def one(number: int) -> str:
        nonlocal slowest
        peer = socket.socket(family, socket.SOCK_STREAM)
        peer.setblocking(False)
        open_ones.append(peer)
        begun = time.monotonic()
        line = f"connection {number}\n".encode()
        try:
            async with asyncio.timeout(options.timeout):
                await loop.sock_connect(peer, (options.host, options.port))
                await loop.sock_sendall(peer, line)
                answer = b""
                while len(answer) < len(line):
                    data = await loop.sock_recv(peer, 100)
                    if not data:
                        return "closed early"
                    answer += data
        except OSError as error:
            return name(error)
        finally:
            slowest = max(slowest, time.monotonic() - begun)
        return "served" if answer == line else "wrong answer"

    results = collections.Counter(await asyncio.gather(*(one(n) for n in range(options.count))))
    for peer in open_ones:
        peer.close()
    return {"results": dict(results), "slowest": slowest}


def hold(options: argparse.Namespace) -> dict[str, object]:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    peers = [connection(options.host, options.port) for _ in range(options.count)]

    def echoed(peer: socket.socket, line: bytes) -> str:
        try:
            peer.sendall(line)
            answer = b""
            while len(answer) < len(line):
                data = peer.recv(100)
                if not data:
                    return "closed"
                answer += data
        except OSError as error:
            return name(error)
        return "served" if answer == line else "wrong answer"

    first = collections.Counter(echoed(peer, b"first %d\n" % number) for number, peer in enumerate(peers))
    pause()
    second = collections.Counter(echoed(peer, b"second %d\n" % number) for number, peer in enumerate(peers))
    return {"first": dict(first), "second": dict(second)}


def datagrams(options: argparse.Namespace) -> dict[str, object]:
    """Every datagram from a port of its own, so that each is a flow."""
    sockets, found, begun = {}, collections.Counter(), time.monotonic()
    result: dict[str, object] = {"sent": options.count, "answered": 0, "slowest": 0.0}
    selector = selectors.DefaultSelector()
    for number in range(options.count):
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        udp = socket.socket(family, socket.SOCK_DGRAM)
        # As resolvers do: without it a connected socket hears of refused ports only (ip(7)).
        ip_recverr, ipv6_recverr = 11, 25
        udp.setsockopt(*((socket.IPPROTO_IPV6, ipv6_recverr) if family == socket.AF_INET6
                         else (socket.IPPROTO_IP, ip_recverr)), 1)
        udp.connect((options.host, options.port))
        sockets[udp] = f"{number} ".encode().ljust(options.size, b".")
        selector.register(udp, selectors.EVENT_READ)
        try:
            udp.send(sockets[udp])
        except OSError as error:  # this host's own firewall, or a packet that is too large
            result["error"] = name(error)
            found["errors"] += 1
            selector.unregister(udp)
            del sockets[udp]
            udp.close()
    while sockets and (left := options.timeout - (time.monotonic() - begun)) > 0:
        for key, _ in selector.select(left):
            udp = key.fileobj
            try:
                found["answered" if udp.recv(65536) == sockets[udp] else "wrong"] += 1
            except OSError as error:
                result["error"] = name(error)
                found["errors"] += 1
            result["slowest"] = time.monotonic() - begun
            selector.unregister(udp)
            del sockets[udp]
            udp.close()
    return result | found


def question(number: int, name: str, kind: str) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" \
        + struct.pack("!2H", {"A": 1, "TXT": 16, "AAAA": 28}[kind], 1)


def ask(server: str, number: int, text: str, kind: str, timeout: float) -> tuple[str, int]:
    """The answer's code and size."""
    message = question(number, text.replace("#", str(number)), kind)
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as udp:
            udp.settimeout(timeout)
            udp.connect((server, 53))
            udp.send(message)
            answer = udp.recv(65536)
        if answer[2] & 2:
            with connection(server, 53, timeout) as peer, peer.makefile("rb") as stream:
                peer.sendall(struct.pack("!H", len(message)) + message)
                answer = stream.read(*struct.unpack("!H", stream.read(2)))
    except TimeoutError:
        return "silence", 0
    except OSError as error:
        return name(error), 0
    code = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}.get(answer[3] & 15, "other")
    return code if code != "NOERROR" or answer[6:8] != b"\0\0" else "no data", len(answer)


def queries(options: argparse.Namespace) -> dict[str, object]:
    import concurrent.futures

    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.count) as pool:
        found = list(pool.map(lambda number: ask(options.host, number, options.name, options.type,
                                                 options.timeout), range(options.count)))
    return {"rcodes": dict(collections.Counter(code for code, _ in found)),
            "largest": max(size for _, size in found), "slowest": time.monotonic() - begun}


def noise(options: argparse.Namespace) -> dict[str, object]:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    if options.kind == "solicitation":
        peer = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        peer.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)
        target, message = (options.host, 0), struct.pack("!BBHI", 133, 0, 0, 0)
    else:
        peer = socket.socket(family, socket.SOCK_DGRAM)
        target = (options.host, {"ntp": 123, "netbios": 137}[options.kind])
        message = bytes([0x23]) + bytes(47)
    begun, sent = time.monotonic(), 0
    while time.monotonic() - begun < options.timeout:
        peer.sendto(message, target)
        sent += 1
        time.sleep(0.2)
    return {"sent": sent}


def talk(options: argparse.Namespace) -> dict[str, object]:
    begun = time.monotonic()
    peer = connection(options.host, options.port)
    if options.keepalive:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL):
            peer.setsockopt(socket.IPPROTO_TCP, option, 1)
    print(json.dumps({"result": "connected", "seconds": time.monotonic() - begun}), flush=True)
    selector = selectors.DefaultSelector()
    selector.register(peer, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is peer:
                try:
                    data = peer.recv(CHUNK)
                except OSError as error:
                    return {"end": name(error)}
                if not data:
                    return {"end": "fin"}
                sys.stdout.write(data.decode())
                sys.stdout.flush()
            else:
                line = os.read(0, CHUNK)
                if line:
                    peer.sendall(line)
                else:
                    selector.unregister(sys.stdin)
                    # What has been reset says so when it is read.
                    with contextlib.suppress(OSError):
                        peer.shutdown(socket.SHUT_WR)


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    verbs = parser.add_subparsers(required=True)
    takes = {"port": int, "bytes": int, "count": int, "name": str, "kind": str}
    for verb, run, arguments in (
            ("connect", connect, ["port"]), ("echo", echo, ["port"]),
            ("download", download, ["bytes"]), ("upload", upload, ["bytes"]),
            ("server-first", server_first, ["bytes"]), ("reset-by-server", reset_by_server, []),
            ("reset-by-client", reset_by_client, []), ("many", many, ["port", "count"]),
            ("hold", hold, ["port", "count"]), ("datagrams", datagrams, ["port"]),
            ("queries", queries, ["count", "name"]), ("noise", noise, ["kind"]), ("talk", talk, ["port"])):
        command = verbs.add_parser(verb)
        command.add_argument("host")
        for argument in arguments:
            command.add_argument(argument, type=takes[argument])
        command.add_argument("--timeout", type=float, default=30)
        if verb == "echo":
            command.add_argument("--seconds", type=float, default=1)
        if verb in ("echo", "download", "upload"):
            command.add_argument("--until-told", action="store_true")
        if verb in ("download", "server-first"):
            command.add_argument("--pause", action="store_true")
        if verb == "datagrams":
            command.add_argument("--count", type=int, default=1)
            command.add_argument("--size", type=int, default=64)
        if verb == "queries":
            command.add_argument("--type", default="A")
        if verb == "talk":
            command.add_argument("--keepalive", action="store_true")
        command.set_defaults(run=run)
    options = parser.parse_args()
    try:
        result = options.run(options)
    except OSError as error:
        result = {"result": name(error), "error": str(error)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
