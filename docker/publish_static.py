"""Puts the image's static files where the web server in front of the site serves them from.

    publish_static.py FOLDER MEDIA UID

FOLDER is a volume: FOLDER/static gets what STATIC_ROOT holds, file by file, each complete before it
gets its name. What the image has no more stays for one release, for pages that are still open. MEDIA,
a volume that is root's and empty at first, is handed to the site's user, UID; with all that is in it
when it is another one's, as with `invoke up --dev`. Needs Python and the site's settings, no shell.
"""

import json
import os
import shutil
import sys
from pathlib import Path


def files(root):
    """The files below ``root``, as relative paths."""
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def is_same(old, new):
    """Whether two files may be taken for the same: by size and time, as web servers and rsync do."""
    try:
        a, b = old.stat(), new.stat()
    except FileNotFoundError:
        return False
    return (a.st_size, int(a.st_mtime)) == (b.st_size, int(b.st_mtime))


def replace(source, target):
    """Copies a file with its time, under another name first."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        shutil.copyfile(source, partial)
        shutil.copystat(source, partial)
        partial.chmod(0o644)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def publish(source, folder):
    """Brings ``folder``/static up to date with ``source``; returns how many files came and went."""
    target, memory = folder / "static", folder / "releases.json"
    try:
        releases = [set(names) for names in json.loads(memory.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        releases = []
    target.mkdir(exist_ok=True)
    now = files(source)
    came = [name for name in sorted(now) if not is_same(target / name, source / name)]
    for name in came:
        replace(source / name, target / name)
    if releases[:1] != [now]:
        releases = [now, *releases[:1]]
    left = files(target) - set().union(*releases)
    for name in left:
        (target / name).unlink()
    partial = folder / f".releases.{os.getpid()}"
    partial.write_text(json.dumps([sorted(names) for names in releases]), encoding="utf-8")
    partial.replace(memory)
    return len(came), len(left)


def hand_over(folder, uid):
    """Gives ``folder`` with all that is in it to a user; the folder itself goes last."""
    # Root without its capabilities looks only into what is its own.
    os.chown(folder, 0, 0)
    for path in list(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            hand_over(path, uid)
        else:
            os.chown(path, uid, uid, follow_symlinks=False)
    os.chown(folder, uid, uid)


def main(folder, media, uid):
    """Publishes STATIC_ROOT of the settings, where files were collected into it at build, and hands over
    the media volume.
    """
    sys.path.insert(0, str(Path.cwd()))
    from django.conf import settings

    root = Path(settings.STATIC_ROOT or "")
    if settings.STATIC_ROOT and root.is_dir():
        came, left = publish(root, Path(folder))
        print(f"static files of {root}: {came} new or changed, {left} removed")
    else:
        # On another machine, or collected when the stack starts: the stack can do without these.
        print(f"There are no collected static files: STATIC_ROOT is {settings.STATIC_ROOT!r}.")
    if Path(media).stat().st_uid != int(uid):
        hand_over(Path(media), int(uid))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
