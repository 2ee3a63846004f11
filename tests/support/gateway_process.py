"""fluxgated as a process of its own, for tests in Python. The program is $FLUXGATED."""
import os
import pathlib
import signal
import socket
import subprocess
import tempfile

CONFIG = """<FluxgateConfig>
  <Transports>
    <Transport><Name>tcp</Name><Type>tcp</Type><InetAddr>127.0.0.1:{port}</InetAddr>
      <Protocol>amps</Protocol><MessageType>json</MessageType>{authentication}</Transport>
    <Transport><Name>any</Name><Type>tcp</Type><InetAddr>127.0.0.1:0</InetAddr>
      <Protocol>amps</Protocol></Transport>
    <Transport><Name>ipv6</Name><Type>tcp</Type><InetAddr>[::1]:0</InetAddr>
      <Protocol>amps</Protocol><MessageType>json</MessageType></Transport>
    <Transport><Name>unix</Name><Type>amps-unix</Type><FileName>{directory}/socket</FileName>
      <Protocol>amps</Protocol><MessageType>json</MessageType></Transport>
    {transports}
  </Transports>
  {modules}
  <SOW>
    <Topic><Name>state</Name><MessageType>json</MessageType><Pattern>state/.+</Pattern><Key>/id</Key></Topic>
  </SOW>
</FluxgateConfig>
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Gateway:
    """Serves from the beginning; the port of `tcp` stays the same over start and stop."""

    def __init__(self, transports="", modules="", authentication=""):
        self._directory = tempfile.TemporaryDirectory(prefix="fluxgate-")
        self.directory = self._directory.name
        self.port = free_port()
        self.config = pathlib.Path(self.directory, "gateway.xml")
        self.config.write_text(CONFIG.format(directory=self.directory, port=self.port, transports=transports,
                                             modules=modules, authentication=authentication))
        self.process = None
        self.addresses = {}
        self.start()

    def start(self):
        addresses = {}  # others may ask for those of before meanwhile
        with open(pathlib.Path(self.directory, "log"), "a") as log:
            self.process = subprocess.Popen([os.environ["FLUXGATED"], "--config", self.config],
                                            stdout=subprocess.PIPE, stderr=log, text=True)
        for line in self.process.stdout:
            words = line.split()
            if words[:1] == ["listening"]:
                addresses[words[1]] = words[2]
            if line.startswith("ready"):
                self.addresses = addresses
                return
        raise RuntimeError("no gateway: " + pathlib.Path(self.directory, "log").read_text())

    def uri(self, transport="tcp", user=""):
        if transport == "unix":
            return "unix://localhost:0/amps/json?path=%s/socket" % self.directory
        scheme = "tcps" if transport.startswith("tls") else "tcp"
        return "%s://%s%s/amps/json" % (scheme, user, self.addresses[transport])

    def kill(self):
        """Without a goodbye."""
        self.process.kill()
        self._ended()

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        self._ended()

    def _ended(self):
        self.process.wait(30)
        self.process.stdout.close()
        self.process = None

    def close(self):
        self.stop()
        self._directory.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
