"""``.env`` as a file: is it there and readable, who else may read it, and which bytes are in it?"""

from __future__ import annotations

import codecs
import os
import stat

from djdock import env
from djdock.doctor.finding import Finding, fault, note, ok
from djdock.doctor.patient import Patient
from djdock.errors import CheckFailed

#: No fault of what needs it: the first `up` makes it.
ABSENT = ok("There is no .env yet.")


def look(patient: Patient) -> Finding:
    """Whether there is one that we may read."""
    path = patient.dotenv
    if not os.path.lexists(path):
        if not patient.example.is_file():
            return fault(
                f"There is neither .env nor .env.example in {path.parent}.",
                "Take .env.example from version control, or write one.",
            )
        return note("There is no .env yet; the first `invoke up` makes it.")
    try:
        path.read_bytes()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        return fault(f"{path} cannot be read: {why}.", "It has to be a file that you may read.")
    return ok("It is there, and can be read.")


def judge_mode(mode: int) -> Finding:
    """``mode`` are the permission bits; nobody but its owner needs to read it."""
    if mode & stat.S_IRWXO:
        return fault(
            f"Every user of this machine may read .env (mode {mode:04o}).",
            "`chmod 600 .env`.",
            fixable=True,
        )
    if mode & stat.S_IRWXG:
        return note(f".env's group may read it (mode {mode:04o}).", "`chmod 600 .env`.")
    return ok(f"Mode {mode:04o}.")


def look_at_mode(patient: Patient) -> Finding:
    """Who may read it."""
    if not patient.dotenv.is_file():
        return ABSENT
    return judge_mode(stat.S_IMODE(patient.dotenv.stat().st_mode))


def judge_bytes(data: bytes) -> Finding:
    """What Windows editors leave: a byte order mark, CRLF, UTF-16; and bytes that are no UTF-8."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return fault(".env is UTF-16 text, which nothing reads.", "Save it as UTF-8.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return fault(f"Line {line} of .env is not UTF-8.", "Save it as UTF-8.")
    if data.startswith(codecs.BOM_UTF8):
        return fault(
            ".env begins with a byte order mark, which older releases of python-dotenv trip over.",
            "Save it as UTF-8 without it.",
            fixable=True,
        )
    if b"\r" in data:
        line = data.count(b"\n", 0, data.index(b"\r")) + 1
        return fault(
            f"Lines of .env end with CR LF (the first: {line}); a shell takes the CR as part of the "
            "value.",
            "Save it with plain line ends.",
            fixable=b"\r" not in data.replace(b"\r\n", b"\n"),
        )
    return ok("UTF-8, plain line ends.")


def look_at_bytes(patient: Patient) -> Finding:
    """How it is written."""
    return judge_bytes(patient.dotenv.read_bytes()) if patient.dotenv.is_file() else ABSENT


# --- repairs ---------------------------------------------------------------------------------------


def fix_mode(patient: Patient) -> list[str]:
    """Takes the others' permissions away; raises CheckFailed where the file system has none."""
    patient.dotenv.chmod(0o600)
    if patient.dotenv.stat().st_mode & stat.S_IRWXO:  # Windows' disks under WSL, some shares
        raise CheckFailed(
            "The file system of .env keeps no permissions.", "Move the project to one that does."
        )
    return [".env: mode 0600, for its owner only."]


def fix_bytes(patient: Patient) -> list[str]:
    """Takes the byte order mark and the CRs of line ends out; nothing else changes."""
    data = patient.dotenv.read_bytes()
    env.rewrite(patient.dotenv, data.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n"))
    return [".env: plain UTF-8 with plain line ends."]
