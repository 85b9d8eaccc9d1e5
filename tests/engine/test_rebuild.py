"""The same source makes the same image, however often it is built."""

from __future__ import annotations

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
