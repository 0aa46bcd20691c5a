"""Segments of the matching index as files: written once, mapped by every worker, switched by one rename.

A directory holds `CURRENT` (the name of the base in use) and one folder for each base. A base is written
beside, flushed to the disk, renamed into place, and only then named in `CURRENT`, itself replaced by a
rename: whoever is killed at any moment leaves the old base in use. A base that is no longer named may be
deleted while others still have it mapped.
"""

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.matching.postings import Segment

FORMAT = 2  # since 2 the postings of a token stand in the order of their documents, also after a fold
CURRENT = "CURRENT"
PARTIAL = "partial-"
BASE = "base-"


@dataclass(frozen=True)
class Base:
    """A base in use: its arrays, the position of the log up to which it is right, and what it was made
    with.
    """

    name: str
    segment: Segment
    position: int
    fingerprint: str


def array_names() -> list[str]:
    """The arrays of a segment, each a file."""
    return list(Segment.__dataclass_fields__)


def current_mark(directory: Path) -> tuple[int, int] | None:
    """What changes when another base is switched in; None while there is none. Costs one system call."""
    try:
        status = (directory / CURRENT).stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def open_current(directory: Path) -> Base | None:
    """The base in use, mapped; None when there is none or it has another format."""
    for _ in range(100):
        try:
            name = (directory / CURRENT).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        try:
            return open_base(directory / name)
        except FileNotFoundError:
            continue  # switched and deleted between the two reads: look again
    return None


def open_base(folder: Path) -> Base | None:
    """One base, mapped; None when it has another format."""
    told = json.loads((folder / "base.json").read_text(encoding="utf-8"))
    if told["format"] != FORMAT:
        return None
    arrays = {name: _mapped(folder / f"{name}.npy") for name in array_names()}
    return Base(folder.name, Segment(**arrays), told["position"], told["fingerprint"])


def _mapped(path: Path) -> NDArray[Any]:
    """One array mapped for reading, as a plain array: each slice of a `memmap` costs microseconds of Python."""
    return np.asarray(np.load(path, mmap_mode="r"))


class Writer:
    """A folder in which a segment is being written; its arrays are mapped files, so that size costs no
    memory.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.folder = directory / f"{PARTIAL}{uuid.uuid4().hex}"
        self.folder.mkdir(parents=True)
        self._arrays: dict[str, NDArray[Any]] = {}

    def array(self, name: str, size: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """An array of the segment to be filled in, all zero at first."""
        path = self.folder / f"{name}.npy"
        if size == 0:
            np.save(path, np.zeros(0, dtype=dtype))
            made: NDArray[Any] = np.zeros(0, dtype=dtype)
        else:
            made = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=(size,))
        self._arrays[name] = made
        return made

    def put(self, name: str, values: NDArray[Any]) -> None:
        """A whole array at once."""
        np.save(self.folder / f"{name}.npy", values)

    def segment(self) -> Segment:
        """What has been written, mapped for reading."""
        self._flush()
        return Segment(**{name: _mapped(self.folder / f"{name}.npy") for name in array_names()})

    def _flush(self) -> None:
        for made in self._arrays.values():
            if isinstance(made, np.memmap):
                made.flush()
        self._arrays.clear()

    def switch_in(self, position: int, fingerprint: str) -> Base:
        """Makes this the base in use, crash-safe, and deletes what is no longer named."""
        self._flush()
        told = {"format": FORMAT, "position": position, "fingerprint": fingerprint}
        (self.folder / "base.json").write_text(json.dumps(told), encoding="utf-8")
        for path in self.folder.iterdir():
            _to_disk(path)
        _to_disk(self.folder)
        name = f"{BASE}{position:012d}-{uuid.uuid4().hex[:8]}"
        self.folder.rename(self._directory / name)
        beside = self._directory / f"{CURRENT}.{uuid.uuid4().hex[:8]}"
        beside.write_text(name, encoding="ascii")
        _to_disk(beside)
        beside.replace(self._directory / CURRENT)
        _to_disk(self._directory)
        base = open_base(self._directory / name)
        assert base is not None
        sweep(self._directory, name)
        return base

    def drop(self) -> None:
        """Gives up what has been written."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(directory: Path, keep: str) -> None:
    """Deletes bases no longer in use and what killed writers left. Only the holder of the lock may call it."""
    for path in directory.iterdir():
        if path.name.startswith((BASE, PARTIAL)) and path.name != keep:
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith(f"{CURRENT}."):
            path.unlink(missing_ok=True)


@contextmanager
def only_writer(directory: Path, *, wait: bool) -> Iterator[bool]:
    """The right to write bases in a directory, one process at a time; False when another has it and `wait`
    is not set.

    The lock goes with the process: one that is killed does not leave it behind.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "LOCK").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
