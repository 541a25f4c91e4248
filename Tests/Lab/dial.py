#!/usr/bin/python3
"""A tunnel by hand, without dvpn: what there is to compare dvpn with.

usage: dial.py vpnc GATEWAY GROUP SECRET USER PASSWORD
       dial.py openconnect GATEWAY PIN USER PASSWORD

Prints {"seconds": from the start of the client to its being ready} as one JSON line and keeps the tunnel
until standard input ends. A client that ends by itself, then or later: {"exit": code, "words": all it
said}.
The same file is the client's script: it sets the device up and adds routes to corp.
"""
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CORP = ["10.66.0.0/24", "fd00:66::/64"]


def script() -> None:
    if os.environ.get("reason") != "connect":
        return
    device, found = os.environ["TUNDEV"], os.environ
    addresses = [found.get("INTERNAL_IP4_ADDRESS"), found.get("INTERNAL_IP6_ADDRESS")]
    lines = [f"addr add {address} dev {device}{' nodad' if ':' in address else ''}"
             for address in addresses if address]
    lines.append(f"link set {device} up mtu {found.get('INTERNAL_IP4_MTU', 1400)}")
    lines += [f"route add {prefix} dev {device}" for prefix, address in zip(CORP, addresses) if address]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True)
    if "READY" in found:
        Path(found["READY"]).write_text("up\n")


def client(kind: str, gateway: str, words: list[str], ready: Path) -> tuple[list[str], str]:
    """Its command line, and what it reads."""
    if kind == "vpnc":
        group, secret, user, password = words
        return (["vpnc", "--no-detach", "--non-inter", "--pid-file", str(ready), "--script", __file__, "-"],
                f"IPSec gateway {gateway}\nIPSec ID {group}\nIPSec secret {secret}\nXauth username {user}\n"
                f"Xauth password {password}\nLocal Port 0\n"
                "DPD idle timeout (our side) 10\n")
    pin, user, password = words
    return (["openconnect", "--protocol=anyconnect", "--non-inter", "--passwd-on-stdin", f"--user={user}",
             f"--servercert={pin}", "--script", __file__, gateway], password + "\n")


def main(kind: str, gateway: str, *words: str) -> None:
    ready = Path(tempfile.mktemp(prefix="dial-", dir="/run"))
    command, text = client(kind, gateway, list(words), ready)
    environment = os.environ | ({"READY": str(ready)} if kind == "openconnect" else {})
    begun = time.monotonic()
    process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=environment)
    process.stdin.write(text)
    process.stdin.close()
    while process.poll() is None and not (ready.exists() and ready.stat().st_size):
        time.sleep(0.001)
    if process.poll() is None:
        print(json.dumps({"seconds": time.monotonic() - begun}), flush=True)
        ended = os.pidfd_open(process.pid)
        if ended not in select.select([sys.stdin, ended], [], [])[0]:
            process.send_signal(signal.SIGTERM)
            process.wait()
            return
    print(json.dumps({"exit": process.wait(), "words": process.stdout.read()}), flush=True)


if __name__ == "__main__":
    script() if "reason" in os.environ else main(*sys.argv[1:])
