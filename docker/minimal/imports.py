"""What Python sources import, read from their syntax: nothing is run, so nothing is missed that runs
on Tuesdays only."""

import ast
import warnings
from pathlib import Path


def names(source, package=""):
    """The dotted names that a source may import; of ``from a import b`` both a and a.b.

    ``package`` is the package that the module is in, for relative imports. Texts that look like
    dotted names count too: settings name modules so, and so do import_module and lazy loaders.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found |= _from(node, package)
        elif _dotted(node):
            found.add(node.value)
    return found


def _dotted(node):
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and "." in node.value
        and node.value.replace(".", "_").isidentifier()
    )


def _from(node, package):
    parts = package.split(".") if package else []
    if node.level:
        parts = parts[: len(parts) - node.level + 1]
        base = ".".join([*parts, *([node.module] if node.module else [])])
    else:
        base = node.module or ""
    if not base:
        return {alias.name for alias in node.names}
    return {base} | {f"{base}.{alias.name}" for alias in node.names}


def module_name(path, root):
    """The dotted name of a source below ``root``, and the package that its imports start from."""
    parts = list(Path(path).relative_to(root).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
        return ".".join(parts), ".".join(parts)
    return ".".join(parts), ".".join(parts[:-1])


def of_files(files, root):
    """Module name -> the names that it may import, for the sources ``files`` below ``root``."""
    found = {}
    for path in files:
        name, package = module_name(path, root)
        found[name] = names(Path(path).read_bytes(), package)
    return found


def covers(name, module):
    """Whether importing ``name`` needs ``module``: it is the module itself or something below it."""
    return name == module or name.startswith(f"{module}.")


def importers(table, module):
    """The modules of ``table`` outside of ``module`` that import it or something of it."""
    return sorted(
        importer
        for importer, imported in table.items()
        if not covers(importer, module) and any(covers(name, module) for name in imported)
    )


def arguments(source, functions):
    """The first arguments, where they are texts, of all calls of ``functions`` in a source."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else None
            called = node.func.id if isinstance(node.func, ast.Name) else called
            if called in functions and isinstance(node.args[0].value, str):
                found.add(node.args[0].value)
    return found
