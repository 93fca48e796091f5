"""The words that every verb understands, and what they mean once they are read."""

import argparse
import os
from dataclasses import dataclass, replace
from pathlib import Path

from beltline.store import DEFAULT, Store
from beltline.version import NAME, Manifest, resolve

TRACKING = "sqlite:///mlflow.db"
DASHBOARD = "http://127.0.0.1:8265"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Where and how much; what is done is the recipe's."""

    recipe: str
    inputs: tuple[tuple[str, str], ...] = ()
    """(role, name@version) pairs."""
    output: str
    limit: int | None = None
    workers: int = 2
    blocks: int | None = None
    seed: int | None = None
    store: Store
    tracking: str = TRACKING
    address: str | None = None
    dry_run: bool = False

    def manifests(self) -> dict[str, Manifest]:
        """The input versions by role; a role given again is numbered: scans, scans.2, scans.3.

        Raises:
            ValueError: a version is not complete in the store.
        """
        found: dict[str, Manifest] = {}
        for role, ref in self.inputs:
            again = sum(known.split(".")[0] == role for known in found)
            found[f"{role}.{again + 1}" if again else role] = resolve(self.store, ref)
        return found


def add_common(
    parser: argparse.ArgumentParser,
    *,
    role: str,
    recipes: list[str] | None = None,
    writes: bool = True,
    default: str = "",
) -> None:
    """Add the common words to a verb's parser; `role` is what an --input without a role means.

    A verb that does not always write a version (`writes` False) asks for --output itself.
    """
    needed = recipes is not None and not default
    parser.add_argument("--recipe", required=needed, default=default, choices=recipes, help="what is done")
    parser.add_argument(
        "--input", action="append", default=[], metavar="[ROLE=]NAME[@VERSION]", help="a version to read"
    )
    parser.add_argument("--output", required=writes, metavar="NAME", help="name of the version to write")
    parser.add_argument("--limit", type=_positive, metavar="N", help="at most this many rows")
    parser.add_argument(
        "--workers", type=_positive, default=os.cpu_count() or 2, metavar="N", help="workers of a stage"
    )
    parser.add_argument("--blocks", type=_positive, metavar="N", help="blocks of rows; one is lost at most on a kill")
    parser.add_argument("--seed", type=int, metavar="N", help="another seed than the recipe's")
    add_store(parser)
    add_tracking(parser)
    add_address(parser)
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and stop")
    parser.set_defaults(role=role)


def add_store(parser: argparse.ArgumentParser) -> None:
    """Where versions lie."""
    parser.add_argument(
        "--store", default=os.environ.get("BELTLINE_STORE", DEFAULT), metavar="URI", help="default ./data"
    )


def add_tracking(parser: argparse.ArgumentParser) -> None:
    """Where MLflow answers."""
    parser.add_argument(
        "--tracking", default=os.environ.get("MLFLOW_TRACKING_URI", TRACKING), metavar="URI", help="MLflow"
    )


def add_address(parser: argparse.ArgumentParser) -> None:
    """Which cluster does it: one that this process joins, or one that the command is sent to."""
    parser.add_argument(
        "--address",
        metavar="HOST:PORT|http://HOST:PORT",
        help="a running Ray cluster, or auto; with http:// its dashboard, which the command is sent to; default: one of our own",
    )
    parser.add_argument("--no-wait", action="store_true", help="of a command that is sent: return at once")


def add_dashboard(parser: argparse.ArgumentParser) -> None:
    """The dashboard of a cluster that is asked about its jobs."""
    default = os.environ.get("RAY_API_SERVER_ADDRESS", DASHBOARD)
    parser.add_argument("--address", default=default, metavar="http://HOST:PORT", help=f"default {DASHBOARD}")


def read_common(args: argparse.Namespace) -> Options:
    """Options from parsed words.

    Raises:
        ValueError: a word is not well formed, or a relative place is named for another machine.
    """
    if not NAME.fullmatch(args.output):
        raise ValueError(f"--output: expected a name of a-z, 0-9, _ and -, found {args.output!r}")
    if args.address:
        refuse_relative("--store", args.store)
        refuse_relative("--tracking", args.tracking)
    inputs = tuple(tuple(word.split("=", 1)) if "=" in word else (args.role, word) for word in args.input)
    same = {
        name: getattr(args, name)
        for name in ("recipe", "output", "limit", "workers", "blocks", "seed", "address", "dry_run")
    }
    store = Store(args.store).absolute()
    store.check(writes=not args.dry_run)
    options = Options(inputs=inputs, store=store, tracking=args.tracking, **same)
    return replace(options, tracking=absolute_sqlite(args.tracking))


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {number}")
    return number


def refuse_relative(word: str, uri: str) -> None:
    """Raises ValueError for a place that means another one on another machine."""
    bare = uri.removeprefix("sqlite:///")
    if "://" not in bare and not Path(bare).is_absolute():
        raise ValueError(f"{word}: expected an absolute path or a URI when --address names a cluster, found {uri!r}")


def absolute_sqlite(uri: str) -> str:
    """An MLflow URI of a local file with its whole path; any other as it is."""
    path = uri.removeprefix("sqlite:///")
    return uri if path == uri else f"sqlite:///{Path(path).expanduser().absolute()}"
