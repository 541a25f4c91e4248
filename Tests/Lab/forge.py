"""Writes packets into dvpn0 as a captured dataplane could. usage: forge.py SOURCE DESTINATION PORT...

For each port one TCP SYN and one UDP datagram, each also with the marks that refusals carry.
"""
import fcntl
import ipaddress
import os
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI, IFF_MULTI_QUEUE = 0x1, 0x1000, 0x100
DSCPS = (0, 62, 63)


def checksum(data: bytes) -> int:
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(source: str, destination: str, protocol: int, port: int, dscp: int) -> bytes:
    one, other = (ipaddress.ip_address(a) for a in (source, destination))
    tcp = struct.pack("!HHIIBBHHH", 40000, port, 1, 0, 5 << 4, 2, 65535, 0, 0)
    udp = struct.pack("!HHHH", 40000, port, 12, 0) + b"mark"
    body = tcp if protocol == 6 else udp
    at = 16 if protocol == 6 else 6
    pseudo = one.packed + other.packed + struct.pack("!IHBB", len(body), 0, 0, protocol)
    body = body[:at] + struct.pack("!H", checksum(pseudo + body) or 0xFFFF) + body[at + 2:]
    if one.version == 6:
        return struct.pack("!IHBB", 6 << 28 | dscp << 22, len(body), protocol, 64) \
            + one.packed + other.packed + body
    header = struct.pack("!BBHHHBBH", 0x45, dscp << 2, 20 + len(body), 1, 0, 64, protocol, 0) \
        + one.packed + other.packed
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + body


def main(source: str, destination: str, *ports: str) -> None:
    queue = os.open("/dev/net/tun", os.O_RDWR)
    flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE
    fcntl.ioctl(queue, TUNSETIFF, struct.pack("16sH22x", b"dvpn0", flags))
    for port in ports:
        for protocol in (6, 17):
            for dscp in DSCPS:
                os.write(queue, packet(source, destination, protocol, int(port), dscp))


if __name__ == "__main__":
    main(*sys.argv[1:])
