"""HAClient: choosers, delays and stores, of the library and in Python."""
import os
import tempfile
import threading
import time
import unittest
import weakref

import AMPS
from gateway_process import Gateway

WAIT_S = 30


def wait_until(condition):
    deadline = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


class ListChooser(AMPS.ServerChooser):
    def __init__(self, uris):
        super().__init__()
        self.uris = uris
        self.failures = []
        self.successes = 0

    def get_current_uri(self):
        return self.uris[0] if self.uris else None

    def report_failure(self, error):
        self.failures.append(error)
        self.uris.append(self.uris.pop(0))

    def report_success(self):
        self.successes += 1

    def get_error(self):
        return "none is left" if not self.uris else ""


class CountedDelay(AMPS.DelayStrategy):
    def __init__(self):
        super().__init__()
        self.asked = []

    def get_connect_wait_duration(self, uri):
        self.asked.append(uri)
        return 5

    def reset(self):
        self.asked.clear()


class ListStore(AMPS.Store):
    """A publish store in Python."""

    def __init__(self):
        super().__init__()
        self.frames = {}
        self.last = 0
        self.stored = 0
        self.changed = threading.Condition()

    def store(self, sequence, frame):
        with self.changed:
            self.frames[sequence] = frame
            self.last = max(self.last, sequence)
            self.stored += 1

    def discard_up_to(self, sequence):
        with self.changed:
            self.frames = {s: f for s, f in self.frames.items() if s > sequence}
            self.last = max(self.last, sequence)
            self.changed.notify_all()

    def replay(self, replayer):
        for sequence, frame in sorted(self.frames.items()):
            if not replayer(sequence, frame):
                break

    def find(self, sequence):
        return self.frames.get(sequence)

    def get_last_sequence(self):
        return self.last

    def get_lowest_unpersisted(self):
        return min(self.frames, default=0)

    def unpersisted_count(self):
        return len(self.frames)

    def bytes(self):
        return sum(map(len, self.frames.values()))

    def flush(self, timeout=0):
        with self.changed:
            return self.changed.wait_for(lambda: not self.frames, timeout / 1000 if timeout else None)


