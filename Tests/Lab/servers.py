"""The servers of a private host, on every address of the host, IPv4 and IPv6.

    7     echo           sends back what it gets; after the client's FIN and the last byte, its own.
                         On UDP too, from the address that was asked
    9     sink           reads to the FIN, then answers "BYTES SHA256\\n": an upload, client first
    19    source         reads "BYTES\\n", sends so many bytes of `stream`, then FIN: a download
    25    greeting       speaks first: "220 ready\\r\\n", then echoes
    80    web            HTTP/1.0: "hello from 10.1.2.10, you are 10.1.2.1"
    2001  server first   reads "TOKEN\\n", sends "goodbye\\n" and FIN, then reads on to the end
    2002  reset          resets the connection as soon as it gets a line
    2003  witness        reads "TOKEN\\n", then to the end
    2004  two writes     answers each line in two writes, without delay: if one comes late, something
                         on the way used Nagle's algorithm
    2009  report         reads "TOKEN\\n" and answers, as soon as it is known, what 2001 or 2003 saw after
                         that line: "BYTES SHA256 fin|reset\\n"
    81    closed: nobody listens
    82    silent: the lab's firewall drops it

usage: servers.py
       servers.py --late PORT SECONDS    carries PORT to this host's port 22, that much too late
"""
import asyncio
import hashlib
import resource
import socket
import sys
from collections.abc import Awaitable, Callable

from stream import CHUNK, reset_on_close, stream

reports: dict[str, asyncio.Future[str]] = {}


class Peer:
    """A connection with the few things that the servers do with it."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.loop = asyncio.get_running_loop()
        self.rest = b""

    async def read(self) -> bytes:
        if self.rest:
            data, self.rest = self.rest, b""
            return data
        return await self.loop.sock_recv(self.socket, CHUNK)

    async def line(self) -> str:
        data = b""
        while b"\n" not in data:
            more = await self.read()
            if not more:
                return data.decode()
            data += more
        first, _, self.rest = data.partition(b"\n")
        return first.decode()

    async def send(self, data: bytes | str) -> None:
        await self.loop.sock_sendall(self.socket, data.encode() if isinstance(data, str) else data)

    async def digest(self) -> str:
        """Reads to the end: "BYTES SHA256 fin|reset"."""
        total, digest, end = 0, hashlib.sha256(), "fin"
        try:
            while data := await self.read():
                total += len(data)
                digest.update(data)
        except ConnectionResetError:
            end = "reset"
        return f"{total} {digest.hexdigest()} {end}"


async def echo(peer: Peer) -> None:
    while data := await peer.read():
        await peer.send(data)


async def sink(peer: Peer) -> None:
    await peer.send((await peer.digest()).rpartition(" ")[0] + "\n")


async def source(peer: Peer) -> None:
    for block in stream(int(await peer.line() or 0)):
        await peer.send(block)


async def greeting(peer: Peer) -> None:
    await peer.send("220 ready\r\n")
    await echo(peer)


async def web(peer: Peer) -> None:
    while (await peer.line()).strip():
        pass
    here, there = (peer.socket.getsockname()[0], peer.socket.getpeername()[0])
    text = f"hello from {plain(here)}, you are {plain(there)}\n"
    await peer.send(f"HTTP/1.0 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}")


async def server_first(peer: Peer) -> None:
    token = await peer.line()
    await peer.send("goodbye\n")
    peer.socket.shutdown(socket.SHUT_WR)
    report(token).set_result(await peer.digest())


async def reset(peer: Peer) -> None:
    await peer.line()
    reset_on_close(peer.socket)


async def witness(peer: Peer) -> None:
    token = await peer.line()
    report(token).set_result(await peer.digest())


async def two_writes(peer: Peer) -> None:
    peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while line := await peer.line():
        await peer.send(line[:1])
        await peer.send(line[1:] + "\n")


async def tell(peer: Peer) -> None:
    token = await peer.line()
    await peer.send(await report(token) + "\n")
    del reports[token]


def report(token: str) -> asyncio.Future[str]:
    return reports.setdefault(token, asyncio.get_running_loop().create_future())


def plain(address: str) -> str:
    return address.removeprefix("::ffff:")


async def serve(port: int, handler: Callable[[Peer], Awaitable[None]]) -> None:
    listener = socket.create_server(("::", port), family=socket.AF_INET6, backlog=16384,
                                    dualstack_ipv6=True)
    listener.setblocking(False)
    loop = asyncio.get_running_loop()
    tasks = set()

    async def run(connection: socket.socket) -> None:
        with connection:
            try:
                await handler(Peer(connection))
            except OSError:
                pass  # the peer left in the middle: its right

    while True:
        connection, _ = await loop.sock_accept(listener)
        task = asyncio.create_task(run(connection))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def echo_datagrams(port: int) -> None:
    udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    udp.bind(("::", port))
    udp.setblocking(False)

    def answer() -> None:
        try:
            data, extra, _, peer = udp.recvmsg(65536, socket.CMSG_SPACE(20))
            # The address that was asked answers, by whatever interface leads back.
            udp.sendmsg([data], [(level, kind, value[:16] + b"\0\0\0\0") for level, kind, value in extra],
                        0, peer)
        except OSError:
            pass  # an ICMP error of an earlier answer

    asyncio.get_running_loop().add_reader(udp, answer)


async def late(port: int, seconds: float) -> None:
    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(CHUNK):
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        except OSError:
            writer.close()

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", 22)
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))
        far_writer.close()
        writer.close()

    server = await asyncio.start_server(accepted, ["0.0.0.0", "::"], port)
    await server.serve_forever()


PORTS = {7: echo, 9: sink, 19: source, 25: greeting, 80: web, 2001: server_first, 2002: reset,
         2003: witness, 2004: two_writes, 2009: tell}


async def main(arguments: list[str]) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if arguments:
        await late(int(arguments[1]), float(arguments[2]))
    else:
        echo_datagrams(7)
        await asyncio.gather(*(serve(port, handler) for port, handler in PORTS.items()))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
