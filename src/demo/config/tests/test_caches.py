import socket
from unittest import mock

from django.core.cache import CacheHandler
from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase, TestCase, override_settings

from config import forgiving
from config.caches import caches, shared
from config.env import Env
from config.forgiving import Circuit


def settings(**variables):
    return caches(Env(variables))["default"]


class CacheSettingsTests(SimpleTestCase):
    def test_without_a_variable_it_is_djangos_own(self):
        found = caches(Env({}))
        self.assertTrue(found["default"]["BACKEND"].endswith("LocMemCache"))
        self.assertFalse(shared(found))

    def test_redis(self):
        for variables, location in (
            ({"CACHE_URL": "redis://redis:6379/2"}, "redis://redis:6379/2"),
            ({"CACHE_URL": "valkey://v:6379/0"}, "redis://v:6379/0"),
            ({"REDIS_HOST": "r"}, "redis://r:6379/0"),
            ({"REDIS_HOST": "r", "REDIS_PORT": "1", "REDIS_DB": "3"}, "redis://r:1/3"),
            ({"REDIS_HOST": "r", "CACHE_URL": "redis://other:1/0"}, "redis://other:1/0"),
        ):
            with self.subTest(variables=variables):
                found = settings(**variables)
                self.assertEqual(found["LOCATION"], location)
                self.assertTrue(found["BACKEND"].endswith("ForgivingRedisCache"))
                self.assertTrue(shared({"default": found}))

    def test_memcached(self):
        for url, location in (("memcached://a:11212", "a:11212"), ("memcached://b", "b:11211")):
            self.assertEqual(settings(CACHE_URL=url)["LOCATION"], location)

    def test_mistakes(self):
        for variables, message in (
            ({"CACHE_URL": "http://x"}, "CACHE_URL begins with 'http'; use redis://"),
            ({"CACHE_URL": "memcached://"}, "CACHE_URL names no one server"),
            ({"REDIS_HOST": "r", "REDIS_DB": "x"}, "REDIS_DB is 'x'"),
        ):
            with self.assertRaisesMessage(ImproperlyConfigured, message):
                settings(**variables)


def away(scheme):
    """A cache whose server is not there: nobody listens at its port."""
    reserved = socket.socket()
    reserved.bind(("127.0.0.1", 0))
    url = f"{scheme}://127.0.0.1:{reserved.getsockname()[1]}"
    return reserved, CacheHandler(caches(Env({"CACHE_URL": url})))["default"]


class AwayTests(SimpleTestCase):
    def setUp(self):
        for backend in (forgiving.ForgivingRedisCache, forgiving.ForgivingMemcache):
            patch = mock.patch.object(backend, "circuit", Circuit())
            patch.start()
            self.addCleanup(patch.stop)

    def test_all_that_can_be_asked_is_a_miss_and_said_once(self):
        for scheme in ("redis", "memcached"):
            reserved, cache = away(scheme)
            with (
                self.subTest(scheme=scheme),
                reserved,
                mock.patch.object(forgiving, "PAUSE", 0),
                self.assertLogs("config.forgiving") as logs,
            ):
                self.assertIsNone(cache.get("k"))
                self.assertEqual(cache.get("k", 7), 7)
                cache.set("k", 1)
                self.assertFalse(cache.add("k", 1))
                self.assertFalse(cache.touch("k"))
                self.assertFalse(cache.delete("k"))
                self.assertEqual(cache.get_many(["k"]), {})
                self.assertEqual(cache.set_many({"k": 1}), ["k"])
                cache.delete_many(["k"])
                self.assertFalse(cache.has_key("k"))
                self.assertNotIn("k", cache)
                self.assertEqual(cache.get_or_set("k", 5), 5)
                with self.assertRaises(ValueError):
                    cache.incr("k")
                cache.clear()
            self.assertEqual([record.levelname for record in logs.records], ["WARNING"])

    def test_it_is_left_alone_for_a_while_and_its_return_is_said(self):
        reserved, cache = away("redis")
        with reserved, self.assertLogs("config.forgiving") as logs:
            cache.get("k")
            with mock.patch.object(cache.__class__.__mro__[2], "get") as asked:
                cache.get("k")
                self.assertEqual(asked.call_count, 0)
                cache.circuit.closed_until = 0
                cache.get("k")
                self.assertEqual(asked.call_count, 1)
        self.assertEqual(logs.records[-1].getMessage(), "the cache is back")


class SessionTests(TestCase):
    def test_who_is_logged_in_stays_so_while_the_cache_is_away(self):
        from django.contrib.auth import get_user_model

        reserved = socket.socket()
        reserved.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{reserved.getsockname()[1]}/0"
        with (
            reserved,
            mock.patch.object(forgiving.ForgivingRedisCache, "circuit", Circuit()),
            override_settings(
                CACHES=caches(Env({"CACHE_URL": url})),
                SESSION_ENGINE="django.contrib.sessions.backends.cached_db",
            ),
            self.assertLogs("config.forgiving"),
        ):
            self.client.force_login(get_user_model().objects.create_superuser("admin"))
            self.assertEqual(self.client.get("/admin/").status_code, 200)
