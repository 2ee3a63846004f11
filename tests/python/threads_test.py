"""Threads: who runs while who waits, what handlers may do, how the interpreter ends."""
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import unittest
import weakref

import AMPS
from gateway_process import Gateway

WAIT_S = 20


def wait_until(condition):
    deadline = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


class ThreadsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def client(self, name=None):
        client = AMPS.Client(name or self.id())
        client.connect(self.gateway.uri())
        client.logon()
        self.addCleanup(client.disconnect)
        return client

    def test_others_run_while_a_flush_waits(self):
        client = self.client()
        process = self.gateway.process
        os.kill(process.pid, signal.SIGSTOP)  # does not answer
        counted = 0
        try:
            done = threading.Event()

            def flush():
                try:
                    client.publish_flush(1000)
                except AMPS.TimedOutException:
                    pass
                done.set()

            waiting = threading.Thread(target=flush)
            waiting.start()
            while not done.is_set():
                counted += 1
            waiting.join()
        finally:
            os.kill(process.pid, signal.SIGCONT)
        self.assertGreater(counted, 10000)

    def test_others_run_while_a_stream_waits(self):
        client = self.client()
        stream = client.subscribe("nothing").timeout(500)
        ended = threading.Event()
        waiting = threading.Thread(target=lambda: (next(stream), ended.set()))
        waiting.start()
        counted = 0
        while not ended.is_set():
            counted += 1
        waiting.join()
        self.assertGreater(counted, 10000)

    def test_a_slow_handler_does_not_hold_up_acks(self):
        client = self.client()
        release = threading.Event()
        entered = threading.Event()

        def handler(_):
            entered.set()
            release.wait(WAIT_S)

        client.subscribe(handler, "slow")
        client.publish("slow", "{}")
        self.assertTrue(entered.wait(WAIT_S))
        for _ in range(100):
            client.publish("slow", "{}")
        client.publish_flush(10000)
        release.set()

    def test_commands_inside_a_handler(self):
        client = self.client()
        got = []

        def handler(message):
            client.publish("inner", message.get_data())
            client.publish_flush()
            client.sow(lambda record: got.append(record.get_command()), "state/inner")

        client.publish("state/inner", '{"id":1}')
        client.subscribe(handler, "outer")
        client.publish("outer", "{}")
        self.assertTrue(wait_until(lambda: "sow" in got))

    def test_unsubscribe_inside_a_handler(self):
        client = self.client()
        got = []

        def handler(message):
            got.append(message)
            client.unsubscribe(message.get_sub_id())

        client.subscribe(handler, "once")
        for _ in range(3):
            client.publish("once", "{}")
        client.publish_flush()
        self.assertTrue(wait_until(lambda: got))

    def test_what_a_handler_raises_goes_to_the_listener(self):
        client = self.client()
        heard = []
        got = []
        client.set_exception_listener(heard.append)

        def handler(message):
            got.append(message)
            raise KeyError(message.get_data())

        client.subscribe(handler, "raising")
        client.publish("raising", '{"id":1}')
        client.publish("raising", '{"id":2}')
        self.assertTrue(wait_until(lambda: len(heard) == 2))
        self.assertEqual(len(got), 2)  # goes on
        self.assertIsInstance(heard[0], KeyError)
        self.assertEqual(heard[0].args, ('{"id":1}',))
        self.assertIsNotNone(heard[0].__traceback__)

    def test_what_a_handler_raises_is_not_silent(self):
        client = self.client()
        told = []
        before = sys.unraisablehook
        sys.unraisablehook = lambda unraisable: told.append(repr(unraisable.exc_value))
        try:
            client.subscribe(lambda _: 1 / 0, "silent")
            client.publish("silent", "{}")
            self.assertTrue(wait_until(lambda: told))
        finally:
            sys.unraisablehook = before
        self.assertIn("ZeroDivisionError", told[0])

    def test_many_threads_publish(self):
        client = self.client()
        got = []
        client.subscribe(lambda message: got.append(message.get_data()), "many")

        def publish(thread):
            for number in range(500):
                client.publish("many", '{"thread":%d,"number":%d}' % (thread, number))

        threads = [threading.Thread(target=publish, args=(thread,)) for thread in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        client.publish_flush()
        self.assertTrue(wait_until(lambda: len(got) == 2000))
        for thread in range(4):  # in order
            numbers = [text for text in got if '"thread":%d,' % thread in text]
            self.assertEqual(numbers, ['{"thread":%d,"number":%d}' % (thread, n) for n in range(500)])

    def test_threads_that_share_a_stream(self):
        client = self.client()
        count = 20000
        stream = client.subscribe("shared").wait_at_most(2000)
        got = [[] for _ in range(4)]

        def take(mine):
            for message in stream:
                mine.append(int(message.get_data()))

        threads = [threading.Thread(target=take, args=(mine,)) for mine in got]
        for thread in threads:
            thread.start()
        for number in range(count):
            client.publish("shared", str(number))
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(sum(got, [])), list(range(count)))  # each once
        for mine in got:
            self.assertEqual(mine, sorted(mine))

    def test_threads_that_share_a_stream_keep_their_time(self):
        client = self.client()
        stream = client.subscribe("nothing")
        forever = threading.Thread(target=lambda: list(stream))
        forever.start()
        stream.timeout(50)
        begin = time.monotonic()
        self.assertIsNone(next(stream))
        self.assertLess(time.monotonic() - begin, 5)
        stream.close()
        forever.join(WAIT_S)
        self.assertFalse(forever.is_alive())

    def test_handlers_live_as_long_as_they_are_called(self):
        client = AMPS.Client("lifetime")
        client.connect(self.gateway.uri())
        client.logon()
        got = []

        class Handler:
            def __call__(self, message):
                got.append(message.get_data())

        handler = Handler()
        alive = weakref.ref(handler)
        sub_id = client.subscribe(handler, "lifetime")
        del handler
        gc.collect()
        client.publish("lifetime", "{}")
        self.assertTrue(wait_until(lambda: got))
        self.assertIsNotNone(alive())
        client.unsubscribe(sub_id)
        del client
        self.assertTrue(wait_until(lambda: gc.collect() >= 0 and alive() is None))

    def test_a_client_that_nobody_has_any_more_goes(self):
        client = AMPS.Client("forgotten")
        client.connect(self.gateway.uri())
        client.logon()
        client.subscribe(lambda message: None, "forgotten")
        gone = weakref.ref(client)
        del client
        gc.collect()
        self.assertIsNone(gone())

    def test_the_last_reference_dropped_inside_a_handler(self):
        clients = {"one": AMPS.Client("dropped")}
        gone = weakref.ref(clients["one"])
        clients["one"].connect(self.gateway.uri())
        clients["one"].logon()
        done = threading.Event()

        def handler(_):
            clients.clear()
            done.set()

        clients["one"].subscribe(handler, "dropped")
        self.client().publish("dropped", "{}")
        self.assertTrue(done.wait(WAIT_S))
        self.assertTrue(wait_until(lambda: gone() is None))

    def test_disconnect_handler(self):
        gateway = Gateway()
        self.addCleanup(gateway.close)
        client = AMPS.Client("disconnected")
        lost = []
        client.set_disconnect_handler(lost.append)
        client.connect(gateway.uri())
        client.logon()
        gateway.kill()
        self.assertTrue(wait_until(lambda: lost))
        self.assertIs(lost[0], client)
        self.assertTrue(wait_until(lambda: not client.is_connected()))
        client.disconnect()

    def test_connect_again_in_the_disconnect_handler(self):
        gateway = Gateway()
        self.addCleanup(gateway.close)
        client = AMPS.Client("again")
        self.addCleanup(client.disconnect)
        got = []
        times = []

        def connect(client):
            deadline = time.monotonic() + WAIT_S
            while True:
                try:
                    client.connect(gateway.uri())
                    client.logon()
                    client.subscribe(got.append, "again")
                    times.append(time.monotonic())
                    return
                except AMPS.ConnectionException:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)

        client.set_disconnect_handler(connect)
        connect(client)
        gateway.kill()
        gateway.start()
        self.assertTrue(wait_until(lambda: len(times) == 2))
        client.publish("again", "{}")
        client.publish_flush(10000)
        self.assertTrue(wait_until(lambda: len(got) == 1))


