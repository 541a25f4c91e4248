"""What both ends of a test's connection know. Without asyncio, so that a client starts quickly."""
import random
import socket
import struct
from collections.abc import Iterator

CHUNK = 1 << 18
_block = bytearray(random.Random(3876).randbytes(CHUNK))


def stream(length: int) -> Iterator[bytes]:
    """The same bytes on both sides of a test: no two blocks are equal, so that order counts."""
    for number in range((length + CHUNK - 1) // CHUNK):
        _block[:8] = number.to_bytes(8, "big")
        yield bytes(_block[:min(CHUNK, length - number * CHUNK)])


def reset_on_close(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
