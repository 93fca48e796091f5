"""Who may come to the desk: a list of users with hashed passwords, and sessions that outlive the desk's own restarts.

    add(Path("users.json"), "ana", "a long password", lead=True)
    users = read(Path("users.json"))
    users["ana"].fits("a long password")

A password is kept as scrypt's hash with a salt of its own. A session is the name, when it ends, and both signed with a key that
lies in the log's database: nothing else has to be remembered, and a desk that was killed knows its people again.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
SHORTEST = 8
SESSION_S = 12 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One line of the list."""

    salt: str
    hash: str
    lead: bool = False

    def fits(self, password: str) -> bool:
        return hmac.compare_digest(self.hash, _hash(password, self.salt))


NOBODY = Account(salt="00", hash="00")
"""Asked for names that are not known, so that they cost as much time as others."""


def account(password: str, *, lead: bool = False) -> Account:
    """An account with this password.

    Raises:
        ValueError: the password is too short.
    """
    if len(password) < SHORTEST:
        raise ValueError(f"password: expected {SHORTEST} letters or more, found {len(password)}")
    salt = secrets.token_hex(16)
    return Account(salt=salt, hash=_hash(password, salt), lead=lead)


def read(path: Path) -> dict[str, Account]:
    """The list.

    Raises:
        ValueError: the file is none.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return {checked(name): Account(**one) for name, one in said.items()}
    except (OSError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: expected a list of users, as --add-user writes it, found {error}") from error


def add(path: Path, name: str, password: str, *, lead: bool = False) -> None:
    """Put a user into the list, or give a known one another password. Readable by its owner alone."""
    users = read(path) if path.exists() else {}
    users[checked(name)] = account(password, lead=lead)
    written = path.with_name(path.name + ".new")
    text = json.dumps({key: asdict(one) for key, one in sorted(users.items())}, indent=1)
    with open(os.open(written, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
    written.replace(path)


def checked(name: str) -> str:
    """A name that may stand in the log.

    Raises:
        ValueError: it has letters that names do not have here.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"user: expected a name of letters, digits and . _ @ -, at most 64, found {name[:80]!r}")
    return name


def _hash(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **COST).hex()


class Sessions:
    """Signed cookies for the users of a list.

    Args:
        key: of the log, the same for all its desks.
    """

    def __init__(self, users: Mapping[str, Account], key: str):
        self.users, self._key = users, key.encode()

    def start(self, name: str, now: float) -> str:
        return self._signed(f"{name}|{int(now + SESSION_S)}")

    def of(self, cookie: str | None, now: float) -> str | None:
        """The user of a cookie; None for what we did not write, what has ended, and who is no longer in the list."""
        name, _, rest = (cookie or "").partition("|")
        until = rest.partition("|")[0]
        if not until.isdigit() or name not in self.users:
            return None
        good = hmac.compare_digest(self._signed(f"{name}|{until}").encode(), (cookie or "").encode())
        return name if good and int(until) > now else None

    def _signed(self, text: str) -> str:
        salted = f"{text}|{self.users[text.split('|')[0]].hash}"  # another password ends the sessions of the old one
        return f"{text}|{hmac.new(self._key, salted.encode(), hashlib.sha256).hexdigest()}"
