"""review: people look at a version of scans, captions or questions, accept, reject and edit; and what they said becomes a version.

    python -m jobs review --input screened                                        # opens the desk on 127.0.0.1:7860
    python -m jobs review --add-user ana --lead --users users.json                # asks for a password
    python -m jobs review --input dualxray --recipe twice --users users.json --host 0.0.0.0 --log postgresql+psycopg://host/review
    python -m jobs review --input screened --close --output reviewed              # what was decided, as a version
    python -m jobs review --input dualxray --recipe twice --close --gate "reviews>=2" --gate "kappa>=0.7" --output dualxray-checked
    python -m jobs review --input bags --close --output bags-checked --boxes coco --to FOLDER

Without --users there is one user, you, with a password that is made and told on screen. Every click is in the log (default: a SQLite
file in the store) before it is acknowledged. docs/review.md is for whoever reviews, and for whoever sets the work up.
"""

import argparse
import getpass
import json
import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from beltline.language.sampling import RECIPES, arrange
from beltline.language.worklist import Worklist
from beltline.store import Store
from beltline.version import Manifest, resolve
from jobs import desk_users
from jobs.options import add_common, read_common

if TYPE_CHECKING:
    from beltline.language.eventlog import EventLog
    from jobs.desk_content import Content
    from jobs.desk_door import Door
    from jobs.desk_service import Desk

HELP = "people look at a version: accept, reject, edit"
LOG = "review.db"
EVERY = sys.maxsize


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="reviewed", recipes=sorted(RECIPES), writes=False, default="check")
    parser.add_argument("--users", type=Path, metavar="FILE", help="the list of users; default: you alone")
    parser.add_argument("--add-user", metavar="NAME", help="put a user into the list, and stop")
    parser.add_argument("--lead", action="store_true", help="with --add-user: may adjudicate and sees the figures")
    parser.add_argument(
        "--log", metavar="URL", help="sqlite:///FILE or postgresql+psycopg://...; default: in the store"
    )
    parser.add_argument(
        "--gold", type=Path, metavar="FILE", help='items whose answer is known: {"ID": "accept" or "reject"}'
    )
    parser.add_argument("--host", default="127.0.0.1", help="where the desk listens; default this machine alone")
    parser.add_argument("--port", type=int, default=7860, help="default 7860; 0 takes a free one")
    parser.add_argument("--close", action="store_true", help="what was decided becomes the version --output")
    parser.add_argument(
        "--gate", action="append", default=[], metavar="CONDITION", help="kappa>=0.7, reviews>=2, open=0, ..."
    )
    parser.add_argument("--undecided", choices=("reject", "keep"), default="reject", help="rows that nobody decided on")
    parser.add_argument(
        "--boxes", choices=("coco", "yolo"), help="with --close: the boxes of a version of scans as files"
    )
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="where --boxes are written")


def run(args: argparse.Namespace) -> int:
    """0 when the desk was closed, the version is there, or the user is in the list.

    Raises:
        ValueError: the words do not say what is to be reviewed, or by whom; the gate is not met.
    """
    if args.add_user:
        return add_user(args)
    if args.close:
        return closed(args)
    users, says = accounts(args.users, args.host)
    desk, door = opened(args, users)
    serve(args, desk, door, says)
    return 0


def closed(args: argparse.Namespace) -> int:
    """The version, from the log alone: no desk has to be open."""
    from jobs.desk_close import Reviewed, close

    if not args.output or (args.boxes and not args.to):
        raise ValueError("--close: expected --output NAME, and --to FOLDER where --boxes is given")
    options = read_common(args)
    log, content, work = queue(args, options.store)
    events = log.read(work.name)
    log.close()
    found = Reviewed(content.manifest, content.scans, work, events, content.boxes)
    return close(found, options, args)


def add_user(args: argparse.Namespace) -> int:
    if not args.users:
        raise ValueError("--add-user: expected --users FILE, the list that the user is put into")
    password = getpass.getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    desk_users.add(args.users, args.add_user, password, lead=args.lead)
    print(f"{args.add_user} is in {args.users}" + (", as a lead" if args.lead else ""))
    return 0


def accounts(path: Path | None, host: str) -> tuple[dict[str, desk_users.Account], str]:
    """The users, and what is said of them on screen.

    Raises:
        ValueError: a desk for others wants a list.
    """
    if path is not None:
        users = desk_users.read(path)
        return users, f"{len(users)} users of {path}"
    if host not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError(f"--host {host}: expected --users FILE where others than you can come to the desk")
    password = secrets.token_urlsafe(9)
    return {"you": desk_users.account(password, lead=True)}, f"log in as you with {password}"


