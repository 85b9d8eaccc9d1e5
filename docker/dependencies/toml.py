"""TOML on every Python: the standard library's reader, else the one that pip carries."""

try:
    import tomllib
except ImportError:
    try:
        from pip._vendor import tomli as tomllib
    except ImportError:
        import tomli as tomllib


def load(path):
    """A file's table."""
    return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
