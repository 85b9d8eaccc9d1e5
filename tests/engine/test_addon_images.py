"""The add-ons' services do their work on the stand-ins, as the Compose files run them."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from addons import FOLDER, NAMES, Services, standins
from project import Project

from djdock.stack.addons import database_client, read

MARIADB, MYSQL, REDIS, VALKEY, MEMCACHED, RABBITMQ = (
    "djdock/mariadb:11",
    "djdock/mysql:9",
    "djdock/redis:8",
    "djdock/valkey:8",
    "djdock/memcached:1.6",
    "djdock/rabbitmq:4",
)

#: Of these, what is of one kind goes with one of the other.
EXCLUDING = (("mysql", "apache"), ("postgres", "postgis", "pgvector", "nginx"))

#: What a process may do at most, as the kernel has it: no capability.
NONE = "0000000000000000"


@pytest.fixture
def services(tmp_path: Path, docker: str) -> Iterator[Callable[[str], Services]]:
    """Makes a Compose project of one add-on; it is removed when the test ends."""
    made: list[Services] = []

    def make(addon: str) -> Services:
        made.append(Services(tmp_path / f"{len(made)}", docker, addon))
        return made[-1]

    yield make
    for item in made:
        item.remove()


def process(found: Services, service: str) -> tuple[str, str]:
    """The user and the effective capabilities of a service's first process."""
    status = found.sh(service, "cat /proc/1/status")
    uid = re.search(r"Uid:\s+(\d+)", status)
    capabilities = re.search(r"CapEff:\s+(\w+)", status)
    assert uid
    assert capabilities
    return uid[1], capabilities[1]


# --- the files


def test_every_compose_file_is_valid_alone_and_with_all_others(tmp_path: Path, docker: str) -> None:
    # One database, one server in front.
    most = [[name for name in NAMES if name not in left] for left in EXCLUDING]
    # An extension is nothing without the database that it needs.
    single = [",".join([*read(FOLDER, name).needs, name]) for name in NAMES]
    for number, chosen in enumerate([*single, *map(",".join, most)]):
        found = Services(tmp_path / str(number), docker, "")
        found.addon = chosen
        found.compose("config", "--quiet")
        listed = json.loads(found.compose("config", "--format", "json"))["services"]
        for name, service in listed.items():
            assert "ports" not in service or name in ("web", "nginx", "apache"), name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert service["mem_limit"], name
            assert service["pids_limit"], name
        published = [name for name, service in listed.items() if service.get("ports")]
        front = [name for name in ("nginx", "apache") if name in chosen]
        assert published == (front or ["web"])
        assert ("worker" in listed) == ("rabbitmq" in chosen)
        # It also hands the volume for media to the site's user, who exports to it.
        assert ("static" in listed) == any(
            name in chosen for name in ("nginx", "apache", "rabbitmq")
        )
        environment = listed["web"]["environment"]
        for other in {"migrate", "worker", "beat"} & {*listed}:
            for name in ("CACHE_URL", "DATABASE_HOST", "REDIS_HOST", "CELERY_BROKER_URL"):
                assert listed[other]["environment"].get(name) == environment.get(name)


# --- mysql, mariadb


#: Both, with the name of their client.
BOTH = pytest.mark.parametrize(("image", "client"), [(MARIADB, "mariadb"), (MYSQL, "mysql")])


