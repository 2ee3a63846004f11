"""CMessageHandler: what C gets, how long it lives, and that no Python runs for a message.

usage: c_handler_test.py SOURCE
"""
import ctypes
import gc
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import weakref

import AMPS
from gateway_process import Gateway

SOURCE = os.path.abspath(sys.argv.pop(1))
WAIT_S = 20


def wait_until(condition):
    deadline = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


class CHandlerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.folder = tempfile.TemporaryDirectory()
        library = os.path.join(cls.folder.name, "c_handler.so")
        subprocess.run(["g++", "-std=c++17", "-shared", "-fPIC", "-o", library, SOURCE, "-I", AMPS.get_include(),
                        "-L", AMPS.get_library_dir(), "-lfluxgate-amps"], check=True)
        cls.library = ctypes.CDLL(library)
        cls.library.get_seen.restype = ctypes.c_void_p
        cls.library.get_text.restype = ctypes.c_char_p

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()
        cls.folder.cleanup()

    def client(self):
        client = AMPS.Client(self.id())
        client.connect(self.gateway.uri())
        client.logon()
        self.addCleanup(client.disconnect)
        return client

    def deliver(self, handler, client=None):
        client = client or self.client()
        before = self.library.get_count()
        client.subscribe(handler, "c")
        client.publish("c", "{}")
        self.assertTrue(wait_until(lambda: self.library.get_count() > before))
        client.unsubscribe()

    def seen_for(self, user_data):
        self.deliver(AMPS.CMessageHandler(self.library.remember, user_data))
        return self.library.get_seen()

    def test_user_data(self):
        self.assertIsNone(self.seen_for(None))
        self.assertEqual(self.seen_for(7), 7)
        self.assertEqual(self.seen_for(2**40), 2**40)
        number = ctypes.c_int(5)
        self.assertEqual(self.seen_for(ctypes.byref(number)), ctypes.addressof(number))
        self.assertEqual(self.seen_for(ctypes.pointer(number)), ctypes.addressof(number))
        numbers = (ctypes.c_int * 4)()
        self.assertEqual(self.seen_for(numbers), ctypes.addressof(numbers))
        self.assertEqual(self.seen_for(ctypes.c_void_p(12)), 12)
        client = self.client()
        self.assertEqual(self.seen_for(client), client._as_parameter_.value)
        thing = object()
        self.assertEqual(self.seen_for(ctypes.py_object(thing)), id(thing))
        self.assertEqual(ctypes.wstring_at(self.seen_for("wide")), "wide")

    def test_user_data_that_does_not_fit(self):
        class Pair(ctypes.Structure):
            _fields_ = [("a", ctypes.c_int), ("b", ctypes.c_int)]

        for user_data in (1.5, Pair(), ctypes.c_double(1)):
            with self.assertRaises(TypeError):
                AMPS.CMessageHandler(self.library.remember, user_data)
        with self.assertRaises(ctypes.ArgumentError):
            AMPS.CMessageHandler(self.library.remember, {})
        with self.assertRaises(ValueError):
            AMPS.CMessageHandler(0)

    def test_user_data_is_kept(self):
        client = self.client()
        handler = AMPS.CMessageHandler(self.library.remember_text, bytes(bytearray(b"kept ")) + b"text")
        sub_id = client.subscribe(handler, "kept")
        del handler
        gc.collect()
        garbage = [bytes(9) for _ in range(1000)]
        before = self.library.get_count()
        client.publish("kept", "{}")
        self.assertTrue(wait_until(lambda: self.library.get_count() > before))
        self.assertEqual(self.library.get_text(), b"kept text")
        client.unsubscribe(sub_id)
        self.assertEqual(len(garbage), 1000)

    def test_user_data_goes_with_the_client(self):
        class Data(ctypes.Structure):
            _fields_ = [("a", ctypes.c_int)]

        data = Data()
        alive = weakref.ref(data)
        client = AMPS.Client("goes")
        client.connect(self.gateway.uri())
        client.logon()
        client.subscribe(AMPS.CMessageHandler(self.library.remember, ctypes.pointer(data)), "goes")
        del data
        gc.collect()
        self.assertIsNotNone(alive())
        del client
        gc.collect()
        self.assertIsNone(alive())

    def test_a_client_as_user_data(self):
        client = self.client()
        stream = client.subscribe("again")
        client.subscribe(AMPS.CMessageHandler(self.library.publish_again, client), "first")
        client.publish("first", '{"id":1}')
        self.assertEqual(next(stream.timeout(WAIT_S * 1000)).get_data(), '{"id":1}')

    def test_as_last_chance_handler(self):
        client = self.client()
        client.set_last_chance_message_handler(AMPS.CMessageHandler(self.library.remember, None))
        self.deliver(AMPS.CMessageHandler(self.library.remember, None), client)

    def test_what_it_throws_goes_to_the_listener(self):
        client = self.client()
        heard = []
        client.set_exception_listener(heard.append)
        client.subscribe(AMPS.CMessageHandler(self.library.throwing, None), "throwing")
        client.publish("throwing", "{}")
        self.assertTrue(wait_until(lambda: heard))
        self.assertIsInstance(heard[0], AMPS.UsageException)
        self.assertIn("thrown by C++", str(heard[0]))

    def test_no_python_runs_for_a_message(self):
        publisher = self.client()
        client = AMPS.Client("counting")
        client.connect(self.gateway.uri())
        client.logon()
        self.addCleanup(client.disconnect)
        client.subscribe(AMPS.CMessageHandler(self.library.remember, None), "many")
        before = self.library.get_count()
        for _ in range(10000):
            publisher.publish("many", "{}")
        # Keeps the interpreter's lock while it waits.
        with_lock = ctypes.PyDLL(self.library._name)
        self.assertTrue(with_lock.wait_for_count(ctypes.c_long(before + 10000)))

    def test_from_several_threads(self):
        client = self.client()
        before = self.library.get_count()
        client.subscribe(AMPS.CMessageHandler(self.library.remember, None), "several")

        def publish():
            for _ in range(1000):
                client.publish("several", "{}")

        threads = [threading.Thread(target=publish) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertTrue(wait_until(lambda: self.library.get_count() - before == 4000))


if __name__ == "__main__":
    unittest.main()
