import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import RequestFactory, SimpleTestCase, TestCase, override_settings

from config.metrics import MetricsMiddleware


def middleware(get_response=lambda request: HttpResponse(), *, port=""):
    with mock.patch.dict(os.environ, {"METRICS": "True", "METRICS_PORT": port}):
        return MetricsMiddleware(get_response)


class MetricsTests(SimpleTestCase):
    def test_it_is_used_only_when_asked_for(self):
        with mock.patch.dict(os.environ, {"METRICS": ""}), self.assertRaises(MiddlewareNotUsed):
            MetricsMiddleware(lambda request: None)

    @override_settings(ALLOWED_HOSTS=["example.org"])
    def test_prometheus_asks_by_address(self):
        response = middleware()(RequestFactory().get("/metrics", headers={"host": "10.0.0.7:8000"}))
        self.assertEqual(response.status_code, 200)
        self.assertIn(b"# TYPE django_http_requests_total counter", response.content)

    def test_who_comes_through_a_proxy_gets_none(self):
        for header in ("x-forwarded-for", "x-real-ip", "forwarded"):
            request = RequestFactory().get("/metrics", headers={header: "192.0.2.1"})
            self.assertEqual(middleware()(request).status_code, 404)

    def test_the_port_that_is_published_says_nothing_of_them(self):
        for port, status in (("80", 404), ("8001", 200)):
            request = RequestFactory().get("/metrics", SERVER_PORT=port)
            self.assertEqual(middleware(port="8001")(request).status_code, status)

    def test_only_to_be_read(self):
        self.assertEqual(middleware()(RequestFactory().post("/metrics")).status_code, 405)


class CountingTests(TestCase):
    def test_requests_by_view_method_and_status_with_how_long_they_took(self):
        with mock.patch.dict(os.environ, {"METRICS": "True"}), TemporaryDirectory() as folder:
            # A process of its own: prometheus_client reads its environment once.
            code = (
                "import django; django.setup()\n"
                "from django.test import Client\n"
                "c = Client(raise_request_exception=False)\n"
                "c.get('/admin/login/'); c.get('/nothing/'); c.generic('BREW', '/nothing/')\n"
                "print(c.get('/metrics').content.decode())\n"
            )
            env = {
                **{k: v for k, v in os.environ.items() if not k.endswith("_FILE")},
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "DJANGO_SECRET_KEY": "x" * 50,
                "DJANGO_ALLOWED_HOSTS": "testserver",
                "DATABASE_ENGINE": "sqlite3", "DATABASE_NAME": ":memory:", "DATABASE_HOST": "",
                "DEBUG": "1",
                "METRICS_PORT": "",
                "PROMETHEUS_MULTIPROC_DIR": folder,
            }  # fmt: skip
            done = subprocess.run(
                [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=env,
                capture_output=True, text=True, timeout=60,
            )  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(list(Path(folder).glob("*.db")))
        for line in (
            'django_http_requests_total{method="GET",status="200",view="admin:login"} 1.0',
            'django_http_requests_total{method="GET",status="404",view="none"} 1.0',
            'django_http_requests_total{method="other",status="404",view="none"} 1.0',
            'django_http_request_duration_seconds_count{view="admin:login"} 1.0',
        ):
            self.assertIn(line, done.stdout)
