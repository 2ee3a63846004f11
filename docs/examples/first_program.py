"""Subscribes with a filter, publishes two messages, prints the one that matches.

usage: first_program.py HOST:PORT
Needs python3-grpcio, protobuf-compiler and protobuf-compiler-grpc (Debian); the stubs are made from
proto/ at start.
"""
import pathlib
import subprocess
import sys
import tempfile

import grpc

root = pathlib.Path(__file__).resolve().parents[2]
stubs = tempfile.mkdtemp()
subprocess.run(["protoc", f"-I{root}/proto", f"--python_out={stubs}", f"--grpc_out={stubs}",
                "--plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin", "fluxgate/v1/gateway.proto"],
               check=True)
sys.path.insert(0, stubs)
from fluxgate.v1 import gateway_pb2 as api  # noqa: E402
from fluxgate.v1 import gateway_pb2_grpc as services  # noqa: E402

channel = grpc.insecure_channel(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051")
spec = api.SubscriptionSpec(topic="greetings", filter="/language = 'Python'")
responses = services.SubscriberServiceStub(channel).Subscribe(api.SubscribeRequest(spec=spec), timeout=20)
next(responses)  # the first response says that the subscription has started

services.PublisherServiceStub(channel).Publish(api.PublishRequest(messages=[
    api.Message(topic="greetings", payload=b'{"language":"C","text":"hello from C"}'),
    api.Message(topic="greetings", payload=b'{"language":"Python","text":"hello from Python"}'),
]))
for event in next(responses).events:
    for message in event.messages.messages:
        print(message.payload.decode())
responses.cancel()