@BOTH
def test_mysql_keeps_its_data_and_its_privileges(
    services: Callable[[str], Services], image: str, client: str
) -> None:
    found = services("mysql")
    found.images["MYSQL_IMAGE"] = image
    found.up("db")

    def sql(text: str, *, database: str = "", host: str = "127.0.0.1", check: bool = True) -> str:
        words = f"--host={host} --user=$MYSQL_USER --skip-column-names --batch {database}"
        script = f"MYSQL_PWD=$MYSQL_PASSWORD {client} {words} <<'EOSQL'\n{text}\nEOSQL"
        return found.sh("db", script, check=check)

    name = found.env["DATABASE_NAME"]
    sql("CREATE TABLE t (a varchar(5)); INSERT INTO t VALUES ('🗳️é');", database=name)
    assert "Data too long" in sql("INSERT INTO t VALUES ('123456')", database=name, check=False)
    sql(f"CREATE DATABASE test_{name}; CREATE DATABASE {name}_new; DROP DATABASE {name}_new;")
    for other in ("other", f"test{name}", f"{name}2", "mysql"):
        text = f"CREATE DATABASE IF NOT EXISTS {other}"
        assert "Access denied" in sql(text, check=False), other
    shell = database_client(FOLDER, ["mysql"], found.env)
    assert shell
    asked = found.compose("exec", "-T", shell[0], *shell[1], "--execute", "SELECT COUNT(*) FROM t")
    assert asked.split() == ["COUNT(*)", "1"]
    root = f"{client} --host=127.0.0.1 --user=root --password=$MYSQL_ROOT_PASSWORD -e 'SELECT 1'"
    assert "denied" in found.sh("db", root, check=False)
    assert "1" in found.sh("db", root.replace("127.0.0.1", "localhost"))
    assert "denied" in found.sh("db", f"{client} --user=root -e 'SELECT 1'", check=False)
    assert process(found, "db") == ("999", NONE)
    for secret in ("DATABASE_PASSWORD", "MYSQL_ROOT_PASSWORD"):
        assert found.env[secret] not in found.logs()
    assert found.stop("db") == 0
    # Another container with the same volume.
    found.compose("rm", "--force", "db")
    found.up("db")
    assert sql("SELECT a, HEX(a) FROM t", database=name) == "🗳️é\tF09F97B3EFB88FC3A9"
    assert "Initializing database files" not in found.logs()


@BOTH
def test_mysql_takes_files_scripts_and_arguments(
    engine, tmp_path: Path, image: str, client: str
) -> None:
    standins("mysql")
    (tmp_path / "password").write_text("pass 'word\\\n", encoding="utf-8")
    (tmp_path / "10.sql").write_text("CREATE TABLE a (x int); INSERT INTO a VALUES (1);")
    (tmp_path / "20.sh").write_text("docker_process_sql <<<'INSERT INTO a VALUES (2)'\n")
    tmp_path.chmod(0o755)
    name = engine.start(
        "--env", "MARIADB_RANDOM_ROOT_PASSWORD=1", "--env", "MYSQL_DATABASE=sh_op",
        "--env", "MARIADB_USER=bo'b", "--env", "MARIADB_PASSWORD_FILE=/secrets/password",
        "--volume", f"{tmp_path}:/secrets:ro",
        "--volume", f"{tmp_path}:/docker-entrypoint-initdb.d:ro", image, "--max-connections=33",
    )  # fmt: skip
    ask = ["exec", "--env", "MYSQL_PWD=pass 'word\\", name, client, "--user=bo'b"]
    ask += ["--host=127.0.0.1", "--batch", "--skip-column-names", "sh_op", "--execute"]
    engine.wait(lambda: engine.docker(*ask, "SELECT 1", check=False) == "1", seconds=60, name=name)
    assert engine.docker(*ask, "SELECT SUM(x) FROM a") == "3"
    assert engine.docker(*ask, "SELECT @@max_connections") == "33"
    log = engine.docker("logs", name)
    password = re.search(r"GENERATED ROOT PASSWORD: (\S+)", log)
    assert password
    root = ["exec", "--env", f"MYSQL_PWD={password[1]}", name, client, "--user=root", "--execute"]
    listed = engine.docker(*root, "SELECT User, Host FROM mysql.user WHERE User = 'root'")
    assert sorted(listed.split()) == ["%", "Host", "User", "localhost", "root", "root"]


