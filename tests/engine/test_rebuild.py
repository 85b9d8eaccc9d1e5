"""The same source makes the same image, however often it is built."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from project import Project


@pytest.mark.parametrize("variant", ["multi", "minimal"])
def test_a_rebuilt_image_has_the_same_layers_and_the_same_report(
    tmp_path: Path, docker: str, variant: str
) -> None:
    project = Project.clone(tmp_path / "site", docker)
    tag = f"rebuilt-{tmp_path.parent.name}:{variant}"
    found = []
    try:
        for _ in range(2):
            for path in (project.root / "src").rglob("*.*"):
                path.touch()  # as another checkout has them
            project.invoke("build", "--variant", variant, "--no-cache", "--tag", tag).ok()
            reports = [
                project.invoke(f"image.{task}", tag, *words).ok().out
                for task in ("layers", "packages", "files")
                for words in ([], ["--json"])
            ]
            layers = project.engine("image", "inspect", "--format", "{{.RootFS.Layers}}", tag)
            found.append((layers, *reports))
    finally:
        project.run([docker, "image", "rm", "--force", tag])
    assert found[0] == found[1]


def test_byte_code_is_valid_by_its_source_however_long_compiling_takes(
    tmp_path: Path, docker: str
) -> None:
    # The first to be compiled: until it is, collectstatic has imported the settings and the models.
    project = Project.clone(tmp_path / "site", docker)
    slow = "".join(f"x{number} = [{number}, {{'a': {number}}}]\n" for number in range(60_000))
    (project.root / "src/demo/aaa.py").write_text(slow, encoding="utf-8")
    tag = f"slow-{tmp_path.parent.name}:multi"
    try:
        project.invoke("build", "--tag", tag).ok()
        container = project.engine("container", "create", tag).strip()
        try:
            packed = subprocess.run(
                [docker, "container", "cp", f"{container}:/app", "-"],
                capture_output=True, check=True,
            ).stdout  # fmt: skip
        finally:
            project.engine("container", "rm", container)
    finally:
        project.run([docker, "image", "rm", "--force", tag])
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        found = {
            member.name: archive.extractfile(member).read(8)[4:]  # type: ignore[union-attr]
            for member in archive
            if member.name.endswith(".pyc")
        }
    # PEP 552: the flags say that the source's hash counts, and is to be looked at.
    assert "app/config/__pycache__/settings.cpython-313.pyc" in found
    assert {name for name, flags in found.items() if flags != b"\x03\0\0\0"} == set()
