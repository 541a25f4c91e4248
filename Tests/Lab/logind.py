"""Says on the system bus, as systemd-logind does, that the machine goes to sleep and wakes up again.

usage: logind.py       then a line "sleep" or "wake" on standard input for each signal; "said" comes back

The real bus with the real name and signal (org.freedesktop.login1(5)); only the machine does not sleep.
"""
import ctypes
import sys

BUS = ctypes.CDLL("libsystemd.so.0")
PATH, INTERFACE = b"/org/freedesktop/login1", b"org.freedesktop.login1.Manager"


def check(result: int, what: str) -> None:
    if result < 0:
        raise OSError(-result, what)


def main() -> None:
    bus = ctypes.c_void_p()
    check(BUS.sd_bus_open_system(ctypes.byref(bus)), "open the bus")
    check(BUS.sd_bus_request_name(bus, b"org.freedesktop.login1", ctypes.c_uint64(0)), "own the name")
    print("ready", flush=True)
    for line in sys.stdin:
        starts = {"sleep": 1, "wake": 0}[line.strip()]
        check(BUS.sd_bus_emit_signal(bus, PATH, INTERFACE, b"PrepareForSleep", b"b", ctypes.c_int(starts)),
              "say it")
        check(BUS.sd_bus_flush(bus), "flush")
        print("said", flush=True)


if __name__ == "__main__":
    main()
