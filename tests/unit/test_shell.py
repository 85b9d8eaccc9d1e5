"""Shell runs real processes here: small ones of Python's, that say what became of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from djdock import children
from djdock.errors import CommandFailed, Interrupted, MissingError
from djdock.shell import Shell, secret_values

PYTHON = sys.executable


def python(code: str, *words: str) -> list[str]:
    return [PYTHON, "-I", "-S", "-c", textwrap.dedent(code), *words]


# --- what is shown ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "env", "line"),
    [
        (["docker", "ps"], None, "docker ps"),
        (["echo", "a b", "$x", ""], None, "echo 'a b' '$x' ''"),
        (["x"], {"A": "1", "B": "two words"}, "A=1 B='two words' x"),
        (["x", "hunter22"], None, "x ***"),
        (["x", "--password=hunter22"], None, "x --password=***"),
        (["x", "say hunter22 twice"], None, "x 'say '***' twice'"),
        (["x"], {"URL": "redis://:hunter22@cache"}, "URL=redis://:***@cache x"),
        (["x"], {"API_TOKEN": "ab"}, "API_TOKEN=*** x"),  # by its name, however short
        (["x", "o'neill's"], None, "x ***"),  # quoting would have changed it
        (["x", "hunter22-longer"], None, "x ***"),  # the longer secret, whole
    ],
)
def test_a_line_can_be_pasted_and_shows_no_secret(
    argv: list[str], env: dict[str, str] | None, line: str
) -> None:
    secrets = frozenset({"hunter22", "hunter22-longer", "o'neill's"})
    assert Shell(secrets=secrets).line(argv, env) == line


def test_values_that_would_mask_prose_are_no_secrets() -> None:
    env = {"A_KEY": "abc", "B_KEY": "abcd", "C_KEY": ""}
    assert secret_values(env, [*env, "D_KEY"]) == {"abcd"}


def test_a_shell_never_shows_its_secrets() -> None:
    assert "hunter22" not in repr(Shell(secrets=frozenset({"hunter22"})))


def test_a_dry_run_prints_to_stdout_and_runs_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "made"
    assert Shell(dry=True).run(["touch", str(made)], env={"A": "1"}) == 0
    assert capfd.readouterr() == (f"A=1 touch {made}\n", "")
    assert not made.exists()


def test_echo_goes_to_stderr_and_the_commands_output_to_stdout(
    capfd: pytest.CaptureFixture[str],
) -> None:
    shell = Shell(echo=True, secrets=frozenset({"hunter22"}))
    shell.run([PYTHON, "-c", "import sys; print(len(sys.argv[1]))", "hunter22"])
    out, err = capfd.readouterr()
    assert out == "8\n"  # the command itself gets the secret
    assert err == f"$ {PYTHON} -c 'import sys; print(len(sys.argv[1]))' ***\n"


# --- run -------------------------------------------------------------------------------------------


def test_the_commands_own_exit_code_is_passed_on() -> None:
    argv = python("raise SystemExit(42)")
    with pytest.raises(CommandFailed) as caught:
        Shell().run(argv)
    assert caught.value.exit_code == 42
    assert Shell().run(argv, check=False) == 42


def test_a_command_ended_by_a_signal_has_the_code_that_shells_give() -> None:
    with pytest.raises(CommandFailed) as caught:
        Shell().run(python("import os; os.kill(os.getpid(), 9)"))
    assert caught.value.exit_code == 137


def test_an_error_masks_the_command() -> None:
    shell = Shell(secrets=frozenset({"hunter22"}))
    for method in (shell.run, shell.capture):
        with pytest.raises(CommandFailed) as caught:
            method(python("import sys; sys.exit(sys.argv[1])", "hunter22"))
        assert "hunter22" not in f"{caught.value} {caught.value.argv}"
        assert "***" in str(caught.value)


def test_the_environment_is_added_to_ours_and_the_folder_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJDOCK_OURS", "ours")
    code = "import os; print(os.environ['DJDOCK_OURS'], os.environ['MORE'], os.getcwd())"
    done = Shell().capture(python(code), env={"MORE": "more"}, cwd=tmp_path)
    assert done.stdout == f"ours more {tmp_path}\n"
    assert "MORE" not in os.environ


def test_words_are_no_shell_strings(tmp_path: Path) -> None:
    made = tmp_path / "made"
    word = f"; touch {made} $(touch {made})"
    assert Shell().capture(python("import sys; print(sys.argv[1])", word)).stdout == f"{word}\n"
    assert not made.exists()


@pytest.mark.parametrize("method", ["run", "capture"])
def test_a_program_that_is_not_there_is_missing(method: str) -> None:
    with pytest.raises(MissingError) as caught:
        getattr(Shell(), method)(["no-such-program", "x"])
    assert str(caught.value) == "`no-such-program` is not there.\nInstall it, or put it on PATH."


def test_a_folder_that_is_not_there_is_not_blamed_on_the_program(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as caught:
        Shell().run([PYTHON], cwd=tmp_path / "gone")
    assert caught.value.problem == f"`{tmp_path}/gone` is not there."


def test_a_file_that_is_no_program_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "docker"
    path.write_text("not executable", encoding="utf-8")
    with pytest.raises(MissingError) as caught:
        Shell().run([str(path)])
    assert str(caught.value) == (
        f"`{path}` may not be run.\nMake it executable, or put another first on PATH."
    )


# --- capture ---------------------------------------------------------------------------------------


def test_capture_separates_the_streams_and_survives_any_bytes() -> None:
    code = """
    import sys
    sys.stdout.buffer.write(b"out\\xff")
    sys.stderr.write("err")
    raise SystemExit(3)
    """
    done = Shell().capture(python(code), check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\ufffd", "err")


def test_capture_asks_also_in_a_dry_run() -> None:
    assert Shell(dry=True).capture(python("print(1)")).stdout == "1\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit('first\\nlast line')", "last line"),
        ("raise SystemExit(5)", "exit code 5"),
    ],
)
def test_a_question_that_fails_is_answered_with_the_last_line(code: str, said: str) -> None:
    with pytest.raises(CommandFailed) as caught:
        Shell().capture(python(code))
    assert caught.value.problem.endswith(f"` failed: {said}")


def test_a_question_without_an_answer_ends_and_leaves_no_process(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
    with pytest.raises(CommandFailed) as caught:
        Shell().capture(python(code, str(pid)), timeout=0.5)
    assert caught.value.exit_code == 124
    assert caught.value.problem.endswith("` gave no answer in 0.5 s.")
    assert not alive(int(pid.read_text()))


# --- interruptions ---------------------------------------------------------------------------------

#: Runs a command with Shell as a task does, and ends with the error's exit code.
DRIVER = """
import os, signal, subprocess, sys, time
# A shell starts what stands before an & with SIGINT ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
if len(sys.argv) > 3:  # our own terminal: the first one that a session's leader opens
    terminal = os.open(sys.argv[3], os.O_RDWR)
    {stdin}
