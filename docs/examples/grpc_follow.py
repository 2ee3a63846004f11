"""Publishes records, follows those that a filter passes, loses the connection and goes on. The parts
between "begin" and "end" are printed in docs/clients/grpc.md.

usage: grpc_follow.py HOST:PORT
"""
import pathlib
import subprocess
import sys
import tempfile
import time

import grpc

root = pathlib.Path(__file__).resolve().parents[2]
# begin
stubs = tempfile.mkdtemp()
subprocess.run(["protoc", f"-I{root}/proto", f"--python_out={stubs}", f"--grpc_out={stubs}",
                "--plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin", "fluxgate/v1/gateway.proto"],
               check=True)
sys.path.insert(0, stubs)
from fluxgate.v1 import gateway_pb2 as api  # noqa: E402
from fluxgate.v1 import gateway_pb2_grpc as services  # noqa: E402
# end


# begin
def publish(channel, payloads):
    messages = [api.Message(topic="state/quotes", payload=payload) for payload in payloads]
    response = services.PublisherServiceStub(channel).Publish(api.PublishRequest(messages=messages))
    for result in response.results:
        if result.HasField("error"):
            print("refused:", result.error.message)
# end


# begin
records = {}  # what the filter passes, by key: the same before and after a connection is lost


def take(message):
    records[message.key] = message.payload
    print("is  ", message.payload.decode())


def leave(key):
    print("left", records.pop(key).decode())
# end


steps = 0


def step(channel):
    """Whether the program wants to go on; plays the rest of the world."""
    global steps
    steps += 1
    if steps == 1:  # after the first snapshot
        publish(channel, [b'{"id":"DEF","price":11}'])
    return steps == 1  # the change has come: lose the connection; or this was all


# begin
def follow(channel):
    spec = api.SubscriptionSpec(topic="state/quotes", filter="/price > 10", with_snapshot=True,
                                order_by="/id", out_of_focus=True)
    spec.heartbeat_interval.seconds = 5  # tells a dead connection from a quiet topic
    responses = services.SubscriberServiceStub(channel).Subscribe(api.SubscribeRequest(spec=spec))
    gone = set(records)  # unless the snapshot has them
    for response in responses:
        for event in response.events:
            go_on = True
            for message in event.snapshot.messages:
                gone.discard(message.key)
                take(message)
            if event.HasField("snapshot_end"):
                for key in sorted(gone):
                    leave(key)
                go_on = step(channel)
            for message in event.messages.messages:
                take(message)
                go_on = step(channel)
            if event.HasField("out_of_focus"):
                leave(event.out_of_focus.message.key)
            if not go_on:
                responses.cancel()
# end


finished = False


def lost(channel):
    global finished
    finished = steps == 3
    if not finished:
        print("lost")
        publish(channel, [b'{"id":"ABC","price":13}', b'{"id":"GHI","price":5}'])


# begin
FINAL = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED,
         grpc.StatusCode.PERMISSION_DENIED)


def follow_for_ever(channel):
    while not finished:
        try:
            follow(channel)
        except grpc.RpcError as error:
            if error.code() in FINAL:  # asking again would not help
                raise
        lost(channel)
        time.sleep(0.2)
# end


with grpc.insecure_channel(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051") as connection:
    publish(connection, [b'{"id":"ABC","price":12}', b'{"id":"DEF","price":9}',
                         b'{"id":"GHI","price":30}'])
    follow_for_ever(connection)
