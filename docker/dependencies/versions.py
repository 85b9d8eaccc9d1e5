"""Poetry's and Pipenv's ways to write versions, in those of PEP 440 and 508."""

import re


def caret(version):
    """``^1.2.3``: what does not change the leftmost number that is not zero."""
    parts = [int(part) for part in re.findall(r"\d+", version.split("-")[0])[:3]]
    at = next((i for i, part in enumerate(parts) if part), len(parts) - 1)
    above = [*parts[:at], parts[at] + 1]
    return ">={},<{}".format(version, ".".join(str(part) for part in above))


def tilde(version):
    """``~1.2.3``: what changes the last of the first two numbers at most."""
    parts = [int(part) for part in re.findall(r"\d+", version)[:2]]
    above = [*parts[:-1], parts[-1] + 1]
    return ">={},<{}".format(version, ".".join(str(part) for part in above))


def specifier(text):
    """A constraint of Poetry's as a PEP 440 specifier; of alternatives (``||``) the last is taken."""
    text = str(text).strip().split("||")[-1].strip()
    if text in ("", "*"):
        return ""
    found = []
    for part in re.split(r"\s*,\s*|\s+(?=[<>=!~^])", text):
        part = re.sub(r"\s+", "", part)
        if not part or part == "*":
            continue
        if part.startswith("^"):
            found.append(caret(part[1:]))
        elif part.startswith("~") and not part.startswith("~="):
            found.append(tilde(part[1:]))
        elif re.match(r"\d", part):
            found.append("==" + part)
        else:
            found.append(part)
    return ",".join(found)


def requirement(name, value):
    """Requirement lines (several where it depends on markers) of an entry of a Pipfile or of
    Poetry's.
    """
    if isinstance(value, list):
        return [line for one in value for line in requirement(name, one)]
    if isinstance(value, str):
        return [name + specifier(value)]
    extras = "[{}]".format(",".join(value["extras"])) if value.get("extras") else ""
    marks = [value[key] for key in ("markers",) if value.get(key)]
    marks += python_marker(value.get("python"))
    marks += [f"{key} {value[key]}" for key in ENVIRONMENT if value.get(key)]
    where = source(value)
    if where is None:
        return []
    line = (
        f"{name}{extras} @ {where}"
        if where
        else name + extras + specifier(value.get("version", ""))
    )
    if marks:
        line += " ; " + " and ".join(f"({mark})" for mark in marks)
    return [line]


#: The markers that a Pipfile takes as keys.
ENVIRONMENT = ("sys_platform", "platform_system", "python_version", "os_name", "platform_machine",
               "python_full_version", "implementation_name")  # fmt: skip


def python_marker(text):
    """``python = ">=3.8,<3.11"`` of a dependency of Poetry's, as markers."""
    parts = [part for part in specifier(text or "").split(",") if part]
    found = []
    for part in parts:
        sign, version = re.match(r"([<>=!~]+)(.*)", part).groups()
        name = "python_full_version" if version.count(".") > 1 else "python_version"
        found.append(f'{name} {sign} "{version}"')
    return found


def source(value):
    """Where an entry comes from when that is no index; None for a folder that is the project itself."""
    git = value.get("git")
    if git:
        at = value.get("ref") or value.get("rev") or value.get("tag") or value.get("branch") or ""
        address = "git+" + re.sub(r"^git\+", "", re.sub(r"^(\w+)@([\w.-]+):", r"ssh://\1@\2/", git))
        address += "@" + at if at else ""
        return address + (
            "#subdirectory=" + value["subdirectory"] if value.get("subdirectory") else ""
        )
    path = value.get("path") or value.get("file") or value.get("url")
    if not path:
        return ""
    if "://" in path:
        return path
    return None if path in (".", "./") else "./" + re.sub(r"^\./", "", path)


def allows(asked, python):
    """Whether a ``requires-python`` holds for a Python, (3, 13), whatever its last number is."""
    for operator, text in re.findall(r"(>=|<=|==|!=|~=|>|<)\s*([\d.]+)", asked):
        numbers = tuple(int(part) for part in text.strip(".").split("."))
        short = numbers[:2]
        fits = {
            ">=": python >= short,
            ">": python > short or (python == short and len(numbers) > 2),
            "<=": python <= short,
            "<": python < short or (python == short and numbers[2:] > (0,)),
            "==": python[: len(short)] == short,
            "~=": python == short if len(numbers) > 2 else short <= python < (short[0] + 1,),
        }
        if not fits.get(operator, True):
            return False
    return True
