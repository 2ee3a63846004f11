#!/usr/bin/env python3
"""A small web service on loopback for the tests of modules that ask one. Prints its port.

With two arguments, files of a certificate and of its key, it speaks https.
"""
import base64
import http.server
import json
import ssl
import sys
import threading
import time
import urllib.parse

PASSWORDS = {"alice": "right", "bob": "right", "j\u00f6rg": "r\u00efght", "forbidden": "right"}
# What the service calls them.
NAMES = {"bob": "robert"}
PERMISSIONS = {}
counts = {}
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", content_type="text/plain", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def answer_json(self, value):
        self.answer(200, json.dumps(value).encode(), "application/json; charset=utf-8")

    def decide(self, user, password):
        if user == "forbidden":
            self.answer(403)
        elif user not in PASSWORDS or PASSWORDS[user] != password:
            self.answer(401)
        elif user in NAMES:
            self.answer_json({"user": NAMES[user]})
        else:
            self.answer(200, b"welcome")

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/permissions":
            PERMISSIONS.update(asked)
            self.answer(200)
        else:
            self.decide(asked["user"], asked["password"])

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/auth":
            kind, _, value = self.headers.get("Authorization", " ").partition(" ")
            if kind == "Basic":
                self.decide(*base64.b64decode(value).decode().split(":", 1))
            elif kind == "Bearer" and value == "good-token":
                self.answer_json({"user": "tina"})
            else:
                self.answer(401)
        elif path == "/redirect":
            self.answer(302, headers=[("Location", "/auth")])
        elif path == "/redirect-to-file":
            self.answer(302, headers=[("Location", "file:///etc/passwd")])
        elif path == "/bytes":
            self.answer(200, b"x" * int(query))
        elif path == "/headers":
            self.answer(200, headers=[("X-Filling", "x" * 1000)] * int(query))
        elif path == "/slow":
            time.sleep(600)
        elif path == "/status":
            self.answer(int(query))
        elif path == "/json":
            self.answer(200, urllib.parse.unquote(query).encode(), "application/json")
        elif path.startswith("/permissions/"):
            user = urllib.parse.unquote(path[len("/permissions/"):])
            with lock:
                counts[user] = counts.get(user, 0) + 1
            if user in PERMISSIONS:
                self.answer_json(PERMISSIONS[user])
            else:
                self.answer(404)
        elif path == "/asked":
            self.answer(200, str(counts.get(urllib.parse.unquote(query), 0)).encode())
        elif path == "/protected/alice":
            expected = base64.b64encode(b"service:s3cret").decode()
            if self.headers.get("Authorization") == "Basic " + expected:
                self.answer_json({"logon": True})
            else:
                self.answer(401)
        else:
            self.answer(404)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) == 3:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = tls.wrap_socket(server.socket, server_side=True)
print(server.server_address[1])
sys.stdout.flush()
server.serve_forever()
