#!/usr/bin/python3
"""What the Python module costs: messages published by it, and received by a handler in Python, by a
CMessageHandler, and out of a stream. The other end is client_peer. Prints figures as JSON.
"""
import argparse
import ctypes
import json
import os
import sys
import tempfile
import time
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
LOOK_EVERY = 256  # messages between two looks at the clock


def load_amps():
    site = tempfile.TemporaryDirectory(prefix="python-bench-")
    zipfile.ZipFile(os.path.join(HERE, "amps.zip")).extractall(site.name)
    sys.path.insert(0, site.name)
    import AMPS
    return AMPS, site


class Total(ctypes.Structure):
    """What count_handler.cc counts in."""
    _fields_ = [("messages", ctypes.c_uint64), ("body_bytes", ctypes.c_uint64), ("wrong", ctypes.c_uint64)]


class Cost:
    """Messages and CPU time from start to figures."""

    def __init__(self, broker_pid, messages):
        self.broker_pid = broker_pid
        self.begun = (time.monotonic(), messages, self.broker_s(), time.process_time())

    def broker_s(self):
        if self.broker_pid < 0:
            return 0
        with open("/proc/%d/stat" % self.broker_pid) as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def figures(self, messages):
        wall, count, broker, client = self.begun
        count = messages - count
        if count <= 0:
            raise SystemExit("not one message")
        return {"messages_per_s": count / (time.monotonic() - wall),
                "broker_cpu_us": (self.broker_s() - broker) / count * 1e6,
                "client_cpu_us": (time.process_time() - client) / count * 1e6}


def publish(client, options):
    body = "x" * options.body
    send = client.publish
    total = 0
    cost = None
    begin = time.monotonic() + options.warm_up
    while True:
        for _ in range(LOOK_EVERY):
            send("orders", body)
        total += LOOK_EVERY
        now = time.monotonic()
        if now < begin:
            continue
        if cost is None:
            cost = Cost(options.broker_pid, total)
        if now >= begin + options.seconds:
            return cost.figures(total)


def while_others_count(options, total):
    """The main thread sleeps, and does not ask for the interpreter's lock."""
    time.sleep(options.warm_up)
    cost = Cost(options.broker_pid, total())
    time.sleep(options.seconds)
    return cost.figures(total())


def receive_by_handler(client, options):
    total = 0
    wrong = 0

    def handler(message):
        nonlocal total, wrong
        total += 1
        if len(message.get_data()) != options.body:
            wrong += 1

    client.subscribe(handler, "orders")
    figures = while_others_count(options, lambda: total)
    if wrong:
        raise SystemExit("a message of another size")
    return figures


def receive_by_c(client, options):
    library = ctypes.CDLL(os.path.join(HERE, "count_handler.so"))
    total = Total(0, options.body, 0)
    client.subscribe(options.amps.CMessageHandler(library.count_message, ctypes.byref(total)), "orders")
    figures = while_others_count(options, lambda: total.messages)
    if total.wrong:
        raise SystemExit("a message of another size")
    return figures


def receive_by_stream(client, options):
    total = 0
    cost = None
    begin = time.monotonic() + options.warm_up
    for message in client.subscribe("orders"):
        if len(message.get_data()) != options.body:
            raise SystemExit("a message of another size")
        total += 1
        if total % LOOK_EVERY != 0:
            continue
        now = time.monotonic()
        if now < begin:
            continue
        if cost is None:
            cost = Cost(options.broker_pid, total)
        if now >= begin + options.seconds:
            return cost.figures(total)


RUNS = {"publish": publish, "handler": receive_by_handler, "c-handler": receive_by_c, "stream": receive_by_stream}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", choices=RUNS)
    parser.add_argument("--connect", required=True, help="of client_peer: tcp:ADDRESS:PORT")
    parser.add_argument("--body", type=int, default=128, help="bytes of a body")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--warm-up", type=float, default=0.5)
    parser.add_argument("--broker-pid", type=int, default=-1)
    options = parser.parse_args()
    options.amps, site = load_amps()
    client = options.amps.Client("bench")
    client.connect("tcp://%s/amps/json" % options.connect.split(":", 1)[1])
    client.logon(10000)
    figures = RUNS[options.run](client, options)
    client.disconnect()
    site.cleanup()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
