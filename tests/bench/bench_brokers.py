"""The brokers that are measured: started on free loopback ports, stopped by the process that was
started, never by name."""

import ctypes
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_TIMEOUT_S = 15
STOP_TIMEOUT_S = 15
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)

# Topic `records` is stored; a query with a filter is to look at every record, so nothing is indexed.
FLUXGATE_CONFIG = """<FluxgateConfig>
  <Name>bench</Name>
  <Transports>
    <Transport><Name>tcp</Name><Type>tcp</Type><Protocol>amps</Protocol><MessageType>json</MessageType>
      <InetAddr>127.0.0.1:{tcp}</InetAddr></Transport>
    <Transport><Name>unix</Name><Type>amps-unix</Type><Protocol>amps</Protocol><MessageType>json</MessageType>
      <FileName>{unix}</FileName></Transport>
    <Transport><Name>grpc</Name><Type>grpc</Type><InetAddr>127.0.0.1:{grpc}</InetAddr></Transport>
  </Transports>
  <SOW>
    <Topic><Name>records</Name><MessageType>json</MessageType><Key>/id</Key>
      <MemoIndexesMax>0</MemoIndexesMax></Topic>
  </SOW>
  <Logging><Target><Protocol>stderr</Protocol><Level>warning</Level></Target></Logging>
</FluxgateConfig>
"""


class BenchError(Exception):
    """Something that the person at the terminal must know, in plain words."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """One running broker: use as a context manager. `core` keeps it on one core."""

    def __init__(self, binaries, core=None):
        self.binaries = binaries
        self.core = core
        self.folder = tempfile.mkdtemp(prefix="fluxgate-bench-")
        self.unix = os.path.join(self.folder, "s")
        self.port = free_port()
        self.grpc_port = free_port()
        self.process = None

    def command(self):
        raise NotImplementedError

    def ready_ports(self):
        return [self.port]

    def endpoint(self, transport):
        if transport == "unix":
            return "unix:" + self.unix
        if transport == "grpc":
            return "127.0.0.1:%d" % self.grpc_port
        return "tcp:127.0.0.1:%d" % self.port

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exc):
        self.stop()

    def _start(self):
        core = self.core
        parent = os.getpid()

        def prepare():
            # Gone with us even when we are killed outright.
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            if core is not None:
                os.sched_setaffinity(0, {core})

        with open(os.path.join(self.folder, "log"), "wb") as log:
            try:
                self.process = subprocess.Popen(
                    self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    cwd=self.folder, preexec_fn=prepare, start_new_session=True)
            except OSError as error:
                raise BenchError("cannot start %s: %s" % (self.command()[0], error)) from None
        deadline = time.monotonic() + START_TIMEOUT_S
        for port in self.ready_ports():
            while True:
                if self.process.poll() is not None:
                    raise BenchError("%s ended at once:\n%s" % (self.command()[0], self.log_tail()))
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                if time.monotonic() > deadline:
                    raise BenchError("%s does not listen on port %d:\n%s"
                                     % (self.command()[0], port, self.log_tail()))
                time.sleep(0.02)

    def log_tail(self):
        try:
            with open(os.path.join(self.folder, "log"), "r", errors="replace") as log:
                return "".join(log.readlines()[-10:])
        except OSError:
            return ""

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Fluxgate(Broker):
    def ready_ports(self):
        return [self.port, self.grpc_port]

    def command(self):
        path = os.path.join(self.folder, "config.xml")
        with open(path, "w") as config:
            config.write(FLUXGATE_CONFIG.format(tcp=self.port, unix=self.unix, grpc=self.grpc_port))
        return [os.path.join(self.binaries, "gateway/server/fluxgated"), "--config", path]


class Relay(Broker):
    def command(self):
        return [os.path.join(self.binaries, "tests/bench/relay"),
                "--listen", "tcp:127.0.0.1:%d" % self.port, "--listen", "unix:" + self.unix]


class ReactorEpoll(Broker):
    loop = "epoll"

    def command(self):
        return [os.path.join(self.binaries, "tests/bench/reactor_choice"), "--loop", self.loop,
                "--listen", "tcp:127.0.0.1:%d" % self.port]


class ReactorAsio(ReactorEpoll):
    loop = "asio"


class GrpcPeer(Broker):
    def ready_ports(self):
        return [self.grpc_port]

    def command(self):
        return [os.path.join(self.binaries, "tests/bench/grpc_peer"),
                "--listen", "127.0.0.1:%d" % self.grpc_port]


class ClientPeer(Broker):
    def command(self):
        return [os.path.join(self.binaries, "tests/bench/client_peer"),
                "--listen", "tcp:127.0.0.1:%d" % self.port]


class Nats(Broker):
    def command(self):
        path = os.path.join(self.folder, "nats.conf")
        with open(path, "w") as config:
            # Its pings would need answers from a load generator that only counts.
            config.write('listen: "127.0.0.1:%d"\nping_interval: "10m"\n' % self.port)
        return [find_server("nats-server"), "-c", path]


class Redis(Broker):
    def command(self):
        return [find_server("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port),
                "--unixsocket", self.unix, "--save", "", "--appendonly", "no", "--dir", self.folder,
                "--client-output-buffer-limit", "pubsub 0 0 0", "--maxclients", "15000"]


def find_server(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise BenchError("%s is not installed. It is one of the peers that are measured:\n"
                         "    apt-get install -y nats-server redis-server\n"
                         "or leave the peers out with --no-peers" % name)
    return path


BROKERS = {
    "fluxgate": Fluxgate,
    "relay": Relay,
    "nats": Nats,
    "redis": Redis,
    "reactor-epoll": ReactorEpoll,
    "reactor-asio": ReactorAsio,
    "grpc-peer": GrpcPeer,
    "client-peer": ClientPeer,
}
