"""An agent of systemd's password protocol (systemd.io/PASSWORD_AGENTS): answers the question with this id.

    agent.py ID SECONDS              {"message": …} once the question is there, and nothing else
    agent.py ID SECONDS --answer X   answers it with X
    agent.py ID SECONDS --refuse     says that there will be no answer
"""
import argparse
import configparser
import json
import socket
import sys
import time
from pathlib import Path

QUESTIONS = Path("/run/systemd/ask-password")


def question(name: str) -> dict[str, str] | None:
    for path in QUESTIONS.glob("ask.*"):
        # The file is there before it is whole; it is renamed to its name when it is.
        text = configparser.ConfigParser(interpolation=None)
        text.optionxform = str
        text.read(path)
        if text.has_section("Ask") and text["Ask"].get("Id") == name:
            return dict(text["Ask"])
    return None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("seconds", type=float)
    parser.add_argument("--answer")
    parser.add_argument("--refuse", action="store_true")
    options = parser.parse_args()
    until = time.monotonic() + options.seconds
    while (asked := question(options.name)) is None:
        if time.monotonic() > until:
            sys.exit(f"nobody asks {options.name}")
        time.sleep(0.02)
    if options.refuse or options.answer is not None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as reply:
            reply.connect(asked["Socket"])
            reply.send(b"-" if options.refuse else b"+" + options.answer.encode())
    print(json.dumps({"message": asked["Message"]}))


main()
