#!/usr/bin/env python3
"""Runs every command in the documentation as a user would.

Each Markdown file is one run, top to bottom, against a gateway of its own. Blocks that begin with
```sh are shell commands: a block runs as one script and must end with status 0; a block ```sh fails
must not. What follows in a ```output block must be what the commands printed, in which `...` stands
for anything. The addresses of the default configuration are replaced by those of the test's gateway.
Lines that install packages are checked: the packages must be there (./test installs them).
A block ```cpp, ```python, ```js or ```go must stand, line for line, in one of the programs in docs/examples,
which are run (but for Go). A block ```python run is a program: it runs with the virtual environment
/tmp/fluxgate-venv that the commands above it have made.
A block that only starts one of the scripts that cannot run inside this test (./run, ./test, ./bench,
.ci/run) is checked to name a file that exists and can be executed.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVER = ROOT / "bazel-bin/gateway/server/fluxgated"
SCRIPTS = {"./run", "./test", "./bench", ".ci/run"}
TIMEOUT_S = 120
EXAMPLES = {"cpp": ".cc", "python": ".py", "js": ".mjs", "go": ".go"}
BLOCK = re.compile(r"^```(\w+)[ \t]*(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)

CONFIG = """<FluxgateConfig>
  <Transports>
    <Transport><Name>grpc</Name><Type>grpc</Type><InetAddr>127.0.0.1:0</InetAddr></Transport>
    <Transport><Name>tcp</Name><Type>tcp</Type><InetAddr>127.0.0.1:0</InetAddr>
      <Protocol>amps</Protocol><MessageType>json</MessageType></Transport>
    <Transport><Name>unix</Name><Type>amps-unix</Type><FileName>{socket}</FileName>
      <Protocol>amps</Protocol><MessageType>json</MessageType></Transport>
  </Transports>
  <SOW>
    <Topic><Name>state</Name><MessageType>json</MessageType><Pattern>state/.+</Pattern><Key>/id</Key></Topic>
  </SOW>
</FluxgateConfig>
"""


class Gateway:
    def __init__(self, directory):
        self.socket = f"{directory}/fluxgate.sock"
        self.venv = f"{directory}/venv"
        config = pathlib.Path(directory, "gateway.xml")
        config.write_text(CONFIG.format(socket=self.socket))
        self.log = open(pathlib.Path(directory, "log"), "w")
        self.process = subprocess.Popen([SERVER, "--config", config], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)
        self.addresses = {}
        for line in self.process.stdout:
            words = line.split()
            if words[:1] == ["listening"]:
                self.addresses[words[1]] = words[2]
            if line.startswith("ready"):
                break

    def localize(self, text):
        tcp_port = self.addresses["tcp"].rsplit(":", 1)[1]
        grpc_port = self.addresses["grpc"].rsplit(":", 1)[1]
        text = re.sub(r"\b9007\b", tcp_port, text)
        text = re.sub(r"\b50051\b", grpc_port, text)
        text = text.replace("/tmp/fluxgate-venv", self.venv)
        return text.replace("/tmp/fluxgate.sock", self.socket)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self.log.close()
        return status


def matches(expected, printed):
    pattern = ".*".join(re.escape(part) for part in expected.strip().split("..."))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def only_scripts(commands):
    lines = [line for line in commands.splitlines() if line.strip() and not line.startswith("#")]
    return bool(lines) and all(line.split()[0] in SCRIPTS for line in lines), lines


def stripped(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def in_an_example(text, suffix):
    wanted = stripped(text)
    for example in (ROOT / "docs/examples").glob("*" + suffix):
        lines = stripped(example.read_text())
        if any(lines[i:i + len(wanted)] == wanted for i in range(len(lines))):
            return True
    return False


def take_installs(text):
    """The commands without those that install packages, and the packages they name."""
    packages, rest = [], []
    for line in text.splitlines(keepends=True):
        if re.match(r"(sudo )?apt-get install ", line):
            packages += [word for word in line.split(">")[0].split()[2:]
                         if word not in ("apt-get", "install") and not word.startswith("-")]
        else:
            rest.append(line)
    return "".join(rest), packages


def run_file(path):
    failures = []
    count = 0
    with tempfile.TemporaryDirectory(prefix="fluxgate-docs-") as directory:
        gateway = Gateway(directory)
        environment = dict(os.environ, TMPDIR=directory)
        printed = ""
        for language, mark, text in BLOCK.findall(path.read_text()):
            if language == "sh" or (language, mark) == ("python", "run"):
                count += 1
                text, packages = take_installs(text) if language == "sh" else (text, [])
                for package in packages:
                    if subprocess.run(["dpkg-query", "-W", package], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, check=False).returncode != 0:
                        failures.append(f"{path}: package {package} is not installed")
                scripts, lines = only_scripts(text) if language == "sh" else (False, [])
                if scripts:
                    for line in lines:
                        if not os.access(ROOT / line.split()[0], os.X_OK):
                            failures.append(f"{path}: no such script: {line}")
                    continue
                command = ["bash", "-euo", "pipefail", "-c", gateway.localize(text)]
                if language == "python":
                    command = [f"{gateway.venv}/bin/python", "-c", gateway.localize(text)]
                try:
                    done = subprocess.run(command, cwd=ROOT,
                                          env=environment, stdout=subprocess.PIPE,
                                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                          text=True, timeout=TIMEOUT_S)
                except subprocess.TimeoutExpired as late:
                    failures.append(f"{path}: not done in {TIMEOUT_S} s:\n{text}\n{late.stdout}")
                    continue
                printed = done.stdout
                if (done.returncode != 0) != (mark == "fails"):
                    failures.append(f"{path}: status {done.returncode}:\n{text}\n{printed}")
            elif language in EXAMPLES:
                count += 1
                if not in_an_example(text, EXAMPLES[language]):
                    failures.append(f"{path}: in none of docs/examples/*{EXAMPLES[language]}:\n{text}")
            elif language == "output":
                count += 1
                if not matches(gateway.localize(text), printed):
                    failures.append(f"{path}: printed\n{printed}\ninstead of\n{text}")
        status = gateway.stop()
        if status != 0:
            failures.append(f"{path}: the gateway ended with status {status}")
    print(f"{path.relative_to(ROOT)}: {count} blocks")
    return failures


def main():
    if not SERVER.exists():
        sys.exit(f"{SERVER} is missing: build //gateway/server:fluxgated first")
    if shutil.which("bash") is None:
        sys.exit("bash is missing")
    names = sys.argv[1:] or sorted(path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
                                   if "node_modules" not in path.parts)
    failures = []
    for name in names:
        failures += run_file(pathlib.Path(name).resolve())
    for failure in failures:
        print("FAIL", failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