@BOTH
def test_mysql_without_a_password_ends_with_1_and_a_cut_off_start_is_begun_anew(
    engine, tmp_path: Path, image: str, client: str
) -> None:
    standins("mysql")
    alone = engine.start(image)
    assert engine.docker("wait", alone) == "1"
    assert "password option is not specified" in engine.docker("logs", alone)

    (tmp_path / "10.sh").write_text(
        "docker_process_sql <<<'CREATE TABLE half (a int)'\nsleep 600\n"
    )
    tmp_path.chmod(0o755)
    words = ["--env", "MYSQL_ROOT_PASSWORD=x", "--env", "MYSQL_DATABASE=shop"]
    words += ["--volume", f"{engine.volume()}:/var/lib/mysql"]
    first = engine.start(*words, "--volume", f"{tmp_path}:/docker-entrypoint-initdb.d:ro", image)
    engine.wait(lambda: "sourcing" in engine.docker("logs", first), seconds=60, name=first)
    engine.docker("kill", first)

    def tables(name: str) -> str:
        ask = ["--host=127.0.0.1", "--user=root", "shop", "--execute", "SHOW TABLES"]
        return engine.docker("exec", "--env", "MYSQL_PWD=x", name, client, *ask, check=False)

    second = engine.start(*words, image)
    engine.wait(lambda: "ERROR" not in tables(second), seconds=60, name=second)
    assert tables(second) == ""
    assert "its first start was cut off" in engine.docker("logs", second)
    make = ["--user=root", "shop", "--execute", "CREATE TABLE kept (a int)"]
    engine.docker("exec", "--env", "MYSQL_PWD=x", second, client, *make)
    engine.docker("kill", second)
    # A finished one that was killed is never begun anew.
    third = engine.start(*words, image)
    engine.wait(lambda: "kept" in tables(third), seconds=60, name=third)


# --- redis, memcached


@pytest.mark.parametrize("image", [REDIS, VALKEY])
def test_redis_keeps_its_data_without_any_capability(
    services: Callable[[str], Services], image: str
) -> None:
    found = services("redis")
    found.images["REDIS_IMAGE"] = image
    found.up("redis")
    name = image.partition("/")[2].partition(":")[0]
    assert f"{name}_version:" in found.sh("redis", "redis-cli info server")
    assert found.sh("redis", "redis-cli set job 1 && redis-cli -n 3 set cache 2 EX 600") == "OK\nOK"
    settings = "redis-cli config get maxmemory-policy maxmemory appendonly | xargs"
    assert "maxmemory 167772160" in found.sh("redis", settings)
    assert "volatile-lru" in found.sh("redis", settings)
    assert process(found, "redis") == ("999", NONE)
    found.compose("kill", "redis")  # what was written more than a second ago is there again
    found.up("redis")
    assert found.sh("redis", "redis-cli get job") == "1"
    assert found.stop("redis") == 0
    found.compose("rm", "--force", "redis")
    found.up("redis")
    assert found.sh("redis", "redis-cli -n 3 get cache") == "2"


def test_redis_takes_flags_and_a_configuration_file_as_root_too(engine, tmp_path: Path) -> None:
    standins("redis")
    (tmp_path / "redis.conf").write_text("maxclients 99\nprotected-mode yes\n", encoding="utf-8")
    tmp_path.chmod(0o755)
    for words, name, value in (
        (["--requirepass", "x"], "protected-mode", "no"),
        (["redis-server", "/conf/redis.conf", "--requirepass", "x"], "protected-mode", "yes"),
        (["/conf/redis.conf", "--requirepass", "x"], "maxclients", "99"),
    ):
        container = engine.start("--volume", f"{tmp_path}:/conf:ro", REDIS, *words)
        ask = ["exec", "--env", "REDISCLI_AUTH=x", container, "redis-cli", "config", "get", name]
        engine.wait(lambda ask=ask: "refused" not in engine.docker(*ask, check=False))
        assert engine.docker(*ask).split() == [name, value]
        assert (
            engine.docker("exec", container, "stat", "-c", "%u", "/proc/1", "/data") == "999\n999"
        )


