"""TLS, and the library that it comes from."""
import os
import subprocess
import sys
import tempfile
import unittest

import AMPS
from gateway_process import Gateway

WRITE_CERTIFICATES = os.path.abspath(sys.argv.pop(1))
FILES = tempfile.mkdtemp()


def transport(name, more=""):
    return """<Transport><Name>%s</Name><Type>tcps</Type><InetAddr>127.0.0.1:0</InetAddr>
      <Protocol>amps</Protocol><MessageType>json</MessageType>
      <Certificate>%s/server.pem</Certificate><PrivateKey>%s/server.key</PrivateKey>%s</Transport>
    """ % (name, FILES, FILES, more)


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run([WRITE_CERTIFICATES, FILES], check=True)
        cls.gateway = Gateway(transport("tls") + transport(
            "tls-client", "<VerifyClient>required</VerifyClient><CAFile>%s/ca.pem</CAFile>" % FILES))

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def connect(self, options, name="tls", host="localhost"):
        client = AMPS.Client("tls")
        uri = self.gateway.uri(name).replace("127.0.0.1", host)
        client.connect(uri + "?" + options.replace("FILES", FILES))
        client.logon(10000)
        self.addCleanup(client.disconnect)
        return client

    def test_publish_and_subscribe(self):
        seen = []
        client = AMPS.Client("tls")
        client.set_transport_filter(lambda data, direction: seen.append(data))
        client.connect(self.gateway.uri("tls").replace("127.0.0.1", "localhost") + "?ca_file=%s/ca.pem" % FILES)
        client.logon()
        stream = client.subscribe("secret")
        client.publish("secret", '{"a":1}')
        self.assertEqual(next(stream.timeout(10000)).get_data(), '{"a":1}')
        client.disconnect()
        self.assertTrue(any(b'{"a":1}' in data for data in seen))  # the filter sees no TLS

    def test_the_server_is_verified(self):
        for options, host in (("", "localhost"), ("ca_file=FILES/other.pem", "localhost"),
                              ("ca_file=FILES/ca.pem", "127.0.0.1")):
            with self.subTest(options=options, host=host), self.assertRaises(AMPS.ConnectionException):
                self.connect(options, host=host)

    def test_a_client_certificate(self):
        self.connect("ca_file=FILES/ca.pem&certificate=FILES/client.pem&private_key=FILES/client.key",
                     "tls-client").publish_flush()
        with self.assertRaises(AMPS.AMPSException):
            self.connect("ca_file=FILES/ca.pem", "tls-client")

    def test_files_that_are_not_there(self):
        with self.assertRaisesRegex(AMPS.ConnectionException, "missing.pem"):
            self.connect("ca_file=FILES/missing.pem")


class SslInitTest(unittest.TestCase):
    """Each in a process of its own: a library is loaded once."""

    def python(self, text):
        done = subprocess.run([sys.executable, "-c", "import AMPS\n" + text], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60)
        return done.returncode, done.stdout

    def raises(self, library):
        status, said = self.python("""
try:
    AMPS.ssl_init(%r)
    print("loaded")
except AMPS.SslException as error:
    assert isinstance(error, AMPS.AMPSException)
    print("SslException", error)
""" % library)
        self.assertEqual(status, 0, said)
        return said

    def test_the_systems(self):
        self.assertEqual(self.raises("libssl.so.3"), "loaded\n")

    def test_by_its_path(self):
        self.assertEqual(self.raises("/usr/lib/x86_64-linux-gnu/libssl.so.3"), "loaded\n")

    def test_a_file_that_is_not_there(self):
        said = self.raises("/opt/mycorp/trusted/vetted_ssl.so")
        self.assertIn("SslException", said)
        self.assertIn("/opt/mycorp/trusted/vetted_ssl.so", said)

    def test_a_library_that_is_another(self):
        self.assertRegex(self.raises("libm.so.6"), "SslException.*libm.so.6")

    def test_a_file_that_is_no_library(self):
        with tempfile.NamedTemporaryFile(suffix=".so") as file:
            file.write(b"not a library")
            file.flush()
            self.assertIn("SslException", self.raises(file.name))


if __name__ == "__main__":
    unittest.main()