def opened(args: argparse.Namespace, users: dict[str, desk_users.Account]) -> "tuple[Desk, Door]":
    """The desk and its application.

    Raises:
        ValueError: there is nothing to review.
    """
    from jobs.desk_service import Desk
    from jobs.desk_web import application

    store = Store(args.store).absolute()
    store.check(writes=False)
    log, content, work = queue(args, store)
    desk = Desk(log, content, work)
    sessions = desk_users.Sessions(users, log.keep("session-key", secrets.token_hex(32)))
    return desk, application(desk, sessions)


def queue(args: argparse.Namespace, store: Store) -> "tuple[EventLog, Content, Worklist]":
    """The log, what is shown, and the work that a recipe makes of it, as the log says it stands.

    Raises:
        ValueError: there is nothing to review.
    """
    from beltline.language.eventlog import EventLog
    from jobs.desk_content import Content

    recipe = RECIPES[args.recipe]
    num = min(args.limit or EVERY, recipe.num or EVERY)
    recipe = replace(recipe, num=num, seed=recipe.seed if args.seed is None else args.seed)
    content = Content(store, *inputs(store, args.input))
    log = EventLog(log_url(store, args.log))
    base = f"{content.manifest.name}/{content.kind}"
    earlier = {event.item for name in recipe.earlier for event in log.read(named(base, name))}
    entries = arrange(content.entries(), recipe, earlier)
    if not entries:
        raise ValueError(f"{content.manifest.ref}: expected rows to review, found none that this recipe takes")
    work = Worklist(named(base, recipe.name), entries, recipe.rules, gold(args.gold))
    work.learn(log.numbered(work.name))
    return log, content, work


def named(base: str, recipe: str) -> str:
    """A queue's name in the log; the plain ways to look at a version share one, so that work done in one of them is done."""
    return f"{base}/{recipe}" if recipe.startswith("onepipe") else base


def gold(path: Path | None) -> dict[int, str]:
    """Items whose answer is known.

    Raises:
        ValueError: the file says something else.
    """
    try:
        said = {} if path is None else json.loads(path.read_text(encoding="utf-8"))
        found = {int(item): str(answer) for item, answer in said.items()}
    except (OSError, AttributeError, ValueError) as error:
        raise ValueError(f"--gold: expected JSON of ids and answers in {path}, found {error}") from error
    wrong = [answer for answer in found.values() if answer not in ("accept", "reject")]
    if wrong:
        raise ValueError(f"--gold: expected accept or reject, found {wrong[0][:40]!r}")
    return found


def inputs(store: Store, words: list[str]) -> tuple[Manifest, list[Manifest]]:
    """What is reviewed, and the scans that it speaks of: those that are named, else those that it was made from.

    Raises:
        ValueError: not one version is named, or one that is not there.
    """
    given = [word.removeprefix("scans=") for word in words if word.startswith("scans=")]
    rest = [word.removeprefix("reviewed=") for word in words if not word.startswith("scans=")]
    if len(rest) != 1:
        raise ValueError(f"review: expected one --input NAME@VERSION to review, found {rest}")
    manifest = resolve(store, rest[0])
    if "top" in manifest.columns:
        return manifest, [manifest]
    refs = given or [ref for role, ref in manifest.inputs.items() if role.split(".")[0] == "scans"]
    return manifest, [resolve(store, ref) for ref in refs]


def log_url(store: Store, url: str | None) -> str:
    """Where the log lies.

    Raises:
        ValueError: a store that is no folder cannot hold SQLite's file.
    """
    if url:
        return url
    if not store.is_local:
        raise ValueError(f"--log: expected a URL, since SQLite cannot write into {store.uri}")
    return f"sqlite:///{store.path(LOG)}"


def serve(args: argparse.Namespace, desk: "Desk", door: "Door", says: str) -> None:
    """Until somebody presses Ctrl+C."""
    import socket

    import uvicorn

    listening = socket.socket(socket.AF_INET6 if ":" in args.host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((args.host, args.port))
    listening.listen(128)  # whoever reads where the desk is may come at once, and waits a moment
    url = f"http://{args.host}:{listening.getsockname()[1]}/"
    counts = desk.work.counts()
    print(f"{desk.content.manifest.ref}: {counts['all']} items, {counts['open']} open; {says}", flush=True)
    print(f"the desk is at {url}  (Ctrl+C closes it)", flush=True)
    config = uvicorn.Config(door, log_level="warning", access_log=False, server_header=False, lifespan="on")
    uvicorn.Server(config).run(sockets=[listening])