class HATest(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.addCleanup(self.gateway.close)

    def client(self, client, chooser=None):
        client.set_server_chooser(chooser or AMPS.DefaultServerChooser([self.gateway.uri()]))
        client.set_delay_strategy(AMPS.FixedDelayStrategy(20))
        client.connect_and_logon()
        self.addCleanup(client.disconnect)
        return client

    def test_subscriptions_are_put_back(self):
        client = self.client(AMPS.HAClient("back"))
        got = []
        client.subscribe(lambda message: got.append(message.get_data()), "back")
        client.publish("back", '{"id":1}')
        self.assertTrue(wait_until(lambda: len(got) == 1))
        self.gateway.kill()
        self.gateway.start()
        self.assertTrue(wait_until(client.is_connected))

        def again():
            client.publish("back", '{"id":2}')
            time.sleep(0.05)
            return '{"id":2}' in got

        self.assertTrue(wait_until(again))

    def test_publishes_are_sent_again(self):
        for kind in ("memory", "file", "python"):
            with self.subTest(kind=kind), tempfile.TemporaryDirectory() as directory:
                if kind == "memory":
                    client = AMPS.HAClient.create_memory_backed("memory")
                    self.assertEqual(client.get_publish_store().unpersisted_count(), 0)
                elif kind == "file":
                    client = AMPS.HAClient.create_file_backed(
                        "file", os.path.join(directory, "publishes"), os.path.join(directory, "bookmarks"))
                else:
                    client = AMPS.HAClient("python")
                    store = ListStore()
                    client.set_publish_store(store)
                    self.assertIs(client.get_publish_store(), store)
                self.client(client)
                for number in range(10):
                    client.publish("state/" + kind, '{"id":%d}' % number)
                client.publish_flush(WAIT_S * 1000)
                self.gateway.kill()
                for number in range(10, 20):
                    client.publish("state/" + kind, '{"id":%d}' % number)
                self.assertGreaterEqual(client.get_unpersisted_count(), 10)
                self.gateway.start()
                self.assertTrue(wait_until(client.is_connected))
                client.publish_flush(WAIT_S * 1000)
                records = [m for m in client.sow("state/" + kind, "/id >= 10") if m.get_command() == "sow"]
                self.assertEqual(len(records), 10)
                client.disconnect()

    def test_chooser_and_delay_in_python(self):
        chooser = ListChooser(["tcp://127.0.0.1:1/amps/json", self.gateway.uri()])
        delay = CountedDelay()
        client = AMPS.HAClient("chooser")
        client.set_server_chooser(chooser)
        client.set_delay_strategy(delay)
        client.connect_and_logon()
        self.assertIs(client.get_server_chooser(), chooser)
        self.assertEqual(chooser.successes, 1)
        self.assertEqual(len(chooser.failures), 1)
        self.assertIn("tcp://127.0.0.1:1/amps/json", delay.asked)
        client.disconnect()

    def test_what_a_client_was_asked_for_outlives_its_replacement(self):
        client = AMPS.HAClient.create_memory_backed("replaced")
        publishes, bookmarks = client.get_publish_store(), client.get_bookmark_store()
        chooser = client.get_server_chooser()
        self.assertIs(client.get_publish_store(), publishes)
        self.assertIsInstance(publishes, AMPS.MemoryPublishStore)
        self.assertIsInstance(chooser, AMPS.DefaultServerChooser)
        publishes.store(1, b"frame")
        bookmarks.log("a", "1|1|")
        chooser.add("tcp://127.0.0.1:1/amps/json")
        for _ in range(2):
            client.set_publish_store(AMPS.MemoryPublishStore())
            client.set_bookmark_store(AMPS.MemoryBookmarkStore())
            client.set_server_chooser(AMPS.DefaultServerChooser())
            self.assertIsNot(client.get_publish_store(), publishes)
        del client
        self.assertEqual(publishes.find(1), b"frame")
        self.assertEqual(bookmarks.undiscarded_count("a"), 1)
        self.assertEqual(chooser.get_current_uri(), "tcp://127.0.0.1:1/amps/json")

    def test_a_store_that_nobody_has_any_more_is_closed(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "publishes")
            client = AMPS.HAClient.create_file_backed("closed", path, os.path.join(directory, "bookmarks"))
            store = client.get_publish_store()
            client.set_publish_store(None)
            self.assertIsNone(client.get_publish_store())
            with self.assertRaises(AMPS.StoreException):
                AMPS.PublishStore(path)  # locked
            del store
            AMPS.PublishStore(path)

    def test_what_was_made_in_python_comes_back(self):
        client = AMPS.HAClient("comes-back")
        for kind in (ListStore, AMPS.MemoryPublishStore):
            store = kind()
            gone = weakref.ref(store)
            client.set_publish_store(store)
            self.assertIs(client.get_publish_store(), store)
            del store
            self.assertIs(client.get_publish_store(), gone())
            client.set_publish_store(None)
            self.assertIsNone(gone())

    def test_setters_take_nothing_else(self):
        client = AMPS.HAClient("setters")
        chooser = AMPS.DefaultServerChooser([self.gateway.uri()])
        client.set_server_chooser(chooser)
        for wrong, name in ((None, "NoneType"), (7, "int"), (AMPS.MemoryPublishStore(), "MemoryPublishStore")):
            with self.assertRaisesRegex(TypeError, "ServerChooser wanted, not .*" + name):
                client.set_server_chooser(wrong)
            with self.assertRaisesRegex(TypeError, "DelayStrategy wanted, not .*" + name):
                client.set_delay_strategy(wrong)
        for setter in (client.set_publish_store, client.set_bookmark_store, chooser.set_authenticator):
            with self.assertRaisesRegex(TypeError, "wanted, not int"):
                setter(7)
            setter(None)
        for setter in (client.set_disconnect_handler, client.set_last_chance_message_handler,
                       client.set_failed_write_handler, client.set_exception_listener,
                       client.set_transport_filter):
            with self.assertRaisesRegex(TypeError, "callable"):
                setter(7)
            setter(None)
        client.connect_and_logon()
        client.publish_flush(10000)
        client.disconnect()

    def test_kept_alive_by_the_client_alone(self):
        client = AMPS.HAClient("alive")
        client.set_server_chooser(ListChooser([self.gateway.uri()]))
        client.set_delay_strategy(CountedDelay())
        client.connect_and_logon()
        client.publish("alive", "{}")
        client.disconnect()

    def test_no_server_left(self):
        client = AMPS.HAClient("none")
        client.set_server_chooser(ListChooser([]))
        with self.assertRaisesRegex(AMPS.ConnectionException, "none is left"):
            client.connect_and_logon()

    def test_what_a_chooser_raises(self):
        class Raising(ListChooser):
            def get_current_uri(self):
                raise LookupError("no directory")

        client = AMPS.HAClient("raising")
        client.set_server_chooser(Raising([]))
        with self.assertRaises((LookupError, AMPS.ConnectionException)) as raised:
            client.connect_and_logon()
        self.assertIn("no directory", str(raised.exception))

    def test_a_method_that_is_missing(self):
        client = AMPS.HAClient("missing")
        client.set_server_chooser(AMPS.ServerChooser())
        with self.assertRaises((NotImplementedError, AMPS.ConnectionException)) as raised:
            client.connect_and_logon()
        self.assertIn("get_current_uri", str(raised.exception))

    def test_delay_gives_up(self):
        client = AMPS.HAClient("gives-up")
        client.set_server_chooser(AMPS.DefaultServerChooser().add("tcp://127.0.0.1:1/amps/json"))
        client.set_delay_strategy(AMPS.ExponentialDelayStrategy(initial_ms=5, maximum_delay_ms=20,
                                                                maximum_ms=200))
        with self.assertRaises(AMPS.ConnectionException):
            client.connect_and_logon()


class StoreTest(unittest.TestCase):
    def test_publish_stores(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "store")
            for store in (AMPS.MemoryPublishStore(), AMPS.PublishStore(path, sync=True)):
                for sequence in (1, 2, 3):
                    store.store(sequence, b"frame %d" % sequence)
                store.discard_up_to(1)
                replayed = []
                store.replay(lambda sequence, frame: replayed.append((sequence, frame)) is None)
                self.assertEqual(replayed, [(2, b"frame 2"), (3, b"frame 3")])
                self.assertEqual(store.find(2), b"frame 2")
                self.assertIsNone(store.find(1))
                self.assertEqual(store.get_last_sequence(), 3)
                self.assertEqual(store.get_lowest_unpersisted(), 2)
                self.assertEqual(store.unpersisted_count(), 2)
                self.assertGreater(store.bytes(), 0)
                self.assertFalse(store.flush(10))
            with self.assertRaises(AMPS.StoreException):
                AMPS.PublishStore(path)  # locked
            with self.assertRaises(AMPS.StoreException):
                AMPS.PublishStore(os.path.join(directory, "missing", "store"))

    def test_a_full_store(self):
        store = AMPS.MemoryPublishStore(bytes_max=100)
        with self.assertRaises(AMPS.StoreException):
            for sequence in range(1, 100):
                store.store(sequence, b"frame")

    def test_bookmark_stores(self):
        with tempfile.TemporaryDirectory() as directory:
            for store in (AMPS.MemoryBookmarkStore(),
                          AMPS.LoggedBookmarkStore(os.path.join(directory, "bookmarks"))):
                self.assertEqual(store.get_most_recent("a"), "0")
                store.log("a", "1|1|")
                store.log("a", "1|2|")
                self.assertEqual(store.undiscarded_count("a"), 2)
                store.discard("a", "1|1|")
                self.assertTrue(store.is_discarded("a", "1|1|"))
                self.assertFalse(store.is_discarded("a", "1|3|"))
                self.assertIn("1|1|", store.get_most_recent("a"))
                store.purge("a")
                store.purge()
                self.assertEqual(store.undiscarded_count("a"), 0)


if __name__ == "__main__":
    unittest.main()
