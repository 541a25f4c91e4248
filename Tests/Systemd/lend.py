"""Lends a queue of dvpn0 to whoever connects to SOCKET, as the controlplane does. usage: lend.py SOCKET"""
import fcntl
import os
import socket
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI, IFF_MULTI_QUEUE = 0x1, 0x1000, 0x100


def main(path: str) -> None:
    queue = os.open("/dev/net/tun", os.O_RDWR)
    flags = IFF_TUN | IFF_NO_PI | IFF_MULTI_QUEUE
    fcntl.ioctl(queue, TUNSETIFF, struct.pack("16sH22x", b"dvpn0", flags))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        os.chmod(path, 0o666)
        server.listen()
        print("lending", flush=True)
        while True:
            peer, _ = server.accept()
            socket.send_fds(peer, [b"q"], [queue])
            peer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
