"""The module against a real gateway: what each documented method does."""
import copy
import json
import socket
import threading
import time
import unittest

import AMPS
from gateway_process import Gateway

WAIT_S = 20


class Collected:
    """A handler that keeps what it gets."""

    def __init__(self):
        self.messages = []
        self.changed = threading.Condition()

    def __call__(self, message):
        with self.changed:
            self.messages.append(message)
            self.changed.notify_all()

    def wait_for(self, count, test=None):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.messages) >= count, WAIT_S):
                test.fail("%d messages instead of %d" % (len(self.messages), count))
            return list(self.messages)


class FakeGateway:
    """Takes one client, answers its logon, and sends one frame."""

    def __init__(self, frame):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.uri = "tcp://127.0.0.1:%d/amps/json" % self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, args=(frame,))

    def serve(self, frame):
        connection = self.listener.accept()[0]
        with connection:
            logon = connection.recv(65536)[4:]
            ack = {"c": "ack", "cid": json.loads(logon)["cid"], "s": 0, "a": "processed", "status": "success",
                   "client_name": "", "version": "0"}
            for content in (json.dumps(ack).encode(), frame):
                connection.sendall(len(content).to_bytes(4, "big") + content)
            connection.recv(65536)  # until the client goes

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(WAIT_S)
        self.listener.close()


class SlowGateway:
    """Takes one client and says yes to what it asks for, to a flush after some time."""

    def __init__(self, flush_s):
        self.flush_s = flush_s
        self.commands = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.uri = "tcp://127.0.0.1:%d/amps/json" % self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)

    def serve(self):
        connection = self.listener.accept()[0]
        with connection, connection.makefile("rb") as received:
            while True:
                size = received.read(4)
                if len(size) < 4:
                    return
                command = json.loads(received.read(int.from_bytes(size, "big")))
                self.commands.append(command["c"])
                if command["c"] == "flush":
                    time.sleep(self.flush_s)
                ack = json.dumps({"c": "ack", "cid": command["cid"], "a": "processed", "status": "success"}).encode()
                connection.sendall(len(ack).to_bytes(4, "big") + ack)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(WAIT_S)
        self.listener.close()


class ClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def client(self, name=None, transport="tcp"):
        client = AMPS.Client(name or self.id())
        client.connect(self.gateway.uri(transport))
        client.logon()
        self.addCleanup(client.disconnect)
        return client

    def test_first_program(self):
        client = AMPS.Client("examplePublisher")
        self.assertEqual(client.get_name(), "examplePublisher")
        self.assertFalse(client.is_connected())
        client.connect(self.gateway.uri())
        self.assertTrue(client.is_connected())
        self.assertTrue(client.logon())
        client.publish("messages", '{ "hi" : "Hello, world!"}')
        client.publish_flush()
        client.close()
        self.assertFalse(client.is_connected())

    def test_every_transport(self):
        for transport in ("tcp", "any", "ipv6", "unix"):
            with self.subTest(transport=transport):
                client = self.client("transport-" + transport, transport)
                client.publish("messages", "{}")
                client.publish_flush(10000)

    def test_subscribe_with_handler(self):
        client = self.client()
        handler = Collected()
        sub_id = client.subscribe(handler, "orders", filter="/price > 100")
        client.publish("orders", '{"price":99}')
        client.publish("orders", b'{"price":101,"name":"\xc3\xa9"}')
        client.publish_flush()
        [message] = handler.wait_for(1, self)
        self.assertEqual(message.get_command(), AMPS.Message.Command.Publish)
        self.assertEqual(message.get_topic(), "orders")
        self.assertEqual(message.get_data(), '{"price":101,"name":"\u00e9"}')
        self.assertEqual(message.get_data_raw(), b'{"price":101,"name":"\xc3\xa9"}')
        self.assertEqual(message.get_sub_id(), sub_id)
        self.assertEqual(message.get_sub_ids(), sub_id)
        self.assertTrue(message)
        client.unsubscribe(sub_id)
        client.publish("orders", '{"price":102}')
        client.publish_flush()
        self.assertEqual(len(handler.messages), 1)

    def test_positional_arguments(self):
        client = self.client()
        handler = Collected()
        client.subscribe(handler, "positional", "/id = 2")
        for number in range(3):
            client.publish("positional", '{"id":%d}' % number)
        [message] = handler.wait_for(1, self)
        self.assertEqual(json.loads(message.get_data()), {"id": 2})

    def test_messages_that_are_kept_stay_as_they_are(self):
        client = self.client()
        handler = Collected()
        client.subscribe(handler, "kept")
        for number in range(1000):
            client.publish("kept", '{"id":%d}' % number)
        messages = handler.wait_for(1000, self)
        self.assertEqual([json.loads(message.get_data())["id"] for message in messages], list(range(1000)))
        self.assertEqual(copy.copy(messages[7]).get_data(), '{"id":7}')
        self.assertEqual(copy.deepcopy(messages[7]).get_data(), '{"id":7}')
        self.assertEqual(messages[7].copy().get_topic(), "kept")
        self.assertIn("kept", str(messages[7]))

    def test_a_body_that_is_not_text(self):
        client = self.client(transport="unix")
        handler = Collected()
        client.set_last_chance_message_handler(handler)
        client.subscribe(handler, "bytes")
        client.publish("bytes", b'"\xff\x00"')
        [message] = handler.wait_for(1, self)
        self.assertEqual(message.get_data_raw(), b'"\xff\x00"')
        with self.assertRaises(UnicodeDecodeError):
            message.get_data()

    def test_iterate_a_stream(self):
        client = self.client()
        with client.subscribe("stream", "/id > 1") as stream:
            for number in range(4):
                client.publish("stream", '{"id":%d}' % number)
            self.assertEqual(json.loads(next(stream).get_data())["id"], 2)
            self.assertEqual(json.loads(next(stream).get_data())["id"], 3)
            self.assertIsNone(next(stream.timeout(50)))
            client.publish("stream", '{"id":4}')
            self.assertEqual([json.loads(m.get_data())["id"] for m in stream.wait_at_most(300)], [4])
            self.assertEqual(list(stream), [])

    def test_close_a_stream_from_another_thread(self):
        client = self.client()
        stream = client.subscribe("nothing")
        threading.Timer(0.2, stream.close).start()
        self.assertEqual(list(stream), [])

    def test_stream_depth(self):
        client = self.client()
        stream = client.subscribe("depth").set_max_depth(1000)
        for _ in range(5):
            client.publish("depth", "{}")
        client.publish_flush()
        deadline = time.monotonic() + WAIT_S
        while stream.get_depth() < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(stream.get_depth(), 5)

    def test_sow(self):
        client = self.client()
        for number in range(5):
            client.publish("state/sow", '{"id":%d,"price":%d}' % (number, number * 10))
        client.publish_flush()
        records = [m for m in client.sow("state/sow", "/price > 10", order_by="/id DESC", batch_size=2)
                   if m.get_command() == AMPS.Message.Command.SOW]
        self.assertEqual([json.loads(record.get_data())["id"] for record in records], [4, 3, 2])
        self.assertTrue(records[0].get_sow_key())
        first = [m for m in client.sow("state/sow", order_by="/id", top_n=1) if m.get_command() == "sow"]
        self.assertEqual(len(first), 1)
        handler = Collected()
        client.sow(handler, "state/sow", filter="/id = 1")
        messages = handler.wait_for(3, self)
        self.assertEqual([m.get_command() for m in messages[:3]], ["group_begin", "sow", "group_end"])

    def test_sow_and_subscribe(self):
        client = self.client()
        client.publish("state/both", '{"id":1,"price":1}')
        client.publish_flush()
        stream = client.sow_and_subscribe("state/both", "/price < 10", options="oof")
        commands = [next(stream).get_command() for _ in range(3)]
        self.assertEqual(commands, ["group_begin", "sow", "group_end"])
        client.publish("state/both", '{"id":1,"price":2}')
        self.assertEqual(next(stream).get_command(), "p")
        client.publish("state/both", '{"id":1,"price":20}')
        left = next(stream)
        self.assertEqual(left.get_command(), AMPS.Message.Command.OOF)
        self.assertTrue(left.get_reason())
        stream.close()
        handler = Collected()
        client.sow_and_subscribe(handler, "state/both")
        handler.wait_for(3, self)

    def test_deltas(self):
        client = self.client()
        client.publish("state/delta", '{"id":1,"price":1,"name":"a"}')
        client.publish_flush()
        stream = client.sow_and_delta_subscribe("state/delta")
        for _ in range(3):
            next(stream)
        client.delta_publish("state/delta", '{"id":1,"price":2}')
        client.publish_flush()
        self.assertEqual(json.loads(next(stream).get_data()), {"id": 1, "price": 2})
        stream.close()
        plain = client.delta_subscribe("state/delta")
        handler = Collected()
        client.delta_subscribe(handler, "state/delta")
        client.publish("state/delta", '{"id":1,"price":3,"name":"a"}')
        self.assertEqual(next(plain).get_topic(), "state/delta")
        handler.wait_for(1, self)

    def test_delete(self):
        client = self.client()

        def fill():
            for number in range(4):
                client.publish("state/delete", '{"id":%d}' % number)
            client.publish_flush()

        fill()
        stats = client.sow_delete("state/delete", "/id > 1")
        self.assertEqual(stats.get_command(), "ack")
        self.assertEqual(stats.get_records_deleted(), 2)
        fill()
        key = [m for m in client.sow("state/delete", "/id = 1") if m.get_command() == "sow"][0].get_sow_key()
        self.assertEqual(client.sow_delete_by_keys("state/delete", key).get_records_deleted(), 1)
        self.assertEqual(client.sow_delete_by_data("state/delete", '{"id":2}').get_records_deleted(), 1)
        left = [json.loads(m.get_data())["id"] for m in client.sow("state/delete", order_by="/id")
                if m.get_command() == "sow"]
        self.assertEqual(left, [0, 3])

    def test_delete_with_handler(self):
        client = self.client()
        for number in range(4):
            client.publish("state/handled", '{"id":%d}' % number)
        client.publish_flush()
        handler = Collected()
        command_id = client.sow_delete(handler, "state/handled", "/id > 1", timeout=10000)
        stats = handler.wait_for(1, self)[-1]
        self.assertEqual((stats.get_command(), stats.get_ack_type()), ("ack", "stats"))
        self.assertEqual(stats.get_command_id(), command_id)
        self.assertEqual(stats.get_records_deleted(), 2)

    def test_a_flush_is_sent_once_however_long_it_takes(self):
        with SlowGateway(flush_s=1.2) as gateway:
            client = AMPS.Client("slow-flush")
            client.connect(gateway.uri)
            client.logon(10000)
            client.publish_flush()
            client.publish_flush(10000)
            client.disconnect()
        self.assertEqual(gateway.commands, ["logon", "flush", "flush"])

    def test_execute(self):
        client = self.client()
        client.publish("state/execute", '{"id":1}')
        client.publish_flush()
        command = AMPS.Command("sow").set_topic("state/execute").set_batch_size(10).add_ack_type("completed")
        commands = [m.get_command() for m in client.execute(command)]
        self.assertEqual(commands.count("sow"), 1)
        self.assertIn("ack", commands)
        handler = Collected()
        subscribe = AMPS.Command("subscribe").set_topic("executed").set_filter("/id = 1")
        self.assertTrue(client.execute_async(subscribe, handler))
        client.publish("executed", '{"id":1}')
        handler.wait_for(1, self)
        self.assertEqual(subscribe.get_filter(), "/id = 1")

    def test_last_chance(self):
        got = Collected()
        with FakeGateway(b'{"c":"p","t":"orphan","sids":"nobody"}{"id":1}') as gateway:
            client = AMPS.Client("last-chance")
            client.set_last_chance_message_handler(got)
            client.connect(gateway.uri)
            client.logon(10000)
            [message] = got.wait_for(1, self)
            self.assertEqual((message.get_topic(), message.get_data()), ("orphan", '{"id":1}'))
            client.disconnect()

    def test_failed_write(self):
        refused = []
        client = AMPS.Client("refused")
        client.set_publish_store(AMPS.MemoryPublishStore())
        client.set_failed_write_handler(lambda message, reason: refused.append((message.get_data(), reason)))
        client.connect(self.gateway.uri())
        client.logon()
        self.addCleanup(client.disconnect)
        client.publish("state/refused", '{"no":"key"}')
        client.publish_flush(10000)
        deadline = time.monotonic() + WAIT_S
        while not refused and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(refused[0][0], '{"no":"key"}')
        self.assertTrue(refused[0][1])

    def test_conflate(self):
        client = self.client()
        stream = client.sow_and_subscribe("state/conflated").conflate()
        for price in range(100):
            client.publish("state/conflated", '{"id":1,"price":%d}' % price)
        client.publish_flush()
        last = None
        for message in stream.wait_at_most(500):
            last = message
        self.assertEqual(json.loads(last.get_data())["price"], 99)
        with self.assertRaises(AMPS.UsageException):
            client.delta_subscribe("state/conflated").conflate()

    def test_bookmarks_are_not_built_yet(self):
        client = self.client()
        with self.assertRaises(AMPS.CommandException):
            client.bookmark_subscribe(Collected(), "orders", AMPS.Client.Bookmarks.EPOCH, sub_id="a")

    def test_limits(self):
        client = AMPS.Client("limits")
        client.set_unread_bytes_max(1 << 20)
        client.set_unsent_bytes_max(1 << 16)
        client.set_message_bytes_max(1000)
        client.connect(self.gateway.uri())
        client.logon()
        handler = Collected()
        client.subscribe(handler, "limits")
        self.client("large").publish("limits", '{"a":"%s"}' % ("x" * 500))
        handler.wait_for(1, self)
        self.client("larger").publish("limits", '{"a":"%s"}' % ("x" * 2000))
        deadline = time.monotonic() + WAIT_S
        while client.is_connected() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse(client.is_connected())

    def test_transport_filter(self):
        seen = []

        def transport_filter(data, direction):
            seen.append((data, direction))
            return data.replace(b"secret", b"public") if not direction else None

        client = AMPS.Client("filtered")
        client.set_transport_filter(transport_filter)
        client.connect(self.gateway.uri())
        client.logon()
        handler = Collected()
        client.subscribe(handler, "filtered")
        client.publish("filtered", '{"a":"secret"}')
        [message] = handler.wait_for(1, self)
        self.assertEqual(message.get_data(), '{"a":"public"}')
        client.disconnect()
        self.assertTrue(any(b"logon" in data for data, direction in seen if not direction))
        self.assertTrue(any(b"ack" in data for data, direction in seen if direction))

    def test_heartbeat(self):
        client = self.client()
        client.set_heartbeat(1)
        client.publish_flush()

    def test_with_statement(self):
        with AMPS.Client("with") as client:
            client.connect(self.gateway.uri())
            client.logon()
            self.assertTrue(client.is_connected())
        self.assertFalse(client.is_connected())

    def test_authenticator(self):
        calls = []

        class Token(AMPS.Authenticator):
            def authenticate(self, user, password):
                calls.append(("authenticate", user, password))
                return "token"

            def retry(self, user, password):
                raise AssertionError("not asked for")

            def completed(self, user, password, reason):
                calls.append(("completed", user))

        client = AMPS.Client("authenticated")
        client.connect(self.gateway.uri(user="jane:secret@"))
        client.logon(10000, Token())
        self.assertEqual(calls, [("authenticate", "jane", "secret"), ("completed", "jane")])
        self.assertNotIn("secret", client.get_uri())
        client.disconnect()

        class Failing(Token):
            def authenticate(self, user, password):
                raise KeyError("no token")

        client.connect(self.gateway.uri())
        with self.assertRaises(KeyError):
            client.logon(authenticator=Failing())

    def test_exceptions(self):
        client = self.client()
        with self.assertRaises(AMPS.BadFilterException) as raised:
            client.subscribe("orders", "/price >")
        self.assertIsInstance(raised.exception, AMPS.AMPSException)
        self.assertIsInstance(raised.exception, AMPS.CommandException)
        with self.assertRaises(AMPS.AlreadyConnectedException):
            client.connect(self.gateway.uri())
        stranger = AMPS.Client("stranger")
        with self.assertRaises(AMPS.DisconnectedException):
            stranger.publish_flush(1000)
        with self.assertRaises(AMPS.InvalidURIException):
            stranger.connect("nonsense")
        with self.assertRaisesRegex(AMPS.InvalidTransportOptionsException, "tcp_nodely"):
            stranger.connect(self.gateway.uri() + "?tcp_nodely=true")
        with self.assertRaises(AMPS.ConnectionRefusedException):
            stranger.connect("tcp://127.0.0.1:1/amps/json")
        with self.assertRaises(TypeError):
            client.publish("topic", 7)
        with self.assertRaises(TypeError):
            client.subscribe(7, "topic")
        with self.assertRaises(ValueError):
            client.publish_flush(ack_type="sometime")
        self.assertTrue(issubclass(AMPS.ConnectionRefusedException, AMPS.ConnectionException))


if __name__ == "__main__":
    unittest.main()