from djdock.errors import DjdockError
from djdock.shell import Shell
shell = Shell()
child = [sys.executable, "-I", "-S", "-c", sys.argv[1], sys.argv[2]]
try:
    code = {call}
except DjdockError as error:
    print(error, file=sys.stderr)
    code = error.exit_code
except KeyboardInterrupt:
    code = 130
sys.exit(code)
"""

#: Writes its pid, then every signal that it gets; ends cleanly, a moment after the first.
CHILD = """
import os, signal, sys, time
log = open(sys.argv[1], "a", buffering=1)
got = []
def note(signum, frame):
    got.append(signum)
    log.write(signal.Signals(signum).name + "\\n")
for signum in (signal.SIGINT, signal.SIGTERM):
    signal.signal(signum, note)
log.write(f"{os.getpid()}\\n")
while not got:
    time.sleep(0.01)
time.sleep(0.2)
log.write("done\\n")
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1][:3]


def drive(
    log: Path, call: str, terminal: str = "", *, stdin: str = "pass", child: str = CHILD
) -> subprocess.Popen[str]:
    code = DRIVER.format(call=call, stdin=stdin)
    process = subprocess.Popen(
        [PYTHON, "-c", code, child, str(log), *([terminal] if terminal else [])],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 10
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < deadline, process.communicate()
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    return process


RUN = "shell.run(child)"


@pytest.mark.parametrize(
    ("signum", "code", "heard", "text"),
    [
        (signal.SIGINT, 130, "SIGINT", "Interrupted; what was started has been stopped.\n"),
        (signal.SIGTERM, 143, "SIGTERM", "Terminated.\n"),
    ],
)
def test_a_signal_to_us_stops_the_command_once_and_cleanly(
    tmp_path: Path, signum: int, code: int, heard: str, text: str
) -> None:
    log = tmp_path / "log"
    process = drive(log, RUN)
    process.send_signal(signum)
    _, err = process.communicate(timeout=10)
    pid, *said = log.read_text().splitlines()
    assert (process.returncode, err) == (code, text)
    assert said == [heard, "done"]
    assert not alive(int(pid))


@pytest.mark.parametrize(
    "stdin",
    ["os.dup2(terminal, 0)", "pass"],
    ids=["stdin is the terminal", "stdin is /dev/null"],
)
def test_ctrl_c_on_a_terminal_reaches_the_command_once(tmp_path: Path, stdin: str) -> None:
    # A second SIGINT would make Compose kill containers in place of stopping them.
    master, slave = os.openpty()
    try:
        log = tmp_path / "log"
        # Longer than Popen.wait itself waits for a child after Ctrl-C, 0.25 s.
        slow = CHILD.replace("time.sleep(0.2)", "time.sleep(0.6)")
        process = drive(log, RUN, os.ttyname(slave), stdin=stdin, child=slow)
        os.write(master, b"\x03")
        _, err = process.communicate(timeout=10)
    finally:
        os.close(master)
        os.close(slave)
    assert process.returncode == 130, err
    assert log.read_text().splitlines()[1:] == ["SIGINT", "done"]


def test_a_command_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    stubborn = CHILD.replace("while not got:", "while True:")
    call = (
        "(setattr(sys.modules['djdock.children'], 'INTERRUPT_TIMEOUT', 0.3), shell.run(child))[1]"
    )
    process = drive(log, call, child=stubborn)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 130
    assert not alive(int(log.read_text().split()[0]))


#: A question that ends a moment after it was told to, as buildx does, which cancels its build first.
ASKED = "shell.capture(child).returncode"


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_question_that_is_interrupted_ends_cleanly(tmp_path: Path, signum: int) -> None:
    log = tmp_path / "log"
    process = drive(log, ASKED)
    process.send_signal(signum)
    process.communicate(timeout=10)
    assert process.returncode == 128 + signum
    assert log.read_text().splitlines()[1:] == ["SIGTERM", "done"]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_a_command_starts_leaves_no_process_behind(
    tmp_path: Path, signum: int
) -> None:
    log = tmp_path / "log"
    # As if the signal had come when the child was there, and Popen had not returned.
    late = (
        "(setattr(subprocess.Popen, '_sigint_wait_secs', 0), "
        "setattr(subprocess, '_execute', subprocess.Popen._execute_child), "
        "setattr(subprocess.Popen, '_execute_child', lambda *a: (subprocess._execute(*a), "
        f"time.sleep(0.5), os.kill(os.getpid(), {signum:d}))), {ASKED})[-1]"
    )
    process = drive(log, late)
    process.communicate(timeout=10)
    assert process.returncode == 128 + signum
    assert log.read_text().splitlines()[1:] == ["SIGTERM", "done"]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_process_behind(tmp_path: Path, signum: int) -> None:
    log = tmp_path / "log"
    process = drive(log, "shell.capture(child).returncode")
    process.send_signal(signum)
    process.communicate(timeout=10)
    assert process.returncode == 128 + signum
    assert not alive(int(log.read_text().split()[0]))


def test_the_signal_handler_is_ours_only_while_a_command_runs() -> None:
    before = signal.getsignal(signal.SIGTERM)
    Shell().run(python(""))
    with pytest.raises(CommandFailed):
        Shell().run(python("raise SystemExit(1)"))
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_interrupted_command_is_waited_for_as_long_as_compose_stops_services() -> None:
    # compose.yaml gives PostgreSQL 60 s, and the site 40 s.
    assert children.INTERRUPT_TIMEOUT >= 60
    assert Interrupted().exit_code == 130


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="this system has no disk that is always full"
)
def test_a_command_is_read_to_its_end_where_its_log_cannot_be_written() -> None:
    code = "import sys\nfor _ in range(20_000): print('x' * 60, file=sys.stderr)"
    seen: list[str] = []
    assert Shell().logged(python(code), Path("/dev/full"), shown=seen.append) == 0
    assert len(seen) == 20_000