def test_memcached_remembers(services: Callable[[str], Services]) -> None:
    found = services("memcached")
    found.up("memcached")
    script = r"""
    exec 3<>/dev/tcp/127.0.0.1/11211
    printf 'set a 0 0 5\r\nhello\r\nget a\r\nstats settings\r\nquit\r\n' >&3; cat <&3
    """
    answer = found.sh("memcached", script)
    assert "STORED\nVALUE a 0 5\nhello" in answer.replace("\r", "")
    assert "item_size_max 4194304" in answer
    assert "STAT maxbytes 67108864" in answer
    assert process(found, "memcached") == ("11211", NONE)
    assert found.stop("memcached") == 0


# --- rabbitmq


def test_rabbitmq_keeps_what_was_declared(services: Callable[[str], Services]) -> None:
    found = services("rabbitmq")
    found.up("rabbitmq")
    user, password = "app", found.env["RABBITMQ_PASSWORD"]
    assert "Success" in found.sh("rabbitmq", f"rabbitmqctl authenticate_user {user} {password}")
    assert "guest" not in found.sh("rabbitmq", "rabbitmqctl --quiet list_users")
    found.sh("rabbitmq", "rabbitmqctl --quiet add_vhost kept")
    declare = (
        'Q = rabbit_misc:r(<<"/">>, queue, <<"jobs">>), '
        'element(1, rabbit_amqqueue:declare(Q, true, false, [], none, <<"test">>)).'
    )
    assert found.sh("rabbitmq", f"rabbitmqctl eval '{declare}'") == "new"
    log = found.compose("logs", "rabbitmq")
    assert "Memory high watermark set to 300 MiB" in log
    assert password not in log
    assert process(found, "rabbitmq") == ("999", NONE)
    assert found.stop("rabbitmq") == 0
    found.compose("rm", "--force", "rabbitmq")
    found.up("rabbitmq")
    assert "jobs" in found.sh("rabbitmq", "rabbitmqctl --quiet list_queues name durable")
    assert "kept" in found.sh("rabbitmq", "rabbitmqctl --quiet list_vhosts")


def test_rabbitmq_hands_its_volume_over_when_it_starts_as_root(engine) -> None:
    standins("rabbitmq")
    name = engine.start(
        "--env", "RABBITMQ_ERLANG_COOKIE=biscuit", "--tmpfs", "/var/lib/rabbitmq", RABBITMQ
    )
    probe = ["exec", name, "rabbitmq-diagnostics", "--quiet", "check_port_connectivity"]
    engine.wait(lambda: "Successfully" in engine.docker(*probe, check=False), seconds=90, name=name)
    script = "stat -c %u /var/lib/rabbitmq /proc/1; stat -c %a /var/lib/rabbitmq/.erlang.cookie"
    assert engine.docker("exec", name, "sh", "-c", script).split() == ["999", "999", "400"]


# --- prometheus


def test_prometheus_says_when_web_is_down_and_keeps_its_figures(
    services: Callable[[str], Services], engine
) -> None:
    found = services("prometheus")
    found.up("prometheus")

    def get(path: str) -> str:
        return found.compose(
            "exec", "-T", "prometheus", "wget", "-q", "-O", "-", f"http://127.0.0.1:9090{path}"
        )

    def value(query: str) -> str:
        result = json.loads(get(f"/api/v1/query?query={query}"))["data"]["result"]
        return str(result[0]["value"][1]) if result else ""

    up = 'up{job="prometheus"}'
    engine.wait(lambda: value(up) == "1", seconds=60)
    rules = json.loads(get("/api/v1/rules"))["data"]["groups"]
    names = [rule["name"] for group in rules for rule in group["rules"]]
    assert sorted(names) == ["ExporterDown", "ServiceDown", "WebDown"]
    engine.wait(lambda: '"state":"firing"' in get("/api/v1/alerts").replace(" ", ""), seconds=90)
    assert process(found, "prometheus") == ("65534", NONE)
    before = float(value(f"timestamp({up})"))
    assert found.stop("prometheus") == 0
    found.compose("rm", "--force", "prometheus")
    found.up("prometheus")
    assert float(value(f"min_over_time(timestamp({up})[5m:5s])")) <= before


