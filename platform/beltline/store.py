"""Where versions lie: a local folder (default ./data) or an `s3://` URI, behind one small face.

pyarrow's filesystems do the work. A local write goes to a temporary name first and is renamed, an S3 put is atomic by
itself: a reader never sees half a file.

    store = Store("./data")
    store.write("corpus/1.0.0/card.md", b"...")
"""

import os
import posixpath
import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.fs as pafs

DEFAULT = "./data"
_TEMPORARY = re.compile(r"\.[0-9a-f]{32}\.tmp$")


@dataclass(frozen=True, slots=True)
class Store:
    """A root and the filesystem that it is on. Paths given to its methods are relative to the root, with slashes."""

    uri: str
    _at: tuple[Any, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        at = pafs.FileSystem.from_uri(self.uri) if "://" in self.uri else _local(self.uri)
        object.__setattr__(self, "_at", at)

    @property
    def filesystem(self) -> Any:
        """The pyarrow filesystem, for parquet readers and writers."""
        return self._at[0]

    @property
    def is_local(self) -> bool:
        return isinstance(self.filesystem, pafs.LocalFileSystem)

    def path(self, *parts: str) -> str:
        """Path on `filesystem` of a path relative to the root."""
        return posixpath.join(self._at[1], *parts)

    def absolute(self) -> "Store":
        """The same place, named so that another process or machine finds it."""
        return Store(self._at[1]) if self.is_local else self

    def exists(self, path: str) -> bool:
        return bool(self.filesystem.get_file_info(self.path(path)).type != pafs.FileType.NotFound)

    def read(self, path: str) -> bytes:
        """All bytes of a file.

        Raises:
            FileNotFoundError: there is none.
        """
        with self.filesystem.open_input_stream(self.path(path)) as stream:
            return bytes(stream.read())

    def write(self, path: str, data: bytes) -> None:
        """Write a whole file, so that nobody ever reads a part of it; folders are made as needed."""
        target = self.path(path)
        if not self.is_local:
            self._put(target, data)
            return
        os.replace(self._beside(target, data), target)

    def write_once(self, path: str, data: bytes) -> bytes:
        """Write a whole file unless there is one; the bytes that are there now. Of many writers the first one wins.

        An object store is asked before it is written to: there, of two writers within a moment, the last one wins.
        """
        target = self.path(path)
        if not self.is_local:
            if not self.exists(path):
                self._put(target, data)
            return self.read(path)
        temporary = self._beside(target, data)
        try:
            os.link(temporary, target)
        except FileExistsError:
            pass
        finally:
            os.unlink(temporary)
        return self.read(path)

    def list(self, folder: str, *, recursive: bool = False) -> list[str]:
        """Files below `folder` (folders too when not recursive), relative to the root, sorted; [] when it is missing.

        What a killed writer left under a temporary name is not there for readers.
        """
        selector = pafs.FileSelector(self.path(folder), recursive=recursive, allow_not_found=True)
        infos = self.filesystem.get_file_info(selector)
        wanted = [info.path for info in infos if not recursive or info.type == pafs.FileType.File]
        return sorted(posixpath.relpath(path, self._at[1]) for path in wanted if not _TEMPORARY.search(path))

    def delete(self, folder: str) -> None:
        """Remove a folder and all in it; nothing happens when it is missing."""
        if self.exists(folder):
            self.filesystem.delete_dir(self.path(folder))

    def _beside(self, target: str, data: bytes) -> str:
        """A local file with the data, in the target's folder under a temporary name."""
        os.makedirs(posixpath.dirname(target), exist_ok=True)
        temporary = f"{target}.{uuid.uuid4().hex}.tmp"
        self._put(temporary, data)
        return temporary

    def _put(self, path: str, data: bytes) -> None:
        with self.filesystem.open_output_stream(path) as stream:
            stream.write(data)


def _local(uri: str) -> tuple[Any, str]:
    return pafs.LocalFileSystem(), Path(uri).expanduser().absolute().as_posix()
