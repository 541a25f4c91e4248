"""Builds the benchmark's own programs into .build/bench."""
import shutil
from pathlib import Path

from testbed import PROJECT, LabError, call

HERE = Path(__file__).resolve().parent
FLAGS = ["-O2", "-g", "-Wall", "-Wextra", "-Werror"]

# program -> its sources
PROGRAMS = {
    "load": sorted(path for path in (HERE / "load").glob("*.c") if path.name != "activate.c"),
    "activate": [HERE / "load/activate.c"],
    "reference": [HERE / "reference/reference.c"],
    "crossover": [HERE / "crossover/crossover.c"],
    "mallocount.so": [PROJECT / "Tests/Lab/mallocount.c"],
}


def build() -> Path:
    """Compiles what is older than its sources; returns the directory of the programs."""
    directory = PROJECT / ".build/bench"
    directory.mkdir(parents=True, exist_ok=True)
    compiler = shutil.which("cc") or shutil.which("clang")  # Swift brings the latter
    if not compiler:
        raise LabError("no C compiler: neither cc nor clang is in PATH")
    headers = list((HERE / "load").glob("*.h"))
    for name, sources in PROGRAMS.items():
        program = directory / name
        newest = max(path.stat().st_mtime for path in [*sources, *headers])
        if program.exists() and program.stat().st_mtime > newest:
            continue
        shared = ["-shared", "-fPIC"] if program.suffix == ".so" else []
        call(compiler, *FLAGS, *shared, "-o", str(program), *map(str, sources))
    build_lookup(directory)
    return directory


def build_lookup(directory: Path) -> None:
    """The dataplane's table of prefixes in a program of its own, built as the dataplane is."""
    embedded = PROJECT / ".build/embedded"
    call(str(PROJECT / "Scripts/build-dataplane"), str(embedded))
    program = directory / "lookup"
    parts = ["Options.swift", "Route/PrefixBuckets.swift", "Route/PrefixTable.swift", "System/Log.swift", "System/Slab.swift"]
    sources = [HERE / "lookup/lookup.swift", *(PROJECT / "Sources/dataplane" / part for part in parts)]
    if program.exists() and program.stat().st_mtime > max(path.stat().st_mtime for path in sources):
        return
    call("swiftc", "-O", "-wmo", "-enable-experimental-feature", "Embedded", "-swift-version", "6",
         "-strict-memory-safety", "-parse-as-library", "-enable-upcoming-feature", "InternalImportsByDefault",
         "-enable-upcoming-feature", "MemberImportVisibility", "-I", str(PROJECT / "Sources/CLinux/include"),
         "-I", str(embedded), *map(str, sources), str(embedded / "Protocol.o"), *map(str, sorted(embedded.glob("CLinux-*.o"))),
         "-o", str(program))