# --- nginx, apache


@pytest.fixture(scope="module", params=["nginx", "apache"])
def site(request, tmp_path_factory: pytest.TempPathFactory, docker: str) -> Iterator[Project]:
    """The demo site, behind one of the two."""
    standins(request.param)
    project = Project.clone(tmp_path_factory.mktemp(request.param) / "site", docker)
    path = project.root / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    addons = f'[tool.djdock]\naddons = ["postgres", "{request.param}"]\n'
    path.write_text(text.replace("[tool.djdock]\n", addons, 1), encoding="utf-8")
    try:
        project.invoke("env.init").ok()
        project.set("GUNICORN_ACCESS_LOG", "-")
        project.invoke("up").ok()
        yield project
    finally:
        project.remove()


def get(url: str, data: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = urllib.request.Request(url, data=data, headers=named)
    try:
        with urllib.request.urlopen(asked, timeout=40) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def server(site: Project) -> str:
    return next(name for name in ("nginx", "apache") if f"-{name}-1" in " ".join(site.containers()))


def test_a_web_server_serves_static_files_itself_and_the_rest_from_web(site: Project) -> None:
    status, headers, page = get(f"{site.url}/", Accept_Encoding="br")
    assert (status, headers["content-encoding"]) == (200, "br")
    _, _, page = get(f"{site.url}/")
    found = re.search(rb'href="(/static/polls/site\.\w+\.css)"', page)
    assert found
    css = site.url + found[1].decode()
    kinds = {}
    for encoding in ("br", "gzip", "identity"):
        status, headers, body = get(css, Accept_Encoding=encoding)
        assert (status, headers["content-type"]) == (200, "text/css")
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        assert headers.get("content-encoding", "identity") == encoding
        kinds[encoding] = len(body)
    assert kinds["br"] < kinds["gzip"] < kinds["identity"]
    for missing in ("/static/nothing.css", "/media/nothing", "/metrics", "/static/", "/nothing"):
        assert get(f"{site.url}{missing}")[0] == 404, missing
    log = site.engine("logs", f"{site.name}-web-1")
    assert "GET / HTTP" in log
    assert "site." not in log
    # Of the site's port, there is one: web publishes none.
    ports = site.engine("ps", "--format", "{{.Names}} {{.Ports}}", "--filter", f"name={site.name}")
    assert [line.split()[0] for line in ports.splitlines() if f":{site.port}->" in line] == [
        f"{site.name}-{server(site)}-1"
    ]


def test_a_web_server_shows_uploads_and_refuses_what_is_too_large(site: Project) -> None:
    web = f"{site.name}-web-1"
    script = "open('/srv/media/a.html', 'w').write('<b>hello</b>')"
    site.engine("exec", web, "python", "-c", script)
    status, headers, body = get(f"{site.url}/media/a.html")
    assert (status, body) == (200, b"<b>hello</b>")
    assert "sandbox" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert get(f"{site.url}/polls/1/", b"x" * 21 * 1024**2)[0] == 413


def test_a_web_server_says_who_asks_and_believes_nobody_else(site: Project) -> None:
    probe = """if True:
    import http.server, json
    class Echo(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(dict(self.headers)).encode()
            self.send_response(200); self.send_header("Content-Length", str(len(body)))
            self.end_headers(); self.wfile.write(body)
    http.server.HTTPServer(("", 8000), Echo).serve_forever()
    """
    web, network = f"{site.name}-web-1", f"{site.name}_public"
    site.engine("stop", web)
    echo = f"{site.name}-echo"
    image = site.engine("inspect", "--format", "{{.Config.Image}}", web)
    words = ["run", "--detach", "--rm", "--name", echo, "--network", network]
    try:
        site.engine(*words, "--network-alias", "web", image, "python", "-c", probe)
        spoof = {"X_Forwarded_For": "6.6.6.6", "X_Forwarded_Proto": "https", "X_Real_IP": "6.6.6.6"}
        seen = {}
        for _ in range(50):  # Apache does not wait for it
            status, _, body = get(f"{site.url}/x?y=%2F", **spoof)
            time.sleep(0.1)
            if status == 200:
                seen = {name.lower(): value for name, value in json.loads(body).items()}
                break
        assert seen["host"] == f"127.0.0.1:{site.port}"
        assert seen["x-forwarded-host"] == seen["host"]
        assert seen["x-forwarded-proto"] == "http"
        assert "6.6.6.6" not in seen["x-forwarded-for"]
        assert seen["x-forwarded-for"] == seen["x-real-ip"]
        assert "," not in seen["x-forwarded-for"]
    finally:
        site.engine("rm", "--force", echo)
        site.engine("start", web)
        site.invoke("up").ok()


def test_a_web_server_has_no_capability_and_stops_gracefully(site: Project) -> None:
    name = f"{site.name}-{server(site)}-1"
    status = site.engine("exec", name, "cat", "/proc/1/status")
    assert re.search(rf"CapEff:\s+{NONE}", status)
    assert not re.search(r"Uid:\s+0\b", status)
    site.engine("stop", name)
    assert site.engine("inspect", "--format", "{{.State.ExitCode}}", name) == "0"
    site.invoke("up").ok()
    assert get(f"{site.url}/")[0] == 200


def test_requests_wait_while_web_restarts_and_none_fails(site: Project) -> None:
    if server(site) != "nginx":
        return  # Apache has no way to wait; docs say so
    web = f"{site.name}-web-1"
    for words in (["restart", web], ["kill", web]):
        done: list[int] = []
        cut: list[Exception] = []
        stop = threading.Event()

        def ask(
            done: list[int] = done,
            cut: list[Exception] = cut,
            stop: threading.Event = stop,
        ) -> None:
            while not stop.is_set():
                try:
                    done.append(get(f"{site.url}/")[0])
                except (http.client.IncompleteRead, ConnectionError) as error:
                    cut.append(error)

        with ThreadPoolExecutor(8) as pool:
            asking = [pool.submit(ask) for _ in range(8)]
            while len(done) < 100:
                time.sleep(0.01)
            site.engine(*words)
            if words[0] == "kill":
                site.engine("start", web)
            reached = len(done)
            while len(done) < reached + 100:
                time.sleep(0.01)
            stop.set()
            for one in asking:
                one.result()
        assert {*done} == {200}
        # Of web's answers that were on their way when it was killed, a part had reached the browser.
        assert len(cut) <= (8 if words[0] == "kill" else 0), cut


def test_an_update_brings_its_static_files_along_and_keeps_the_last_ones(site: Project) -> None:
    def css() -> str:
        found = re.search(rb'href="(/static/polls/site\.\w+\.css)"', get(f"{site.url}/")[2])
        assert found
        return site.url + found[1].decode()

    before = css()
    path = site.root / "src/demo/polls/static/polls/site.css"
    path.write_text(path.read_text(encoding="utf-8") + "\n/* new */\n", encoding="utf-8")
    site.invoke("up", "--build").ok()
    after = css()
    assert after != before
    log = site.engine("logs", f"{site.name}-web-1")
    for url in (before, after):
        assert get(url)[0] == 200
    assert site.engine("logs", f"{site.name}-web-1").count("site.") == log.count("site.")
