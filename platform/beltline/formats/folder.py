"""A source's folder as found on disk: which files may be read, and which may not, and why.

Everything below the root is listed once, in sorted order, without following links to folders and without opening a file.
A reader asks this list, never the file system: what is not in `Folder.files` (a path with "..", a link that leads out, a
directory named like an image, a pipe) cannot be opened by accident.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from beltline.verdict import BadRow, Reject

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"})
"""Lower-case endings of what `pixels.open_view` reads."""
OTHER_IMAGE_SUFFIXES = frozenset({".gif", ".webp", ".svg", ".heic", ".raw", ".dcm"})
MAX_FILE_BYTES = 512 * 2**20
"""No image and no annotation file of a public set is larger; what is larger is not read into memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The files below `root`, as posix paths relative to it, sorted."""

    root: Path
    files: tuple[str, ...]
    refused: tuple[tuple[str, Reject], ...]
    """What must not be read, and why."""

    def named(self, *suffixes: str) -> tuple[str, ...]:
        """The files with one of these lower-case endings."""
        return tuple(path for path in self.files if suffix_of(path) in suffixes)

    def images(self) -> tuple[str, ...]:
        return self.named(*IMAGE_SUFFIXES)


def suffix_of(path: str) -> str:
    """Ending with its dot, in lower case."""
    return PurePosixPath(path).suffix.lower()


def stem_of(path: str) -> str:
    """File name without its ending."""
    return PurePosixPath(path).stem


def folder_of(path: str) -> str:
    """The folder of a relative path, '' for the root."""
    return path.rpartition("/")[0]


def joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def walk(root: Path) -> Folder:
    """Lists `root`; nothing is opened, links to folders are not followed.

    Raises:
        ValueError: `root` is not a folder.
    """
    if not root.is_dir():
        raise ValueError(f"expected a folder, found {'a file' if root.exists() else 'nothing'} at {root}")
    files: list[str] = []
    refused: list[tuple[str, Reject]] = []
    inside = os.path.realpath(root)

    def unreadable(error: OSError) -> None:
        name = Path(str(error.filename)).relative_to(root).as_posix()
        refused.append((name, Reject("ingest/unreadable", f"{name}: {error.strerror}")))

    for base, folders, names in os.walk(root, onerror=unreadable):
        place = Path(base).relative_to(root).as_posix()
        for name in [*folders, *names]:
            path = joined("" if place == "." else place, name)
            verdict = _refusal(os.path.join(base, name), path, inside, is_folder=name in folders)
            if verdict:
                refused.append((printable(path), verdict))
            elif name not in folders:
                files.append(path)
    return Folder(root=root, files=tuple(sorted(files)), refused=tuple(sorted(refused, key=lambda pair: pair[0])))


def relative(name: object, what: str) -> str:
    """A path as an annotation states it, as a plain relative posix path.

    Raises:
        BadRow: `ingest/outside-folder` when it is absolute or climbs with "..", `ingest/bad-annotation` when it is no path.
    """
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        raise BadRow("ingest/bad-annotation", f"{what}: expected a file name, found {str(name)[:80]!r}")
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (len(name) > 1 and name[1] == ":"):
        raise BadRow("ingest/outside-folder", f"{what}: expected a path below the folder, found {name[:80]!r}")
    return path.as_posix()


def read_bytes(root: Path, path: str, reason: str = "ingest/bad-annotation") -> bytes:
    """The bytes of a file below `root`, links resolved and looked at once more.

    Raises:
        BadRow: it leads out of the folder, is not a file, or is over `MAX_FILE_BYTES`.
    """
    full = os.path.realpath(root / path)
    if os.path.commonpath([full, os.path.realpath(root)]) != os.path.realpath(root):
        raise BadRow("ingest/outside-folder", f"{path}: expected a file below the folder, found a link that leads out")
    try:
        status = os.stat(full)
        if not stat.S_ISREG(status.st_mode):
            raise BadRow("ingest/not-a-file", f"{path}: expected a file, found something else")
        if status.st_size > MAX_FILE_BYTES:
            raise BadRow(reason, f"{path}: expected at most {MAX_FILE_BYTES:,} bytes, found {status.st_size:,}")
        return Path(full).read_bytes()
    except OSError as error:
        raise BadRow("ingest/missing-file", f"{path}: expected a readable file, found: {error.strerror}") from error


def printable(path: str) -> str:
    """A path as text that can be stored: bytes that are not UTF-8 are written as escapes."""
    return path.encode("utf-8", "backslashreplace").decode()


def _refusal(full: str, path: str, inside: str, *, is_folder: bool) -> Reject | None:
    name = path.rpartition("/")[2]
    if printable(path) != path:
        return Reject("ingest/bad-name", f"{printable(path)}: expected a name in UTF-8")
    if not is_folder and (name.startswith("._") or "__MACOSX" in path.split("/")):
        return Reject("ingest/resource-fork", f"{path}: a macOS resource fork, not data of the set")
    if os.path.islink(full):
        return _link_refusal(full, path, inside)
    if is_folder and suffix_of(name) not in IMAGE_SUFFIXES:
        return None
    if is_folder or not stat.S_ISREG(os.lstat(full).st_mode):
        return Reject("ingest/not-a-file", f"{path}: expected a file, found {'a folder' if is_folder else 'a device'}")
    return None


def _link_refusal(full: str, path: str, inside: str) -> Reject | None:
    try:
        target = os.path.realpath(full, strict=True)
    except OSError as error:
        return Reject("ingest/broken-link", f"{path}: expected a link to a file, found: {error.strerror}")
    if os.path.commonpath([target, inside]) != inside:
        return Reject("ingest/outside-folder", f"{path}: a link that leads out of the folder")
    if not os.path.isfile(target):
        return Reject("ingest/linked-folder", f"{path}: a link to a folder; its files are read where they lie")
    return None
