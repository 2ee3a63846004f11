"""The wheel: what is in it, and that pip takes it without a network.

usage: wheel_test.py WHEEL
"""
import base64
import csv
import hashlib
import inspect
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile

import AMPS

WHEEL = pathlib.Path(sys.argv.pop(1)).absolute()


class WheelTest(unittest.TestCase):
    def test_record(self):
        wheel = zipfile.ZipFile(WHEEL)
        names = wheel.namelist()
        [record] = [name for name in names if name.endswith(".dist-info/RECORD")]
        rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(wheel.read(record).decode()))}
        self.assertEqual(sorted(rows), sorted(names))
        for name, (digest, size) in rows.items():
            if name == record:
                continue
            data = wheel.read(name)
            self.assertEqual(int(size), len(data))
            self.assertEqual(digest, "sha256=" + base64.urlsafe_b64encode(
                hashlib.sha256(data).digest()).decode().rstrip("="))
        for wanted in ("AMPS/__init__.py", "AMPS/__init__.pyi", "AMPS/py.typed", "AMPS/libfluxgate-amps.so",
                       "AMPS/include/amps/amps.h", "AMPS/include/amps/client.h"):
            self.assertIn(wanted, names)

    def test_the_library_needs_only_the_system(self):
        allowed = {"libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6", "ld-linux-x86-64.so.2",
                   "libfluxgate-amps.so"}
        folder = pathlib.Path(AMPS.get_library_dir())
        libraries = list(folder.glob("*.so"))
        self.assertEqual(len(libraries), 2)
        for library in libraries:
            dynamic = subprocess.run(["readelf", "-d", library], stdout=subprocess.PIPE, text=True, check=True).stdout
            self.assertLessEqual(set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)), allowed)
        self.assertIn("(SONAME)", dynamic if "fluxgate" in str(library) else subprocess.run(
            ["readelf", "-d", folder / "libfluxgate-amps.so"], stdout=subprocess.PIPE, text=True).stdout)

    def test_pip(self):
        with tempfile.TemporaryDirectory() as directory:
            environment = {"PATH": "/usr/bin:/bin"}

            def run(*command):
                done = subprocess.run(command, cwd=directory, env=environment, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True)
                self.assertEqual(done.returncode, 0, done.stdout)
                return done.stdout

            run("/usr/bin/python3", "-m", "venv", "venv")
            python = os.path.join(directory, "venv/bin/python")
            pip = (python, "-m", "pip", "--disable-pip-version-check")
            run(*pip, "install", "--no-index", WHEEL)
            self.assertIn("Name: fluxgate-amps", run(*pip, "show", "fluxgate-amps"))
            run(*pip, "check")
            include = run(python, "-c", "import AMPS; AMPS.HAClient('a'); print(AMPS.get_include())").strip()
            self.assertTrue(include.startswith(directory))
            self.assertTrue(os.path.exists(include + "/amps/amps.h"))
            run(*pip, "uninstall", "-y", "fluxgate-amps")
            self.assertFalse(os.path.exists(include))


class DocumentedTest(unittest.TestCase):
    """Stubs and docstrings say the same as the module."""

    STUBS = (pathlib.Path(AMPS.__file__).parent / "__init__.pyi").read_text()

    def members(self, name):
        body = re.search(r"^class %s\b[^\n]*:\n(.*?)(?=^\S)" % name, self.STUBS + "\n#", re.M | re.S)
        return set(re.findall(r"^    def (\w+)", body.group(1), re.M)) if body else set()

    def test_every_class_and_method_has_a_stub(self):
        for name, value in vars(AMPS).items():
            if name.startswith("_"):
                continue
            self.assertRegex(self.STUBS, r"(?m)^(class|def) %s\b" % name)
            if not inspect.isclass(value) or issubclass(value, Exception):
                continue
            own = {method for method, function in vars(value).items()
                   if callable(function) and not method.startswith("_") and not inspect.isclass(function)}
            self.assertEqual(own, {method for method in self.members(name) if not method.startswith("_")}, name)

    def test_exceptions_are_those_of_the_headers(self):
        header = pathlib.Path(AMPS.get_include(), "amps/exceptions.h").read_text()
        named = re.findall(r"^AMPS_EXCEPTION\((\w+), (\w+)\);", header, re.M)
        self.assertGreater(len(named), 20)
        for name, base in named:
            self.assertIs(getattr(AMPS, name).__base__, getattr(AMPS, base), name)
        self.assertIs(AMPS.AMPSException.__base__, Exception)

    def test_docstrings(self):
        for value in (AMPS, AMPS.Client, AMPS.HAClient, AMPS.Message, AMPS.MessageStream, AMPS.CMessageHandler,
                      AMPS.Client.subscribe, AMPS.Client.publish, AMPS.ssl_init, AMPS.AMPSException):
            self.assertTrue(value.__doc__.strip(), value)

    def test_the_stubs_can_be_read(self):
        compile(self.STUBS, "__init__.pyi", "exec")


if __name__ == "__main__":
    unittest.main()
