"""Everything that the dataplane's loop reaches says that it neither allocates nor locks, so that a reader
need not follow the calls. The compiler does, whatever is written (test_allocation.py)."""
import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "Sources"
PROMISES = "@_noAllocation", "@_noLocks"

# What runs before the loop, or ends the process.
START = {
    "Dataplane.swift": {"main", "launch"}, "Options.swift": {"parsed", "usage", "equal", "number"},
    "Sizing.swift": {"init", "announce"}, "Log.swift": {"fatal"}, "ShelfEnds.swift": {"init"},
    "Sockets.swift": {"activated", "made", "prepare", "saveSyn", "number", "matches"},
    # It is generic and always inlined: alone it cannot be proven.
    "Slab.swift": {"init", "subscript", "unsafeAddress", "unsafeMutableAddress", "vacate", "pointer"},
}
# The memory of each is mapped once.
MAPPED = {"ControlLink", "Connection", "Crew", "EndpointTable", "HashChains", "HeldPacket", "OpeningTable",
          "PacketStore", "Parcel", "PipePool", "PrefixBuckets", "PrefixTable", "SlotList", "SourceTable",
          "TimerWheel", "Treatment", "Watchdog", "Worker"}
# The controlplane's side of the protocol, of arrays and strings.
CONTROLPLANE = {"Counter+Name", "DeviceName+String", "FarName+String", "Message", "Message+Decode",
                "Message+Encode", "SocketPath+String", "TableFrames"}

MODIFIERS = r"(?:(?:@?\w+)(?:\([^)]*\))?\s+)*?"
ACCESSORS = "get|set|_read|_modify|unsafeAddress|unsafeMutableAddress"
DECLARATION = re.compile(rf"\s*{MODIFIERS}(func|init|subscript|var|{ACCESSORS})\b\s*([\w`]+|[^\s\w({{<:?]+)?(.*)")
ACCESSOR = re.compile(rf"\s*{MODIFIERS}({ACCESSORS})\b")
ATTRIBUTES = re.compile(r"\s*(@\w+(\([^)]*\))?\s*)+$")
# A number's getter has nothing that could break a promise.
CONSTANT = re.compile(r"\{ (\w+\(rawValue: )?[0-9][\w]*( << [0-9]+)?\)? \}$")


def without_promise(text: str) -> list[tuple[int, str]]:
    """Functions, initialisers, subscripts and computed properties with a promise too few: line and name."""
    found, lines, is_protocol = [], text.splitlines(), False
    for index, line in enumerate(lines):
        is_protocol = bool(re.match(r"(public |private )?protocol ", line)) or is_protocol and line != "}"
        declared = None if is_protocol or line.lstrip().startswith("//") else DECLARATION.match(line)
        if not declared:
            continue
        kind, name, rest = declared.groups()
        before, brace, _ = rest.partition("{")
        if kind == "var" and (not brace or re.search(r"(?<![=!<>])=(?!=)", before) or CONSTANT.search(rest)):
            continue
        attributes, above = line, index - 1
        while above >= 0 and ATTRIBUTES.match(lines[above]):
            attributes += lines[above]
            above -= 1
        # Each accessor makes a promise of its own.
        first = next((inner for inner in lines[index + 1:] if not inner.lstrip().startswith("//")), "")
        if kind in ("var", "subscript") and line.endswith("{") and ACCESSOR.match(first):
            continue
        if not all(promise in attributes for promise in PROMISES):
            found.append((index + 1, name if kind in ("func", "var") else kind))
    return found


def is_excused(path: Path, name: str) -> bool:
    return name in START.get(path.name, ()) or path.stem in CONTROLPLANE \
        or path.stem in MAPPED and name == "init" \
        or path.name == "PacketRules.swift" and name in ("init", "list")


def test_everything_that_the_loop_reaches_carries_both_promises():
    bare = []
    for folder in ("dataplane", "Protocol"):
        for path in sorted((SOURCES / folder).rglob("*.swift")):
            bare += [f"{path.relative_to(SOURCES)}:{line}: {name}"
                     for line, name in without_promise(path.read_text()) if not is_excused(path, name)]
    assert bare == []


@pytest.mark.parametrize("text, name", [
    ("    private mutating func move() {", "move"),
    ("    @_noAllocation\n    func move() {", "move"),
    ("    @_noLocks func move() {", "move"),
    ("    static func == (a: Self, b: Self) -> Bool {", "=="),
    ("    public init?(_ text: Int) {", "init"),
    ("    var isFull: Bool { count == most }", "isFull"),
    ("    @inlinable public static var total: Int { first + 1 }", "total"),
    ("    var isFull: Bool {\n        count == most\n    }", "isFull"),
    ("    var isFull: Bool {\n        @_noAllocation get { count == most }\n    }", "get"),
    ("    subscript(slot: UInt32) -> Int {\n        slots[slot]\n    }", "subscript"),
    ("    subscript(slot: Int) -> Int {\n        @_noAllocation @_noLocks get { 1 }\n        set { }\n    }", "set"),
])
def test_a_promise_too_few_is_found(text, name):
    assert name in [found for _, found in without_promise(text)]


@pytest.mark.parametrize("text", [
    "    @_noAllocation @_noLocks\n    @inlinable\n    mutating func move() {",
    "    var isFull: Bool {\n        // Why.\n        @_noAllocation @_noLocks get { count == most }\n    }",
    "    var count: Int = 0\n    private(set) var used = 0\n    let most: Int",
    "    static var most: Int { 1 << 20 }",
    "protocol Sized {\n    var size: Int { get }\n    func grow()\n}",
    "    // func says",
])
def test_nothing_else_is_found(text):
    assert without_promise(text) == []
