"""The programs of the seed documents, with the wheel installed as users do: nothing is changed but
addresses, and what Python 3 asks for. The files say what.

usage: seeds_test.py WHEEL WRITE_CERTIFICATES FOLDER_OF_PROGRAMS
"""
import ctypes.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import AMPS
from gateway_process import Gateway

WHEEL, WRITE_CERTIFICATES, PROGRAMS = (pathlib.Path(path).absolute() for path in sys.argv[1:4])
del sys.argv[1:4]
WORK = pathlib.Path(tempfile.mkdtemp(prefix="seeds-"))
WAIT_MS = 20000


def run(command, **more):
    done = subprocess.run([str(part) for part in command], cwd=WORK, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120, check=False, **more)
    if done.returncode != 0:
        raise AssertionError("%s: status %d\n%s" % (command, done.returncode, done.stdout))
    return done.stdout


class SeedsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Neither $PYTHONPATH nor a network: the wheel is all there is.
        cls.environment = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": str(WORK)}
        run(["/usr/bin/python3", "-m", "venv", WORK / "venv"], env=cls.environment)
        cls.python = WORK / "venv/bin/python"
        run([cls.python, "-m", "pip", "install", "--no-index", "--disable-pip-version-check", WHEEL],
            env=cls.environment)
        run([WRITE_CERTIFICATES, WORK])
        cls.gateway = Gateway(
            "<Transport><Name>tls</Name><Type>tcps</Type><InetAddr>127.0.0.1:0</InetAddr>"
            "<Protocol>amps</Protocol><MessageType>json</MessageType>"
            "<Certificate>%s/server.pem</Certificate><PrivateKey>%s/server.key</PrivateKey></Transport>"
            % (WORK, WORK))
        flags = [run([cls.python, "-c", "import AMPS; print(AMPS.%s())" % which],
                     env=cls.environment).strip() for which in ("get_include", "get_library_dir")]
        for source, library in (("my_message_handler.cc", "libmymessagehandler.so"), ("module.cc", "module.so")):
            copied = WORK / source
            copied.write_text(cls.localize((PROGRAMS / source).read_text()))
            run(["g++", "-std=c++17", "-shared", "-fPIC", "-o", WORK / library, copied, "-I", flags[0],
                 "-L", flags[1], "-lfluxgate-amps", "-Wl,-z,defs", "-Wl,-rpath," + flags[1]])
        cls.observer = AMPS.Client("observer")
        cls.observer.connect(cls.gateway.uri())
        cls.observer.logon()

    @classmethod
    def tearDownClass(cls):
        cls.observer.disconnect()
        cls.gateway.close()
        shutil.rmtree(WORK)

    @classmethod
    def localize(cls, text):
        port = {name: address.rsplit(":", 1)[1] for name, address in cls.gateway.addresses.items()
                if ":" in address}
        text = text.replace(":9007", ":" + port["tcp"]).replace("[::1]:9006", "[::1]:" + port["ipv6"])
        text = text.replace("/tmp/fluxgate.sock", cls.gateway.directory + "/socket")
        return text.replace("localhost:9008/amps/json",
                            "localhost:%s/amps/json?ca_file=%s/ca.pem" % (port["tls"], WORK))

    def program(self, name, adjust=lambda text: text):
        text = self.localize((PROGRAMS / name).read_text())
        (WORK / name).write_text(adjust(text))
        return run([self.python, WORK / name], env=self.environment)

    def messages(self, stream, count):
        return [message.get_data() for _, message in zip(range(count), stream.wait_at_most(WAIT_MS))]

    def test_first_program(self):
        stream = self.observer.subscribe("messages")
        self.program("first_program.py")
        self.assertEqual(self.messages(stream, 1), ['{ "hi" : "Hello, world!"}'])
        stream.close()

    def test_first_program_without_a_gateway(self):
        with self.assertRaisesRegex(AssertionError, "status 1\n"):
            self.program("first_program.py",
                         lambda text: text.replace(":%d" % self.gateway.port, ":1"))

    def test_connection_strings(self):
        self.program("connection_strings.py")

    def test_message_handler(self):
        self.assertEqual(self.program("message_handler.py"), 'user data: {"id":1}\nuser data: {"id":2}\n')

    def test_publish_data(self):
        stream = self.observer.subscribe("my_topic")
        self.program("publish_data.py")
        self.assertEqual(self.messages(stream, 2), ["some_data", "more_data"])
        stream.close()

    def test_vector_publish(self):
        stream = self.observer.subscribe("topic")
        self.program("vector_publish.py")
        self.assertEqual(self.messages(stream, 4),
                         ['{"data": %d, "string_data": "string_data"}' % number for number in range(1, 5)])
        stream.close()

    def test_server_chooser(self):
        stream = self.observer.subscribe("my_topic")
        self.program("server_chooser.py")
        self.assertEqual(self.messages(stream, 1), ['{"by":"HAClient"}'])
        stream.close()

    def test_transport_filter(self):
        printed = self.program("transport_filter.py")
        self.assertRegex(printed, r"OUTGOINGG ---> b'.*logon")
        self.assertRegex(printed, r"INCOMING ---> b'.*ack")
        self.assertIn('{"seen":true}', printed)

    def test_ssl_init(self):
        there = ctypes.util.find_library("ssl")
        stream = self.observer.subscribe("my_topic")
        self.program("ssl_init.py", lambda text: text.replace("/opt/mycorp/trusted/vetted_ssl.so", there))
        self.assertEqual(self.messages(stream, 1), ['{"over":"tcps"}'])
        stream.close()

    def test_ssl_init_of_a_file_that_is_not_there(self):
        with self.assertRaisesRegex(AssertionError, "SslException.*/opt/mycorp/trusted/vetted_ssl.so"):
            self.program("ssl_init.py")


if __name__ == "__main__":
    unittest.main()
