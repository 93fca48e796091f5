"""A source's folder as found on disk: which files may be read, and which may not, and why.

Everything below the root is listed once, in sorted order, without following links to folders and without opening a file.
A reader asks this list, never the file system: what is not in `Folder.files` (a path with "..", a link that leads out, a
directory named like an image, a pipe) cannot be opened by accident.
"""

import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from beltline.verdict import BadRow, Reject

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"})
"""Lower-case endings of what `pixels.open_view` reads."""
OTHER_IMAGE_SUFFIXES = frozenset({".gif", ".webp", ".svg", ".heic", ".raw", ".dcm"})
MAX_FILE_BYTES = 512 * 2**20
"""No image and no annotation file of a public set is larger; what is larger is not read into memory."""


Images = dict[str, list[str]]
"""Paths by stem."""


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
        for name, is_folder in [*((each, True) for each in folders), *((each, False) for each in names)]:
            path = joined("" if place == "." else place, name)
            verdict = _refusal(os.path.join(base, name), path, inside, is_folder=is_folder)
            if verdict:
                refused.append((printable(path), verdict))
            elif not is_folder:
                files.append(path)
    return Folder(root=root, files=tuple(sorted(files)), refused=tuple(sorted(refused, key=lambda pair: pair[0])))


def by_stem(paths: Iterable[str]) -> Images:
    """Paths by file name without ending, to find what an annotation means by a name."""
    result: Images = defaultdict(list)
    for path in paths:
        result[stem_of(path)].append(path)
    return result


def located(name: str, annotation: str, images: Images) -> tuple[str, tuple[str, ...]]:
    """The image that an annotation file means by `name`, and a note when it is named differently.

    Looked for beside the annotation, below the root, then by stem; of several the one whose folder shares most words with the
    annotation's path (`annotations/xray_test_hidden.json` and `hidden/`).

    Raises:
        BadRow: `ingest/missing-file` when there is none, or more than one.
    """
    candidates = images.get(stem_of(name), [])
    for exact in (joined(folder_of(annotation), name), name):
        if exact in candidates:
            return exact, ()
    path = _one([each for each in candidates if each.endswith("/" + name)] or candidates, name, annotation)
    note = () if suffix_of(path) == suffix_of(name) else (f"{annotation}: calls the image {name}, it is {path}",)
    return path, note


def namesake(annotation: str, images: Images) -> str | None:
    """The image that has the annotation file's own name; None when there is none.

    Raises:
        BadRow: `ingest/missing-file` when more than one has it.
    """
    candidates = images.get(stem_of(annotation), [])
    return _one(candidates, stem_of(annotation), annotation) if candidates else None


def _one(candidates: list[str], name: str, annotation: str) -> str:
    """The candidate whose folder shares most words with the annotation's path."""
    shared = [len(_words(folder_of(each)) & _words(annotation.rpartition(".")[0])) for each in candidates]
    best = [each for each, count in zip(candidates, shared, strict=True) if count == max(shared)]
    if len(best) != 1:
        found = f"{len(best)} of that name" if best else "none"
        raise BadRow("ingest/missing-file", f"{annotation}: expected one image {name!r}, found {found}")
    return best[0]


def _words(text: str) -> set[str]:
    return set(text.lower().replace("/", "_").split("_")) - {""}


def relative(name: object, what: str) -> str:
    """A path as an annotation states it, as a plain relative posix path.

    Raises:
        BadRow: `ingest/outside-folder` when it is absolute or climbs with "..", `ingest/bad-annotation` when it is no path.
    """
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        raise BadRow("ingest/bad-annotation", f"{what}: expected a file name, found {str(name)[:80]!r}")
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:[\\/]", name):
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
