from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from config.env import Env


class EnvTests(SimpleTestCase):
    def assert_refused(self, message):
        return self.assertRaisesMessage(ImproperlyConfigured, message)

    def test_boolean(self):
        for expected, values in {
            True: ("true", "True", "TRUE", "1", "yes", "on", " On "),
            False: ("false", "False", "0", "no", "NO", "off", "\toff\n"),
        }.items():
            for value in values:
                with self.subTest(value=value):
                    self.assertIs(Env({"X": value}).boolean("X", not expected), expected)

    def test_boolean_unset_or_empty_is_the_default(self):
        for variables in ({}, {"X": ""}, {"X": "  "}):
            self.assertIs(Env(variables).boolean("X"), False)
            self.assertIs(Env(variables).boolean("X", True), True)

    def test_boolean_refuses_anything_else(self):
        for value in ("2", "maybe", "flase", "-1", "y", "none"):
            message = f"X is {value!r}; use one of true, 1, yes, on or false, 0, no, off."
            with self.subTest(value=value), self.assert_refused(message):
                Env({"X": value}).boolean("X")

    def test_integer(self):
        self.assertEqual(Env({"X": " 5433 "}).integer("X", 1, 1, 65535), 5433)
        self.assertEqual(Env({"X": ""}).integer("X", 7, 1, 65535), 7)
        for value in ("0", "65536", "-1", "54x", "5.4", "0x10", "٣"):
            message = f"X is {value!r}; use a whole number from 1 to 65535."
            with self.subTest(value=value), self.assert_refused(message):
                Env({"X": value}).integer("X", 1, 1, 65535)

    def test_choice(self):
        self.assertEqual(Env({"X": "INFO"}).choice("X", "a", ["info", "debug"]), "info")
        self.assertEqual(Env({}).choice("X", "debug", ["info", "debug"]), "debug")
        with self.assert_refused("X is 'loud'; use one of info, debug."):
            Env({"X": "loud"}).choice("X", "info", ["info", "debug"])

    def test_words(self):
        for value, expected in {
            "a,b": ["a", "b"],
            " a , b ,": ["a", "b"],
            "a": ["a"],
            "": ["default"],
            " , ": ["default"],
        }.items():
            with self.subTest(value=value):
                self.assertEqual(Env({"X": value}).words("X", ["default"]), expected)
        self.assertEqual(Env({}).words("X"), [])


class SecretTests(SimpleTestCase):
    def setUp(self):
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name, "secret")

    def secret(self, content):
        self.path.write_bytes(content)
        return Env({"KEY_FILE": str(self.path)}).secret("KEY")

    def test_from_the_variable(self):
        self.assertEqual(
            Env({"KEY": " spaces are part of it "}).secret("KEY"), " spaces are part of it "
        )
        self.assertEqual(Env({}).secret("KEY"), "")

    def test_from_the_file_without_its_last_line_break(self):
        for content in (b"s3cret", b"s3cret\n", b"s3cret\r\n"):
            self.assertEqual(self.secret(content), "s3cret")
        self.assertEqual(self.secret(b" s3 cret \n"), " s3 cret ")

    def test_an_empty_file_variable_counts_as_unset(self):
        self.assertEqual(Env({"KEY": "x", "KEY_FILE": ""}).secret("KEY"), "x")

    def test_mistakes_name_the_variable_and_never_the_value(self):
        self.path.write_text("from-file")
        both = {"KEY": "from-variable", "KEY_FILE": str(self.path)}
        missing = {"KEY_FILE": f"{self.path}.missing"}
        directory = {"KEY_FILE": str(self.path.parent)}
        for variables, message in (
            (both, "KEY and KEY_FILE are both set; set only one."),
            (missing, f"KEY_FILE names {self.path}.missing, which cannot be read: No such file"),
            (directory, f"KEY_FILE names {self.path.parent}, which cannot be read: Is a directory"),
        ):
            with self.subTest(message=message):
                with self.assertRaisesMessage(ImproperlyConfigured, message) as caught:
                    Env(variables).secret("KEY")
                self.assertNotIn("from-", str(caught.exception))
        with self.assertRaisesMessage(ImproperlyConfigured, "which is empty."):
            self.secret(b"\n")
        with self.assertRaisesMessage(ImproperlyConfigured, "it is not UTF-8 text"):
            self.secret(b"\xff\xfe")
