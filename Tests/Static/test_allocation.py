"""The compiler's proof that the dataplane neither allocates nor locks is a proof only if it can fail.

Each test changes one line of the sources, in a copy, and wants the build to be refused for that reason.
"""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
RELAY = "Sources/dataplane/Relay/Worker+Relay.swift"
MOVE = "        switch direction.step {\n        case .copy:"
PRIVATE_MOVE = "    @_noAllocation @_noLocks\n    private mutating func move("


def build(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tree / "Scripts/build-dataplane", tree / "out"], text=True, capture_output=True,
                          env=os.environ | {"OPTIMISE": "-Onone"})


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the dataplane is built from."""
    for name in ("Sources/CLinux", "Sources/Protocol", "Sources/dataplane"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    (tmp_path / "Scripts").mkdir()
    shutil.copy(PROJECT / "Scripts/build-dataplane", tmp_path / "Scripts")
    return tmp_path


def change(tree: Path, file: str, old: str, new: str) -> None:
    path = tree / file
    text = path.read_text()
    assert text.count(old) == 1, f"{file} has changed: this test must follow it"
    path.write_text(text.replace(old, new))


def test_the_sources_as_they_are_pass(tree):
    done = build(tree)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tree / "out/dvpn-dataplane").exists()


ARRAY = "        var seen: [Int32] = []\n        seen.append(source)\n"
NO_PROMISE = "can have unpredictable performance"
RECORD = "    @_noAllocation @_noLocks\n    public func encode(into writer: inout FrameWriter, requestID: UInt32) {"


@pytest.mark.parametrize("changes, reason", [
    pytest.param([(RELAY, MOVE, ARRAY + MOVE)], "allocat", id="an Array in the relay"),
    pytest.param([(RELAY, MOVE, f'        if "from \\(source)".isEmpty {{ return .waits }}\n{MOVE}')],
                 "allocat", id="a String in the relay"),
    # The compiler follows every call, with or without a promise, into the protocol's module too.
    pytest.param([(RELAY, MOVE, ARRAY + MOVE), (RELAY, PRIVATE_MOVE, PRIVATE_MOVE.replace("@_noAllocation ", ""))],
                 "allocat", id="an Array in a function without its promise"),
    pytest.param([("Sources/Protocol/ConnectionRecord.swift", RECORD, RECORD.replace("@_noAllocation ", "") +
                   "\n        var all = [requestID]\n        all.append(requestID)\n        if all.isEmpty { return }")],
                 "allocat", id="an Array in the protocol, in a function without its promise"),
    # What C does it cannot see.
    pytest.param([("Sources/CLinux/include/dataplane.h", "DP_REALTIME long dp_splice(", "long dp_splice(")],
                 NO_PROMISE, id="a system call without its promise"),
    pytest.param([("Sources/dataplane/Sizing.swift", "        self.descriptors = descriptors\n",
                   "        self.descriptors = descriptors\n        var all = [descriptors]\n"
                   "        all.append(descriptors)\n        Log.notice(\"\", all.count)\n")],
                 "allocat", id="an Array at start-up"),
])
def test_an_allocation_is_refused(tree, changes, reason):
    refused(tree, changes, reason)


def refused(tree, changes, reason):
    for file, old, new in changes:
        change(tree, file, old, new)
    done = build(tree)
    words = done.stdout + done.stderr
    assert done.returncode != 0, "it was built"
    assert any(reason in line for line in words.splitlines() if "error:" in line), words


EXTENSION = "extension Worker {\n    /// Steps of one connection"
# Swift makes such a value when it is first wanted, and keeps others waiting meanwhile.
LOCK = [(RELAY, EXTENSION, EXTENSION.replace("{\n", "{\n    static let bornAt = dp_now_us()\n", 1)),
        (RELAY, MOVE, f"        if Self.bornAt == 0 {{ return .waits }}\n{MOVE}")]
PROMISE_OF_C = '__attribute__((swift_attr("@_noLocks")))'


@pytest.mark.parametrize("changes, reason", [
    pytest.param(LOCK, "can cause locking", id="a global that is made when it is wanted"),
    pytest.param([*LOCK, (RELAY, PRIVATE_MOVE, PRIVATE_MOVE.replace(" @_noLocks", ""))], "can cause locking",
                 id="the same in a function without its promise"),
    pytest.param([("Sources/CLinux/include/dataplane.h", f" {PROMISE_OF_C}", "")], NO_PROMISE,
                 id="system calls that promise not to allocate, and may lock"),
])
def test_a_lock_is_refused(tree, changes, reason):
    refused(tree, changes, reason)


def test_where_nobody_promises_a_lock_is_built(tree):
    """So it is `@_noLocks` that refuses it, and nothing else."""
    for file, old, new in LOCK:
        change(tree, file, old, new)
    for path in (tree / "Sources").rglob("*.swift"):
        path.write_text(path.read_text().replace("@_noLocks", ""))
    done = build(tree)
    assert done.returncode == 0, done.stdout + done.stderr
