"""psycopg 3 in the place of psycopg2: nothing but the requirements differs."""

from __future__ import annotations

import re
from pathlib import Path

from project import Project


def test_the_site_runs_on_psycopg_3(tmp_path: Path, docker: str) -> None:
    project = Project.clone(tmp_path / "site", docker)
    try:
        path = project.root / "requirements/app.txt"
        text = path.read_text(encoding="utf-8")
        text, number = re.subn(r"(?m)^psycopg2-binary==(.*\\\n)+.*\n", "", text)
        assert number == 1
        path.write_text(text + "psycopg[binary]==3.2.*\n", encoding="utf-8")
        for variant in ("multi", "minimal"):
            project.invoke("up", "--build", "--variant", variant).ok()
            code = (
                "import importlib.util as u; from django.db import connection as c; c.cursor(); "
                "print(u.find_spec('psycopg2'), type(c.connection).__module__)"
            )
            words = ("exec", "web", "--", "python", "manage.py", "shell", "-c", code)
            assert project.invoke(*words).ok().out.split()[-2:] == ["None", "psycopg"]
            votes = project.votes()
            assert project.vote() == votes + 1
        project.invoke("test", "--variant", "multi").ok()
        project.invoke("check").ok()
    finally:
        project.remove()