class EndTest(unittest.TestCase):
    """The interpreter ends while clients are connected."""

    BEGIN = """
import AMPS, os, sys, threading, time
client = AMPS.Client("end")
client.connect(sys.argv[1])
client.logon()
"""

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def run_program(self, text, status=0, send=None):
        program = subprocess.Popen([sys.executable, "-X", "faulthandler", "-c", self.BEGIN + text,
                                    self.gateway.uri(), str(self.gateway.process.pid)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if send is not None:
            self.assertEqual(program.stdout.readline().strip(), "ready")
            time.sleep(0.3)
            program.send_signal(send)
        out, err = program.communicate(timeout=30)
        self.assertEqual(program.returncode, status, err)
        return out, err

    def test_a_connected_client(self):
        self.run_program("")

    def test_while_messages_arrive(self):
        for _ in range(5):
            self.run_program("""
got = []
client.subscribe(got.append, "ending")
publisher = AMPS.Client("publisher")
publisher.connect(sys.argv[1])
publisher.logon()
def publish():
    try:
        while True:
            publisher.publish("ending", "{}")
    except AMPS.DisconnectedException:
        pass
threading.Thread(target=publish, daemon=True).start()
while len(got) < 1000:
    time.sleep(0.001)
""")

    def test_while_a_handler_runs(self):
        out, _ = self.run_program("""
entered = threading.Event()
def handler(message):
    entered.set()
    time.sleep(0.5)
    print("done", flush=True)
client.subscribe(handler, "ending")
client.publish("ending", "{}")
entered.wait()
""")
        self.assertEqual(out, "done\n")

    def test_while_a_daemon_thread_waits(self):
        self.run_program("""
stream = client.subscribe("nothing")
threading.Thread(target=lambda: next(stream), daemon=True).start()
time.sleep(0.2)
""")

    def test_by_an_exception(self):
        _, err = self.run_program("raise SystemExit(3)", 3)
        self.assertEqual(err, "")

    def test_with_a_reference_from_the_handler_to_the_client(self):
        self.run_program("""
def handler(message):
    client.publish("other", message.get_data())
client.subscribe(handler, "ending")
client.set_disconnect_handler(lambda lost: client.connect(sys.argv[1]))
client.publish("ending", "{}")
client.publish_flush()
""")

    def test_while_a_client_tries_to_come_back(self):
        gateway = Gateway()
        self.addCleanup(gateway.close)
        program = subprocess.Popen([sys.executable, "-c", """
import AMPS, sys
client = AMPS.HAClient("back")
client.set_server_chooser(AMPS.DefaultServerChooser([sys.argv[1]]))
client.set_delay_strategy(AMPS.FixedDelayStrategy(20000))
client.connect_and_logon()
client.subscribe(lambda message: None, "back")
print("ready", flush=True)
sys.stdin.readline()
""", gateway.uri()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(program.stdout.readline(), "ready\n")
        gateway.kill()
        time.sleep(0.3)
        self.assertEqual(program.communicate("\n", timeout=4)[0], "")
        self.assertEqual(program.returncode, 0)

    def test_while_a_handler_does_not_return(self):
        self.run_program("""
entered = threading.Event()
def handler(message):
    entered.set()
    threading.Event().wait()
client.subscribe(handler, "ending")
client.publish("ending", "{}")
entered.wait()
""")

    def test_ctrl_c_while_a_stream_waits(self):
        _, err = self.run_program("""
print("ready", flush=True)
for message in client.subscribe("nothing"):
    pass
""", -signal.SIGINT, signal.SIGINT)
        self.assertIn("KeyboardInterrupt", err)

    def test_ctrl_c_while_nobody_answers(self):
        for call in ("connect_and_logon()", "connect(nobody)"):
            with self.subTest(call=call):
                _, err = self.run_program("""
nobody = "tcp://127.0.0.1:1/amps/json"
ha = AMPS.HAClient("nobody")
ha.set_server_chooser(AMPS.DefaultServerChooser([nobody]))
print("ready", flush=True)
ha.%s
""" % call, -signal.SIGINT, signal.SIGINT)
                self.assertIn("KeyboardInterrupt", err)

    def test_ctrl_c_while_a_logon_waits(self):
        _, err = self.run_program("""
import socket
silent = socket.create_server(("127.0.0.1", 0))
other = AMPS.Client("other")
other.connect("tcp://127.0.0.1:%d/amps/json" % silent.getsockname()[1])
print("ready", flush=True)
other.logon()
""", -signal.SIGINT, signal.SIGINT)
        self.assertIn("KeyboardInterrupt", err)

    def test_the_client_goes_on_after_ctrl_c(self):
        for call in ("publish_flush()", "publish_flush(60000)", "subscribe(print, 'a')", "subscribe('a')",
                     "sow('state/a')", "sow_delete('state/a', '/id = 1')",
                     "execute(AMPS.Command('subscribe').set_topic('a'))"):
            with self.subTest(call=call):
                try:
                    out, err = self.run_program("""
import signal
gateway = int(sys.argv[2])
os.kill(gateway, signal.SIGSTOP)  # does not answer
print("ready", flush=True)
try:
    client.%s
except KeyboardInterrupt:
    print("interrupted")
os.kill(gateway, signal.SIGCONT)
client.publish_flush(10000)
print("goes on")
""" % call, send=signal.SIGINT)
                finally:
                    os.kill(self.gateway.process.pid, signal.SIGCONT)
                self.assertEqual((out, err), ("interrupted\ngoes on\n", ""))


if __name__ == "__main__":
    unittest.main()
