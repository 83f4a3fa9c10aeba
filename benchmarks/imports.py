"""Importing 2,700 notes for the first time and again, against reading and hashing their files; growth and memory."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sqlite3
import sys
import tempfile
from pathlib import Path

from benchmarks import children, homes, turns, vault
from benchmarks.figures import Figure, Result, only_told
from benchmarks.homes import Bench
from regrow.store import database

NOTES = 2_700
TABLES = ("notes", "note_names", "note_tags", "note_links")
TENFOLD = 10


def run(scale: float = 1.0) -> Result:
    """First and second import in turns with the files alone; then a tenth of the notes, for growth and memory."""
    notes = turns.scaled(NOTES, scale, 20)
    few = max(notes // TENFOLD, 2)
    with tempfile.TemporaryDirectory(prefix="regrow-bench-") as place:
        many, small = Path(place, "many"), Path(place, "few")
        size = vault.write(many, notes)
        vault.write(small, few)
        turns.say(f"{notes} notes, {size / 1e6:.1f} MB")
        rounds = [_round(many, small, number) for number in range(turns.scaled(5, scale))]
        peaks = [_peak(small), _peak(many)]
    bare, first, again, first_few, again_few, inserted = zip(*rounds, strict=True)
    floor = tuple(read + stored for read, stored in zip(bare, inserted, strict=True))
    files = "reading and SHA-256 of the same files"
    tenfold = tuple(TENFOLD * each for each in first_few)
    return Result(
        "imports",
        (
            Figure(f"import of {notes:,} notes, first time", "s", first, bare, files, 5.0),
            only_told("the same", "s", first, floor, "that, and plain sqlite3 inserts of the rows it makes"),
            Figure(f"import of {notes:,} notes again, unchanged", "s", again, bare, files, 2.0),
            Figure(f"growth of an import, {few:,} to {notes:,} notes", "s", first, first_few, "a tenth of it", 12.0),
            only_told("the same, per note", "s", first, tenfold, "ten times the tenth"),
            Figure("growth of an import again", "s", again, again_few, "a tenth of it", 12.0),
            Figure("peak memory of an import", "MB", (peaks[1],), (peaks[0],), f"that of {few:,} notes", 1.25),
        ),
        ("The files are in the page cache for both. The peak is that of a whole process (ru_maxrss).",),
    )


def _round(many: Path, small: Path, number: int) -> tuple[float, ...]:
    turns.say(f"import, round {number + 1}")
    bare = [turns.seconds(lambda: read_and_hash(many))]
    with homes.opened() as bench:
        first = turns.seconds(lambda: bench.home.import_notes(bench.id, many))
        bare.append(turns.seconds(lambda: read_and_hash(many)))
        again = turns.seconds(lambda: bench.home.import_notes(bench.id, many))
        inserted = bare_inserts(bench)
    with homes.opened() as bench:
        first_few = turns.seconds(lambda: bench.home.import_notes(bench.id, small))
        again_few = turns.seconds(lambda: bench.home.import_notes(bench.id, small))
    bare.append(turns.seconds(lambda: read_and_hash(many)))
    return sorted(bare)[1], first, again, first_few, again_few, inserted


def bare_inserts(bench: Bench) -> float:
    """Seconds that sqlite3 alone takes to insert the imported rows into an empty home, in one transaction."""
    source = sqlite3.connect(bench.home.settings.url.removeprefix("sqlite:///"))
    rows = {table: source.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    source.close()
    with homes.opened() as empty:
        path = empty.home.settings.url.removeprefix("sqlite:///")
        empty.home.close()
        target = sqlite3.connect(path)
        for pragma in database.PRAGMAS:
            target.execute(f"PRAGMA {pragma}")
        # The workspace that the rows name is not in this home.
        target.execute("PRAGMA foreign_keys=OFF")
        spent = turns.seconds(lambda: _insert(target, rows))
        target.close()
    return spent


def _insert(target: sqlite3.Connection, rows: dict[str, list[tuple[object, ...]]]) -> None:
    for table, values in rows.items():
        target.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values)
    target.commit()


def read_and_hash(folder: Path) -> int:
    """Finds, reads and hashes every file below a folder; gives back how many."""
    count = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(place, name), "rb") as file:
                hashlib.sha256(file.read()).hexdigest()
            count += 1
    return count


def _peak(folder: Path) -> float:
    """Peak memory in MB of a process of its own that imports the folder."""
    return float(children.told("benchmarks.imports", str(folder)))


def main() -> None:
    """Imports the folder named and writes this process's peak memory."""
    with homes.opened() as bench:
        bench.home.import_notes(bench.id, Path(sys.argv[1]))
    sys.stdout.write(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024) + "\n")


if __name__ == "__main__":
    main()
