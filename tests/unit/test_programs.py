from __future__ import annotations

import pytest
from images import own

from djdock.images import programs


@pytest.mark.parametrize(
    "path",
    [
        "bin/sh", "usr/bin/bash", "usr/bin/rbash", "usr/bin/dash", "bin/ash", "usr/local/bin/zsh",
        "bin/busybox", "usr/bin/ksh", "usr/bin/bash-static", "opt/tools/bin/fish",
    ],
)  # fmt: skip
def test_a_shell_is_known_by_its_name(path: str) -> None:
    assert programs.shells(own({path: 10}).files) == [f"/{path}"]


@pytest.mark.parametrize(
    "path",
    [
        "usr/bin/gcc", "usr/bin/x86_64-linux-gnu-gcc-14", "usr/bin/arm-linux-gnueabihf-g++",
        "usr/bin/clang-19", "usr/bin/c++", "usr/local/go/bin/go", "root/.cargo/bin/rustc",
        "usr/bin/ld.bfd", "usr/bin/as", "usr/bin/make", "usr/bin/cmake", "usr/bin/cpp-14",
    ],
)  # fmt: skip
def test_a_compiler_is_known_by_its_name(path: str) -> None:
    assert programs.compilers(own({path: 10}).files) == [f"/{path}"]


@pytest.mark.parametrize(
    "path",
    [
        "usr/bin/chsh", "usr/bin/ssh", "usr/bin/rsh", "usr/share/doc/bash", "usr/bin/gcc.py",
        "app/sh", "usr/bin/goaccess", "usr/bin/last", "usr/bin/python3.13", "usr/lib/gcc",
        "usr/bin/gunicorn", "usr/bin/bashbug",
    ],
)  # fmt: skip
def test_other_files_are_neither(path: str) -> None:
    files = own({path: 10}).files
    assert (programs.shells(files), programs.compilers(files)) == ([], [])


def test_links_are_programs_too_and_the_order_is_that_of_the_paths() -> None:
    files = own({"usr/bin/sh": "-> dash", "usr/bin/dash": 10, "bin/bash": 5}).files
    assert programs.shells(reversed(files)) == ["/bin/bash", "/usr/bin/dash", "/usr/bin/sh"]
