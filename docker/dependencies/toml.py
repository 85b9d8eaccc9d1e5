"""TOML on every Python: the standard library's reader, else the one that it was made from."""

try:
    import tomllib
except ImportError:
    import tomli as tomllib


def load(path):
    """A file's table."""
    return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
