#!/usr/bin/env python3
"""Measures Fluxgate against its peers and its limits on this machine; prints one table per workload.

Every round runs every row of a workload once, one after the other, so that a noisy moment hits all
of them alike; the tables show medians, and the least and greatest of the figure that is compared.
"""

import argparse
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import bench_report  # noqa: E402
import bench_targets  # noqa: E402
import bench_workloads  # noqa: E402
from bench_brokers import BROKERS, BenchError, find_server  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARGETS = ["//gateway/server:fluxgated", "//tests/bench:loadgen", "//tests/bench:grpc_loadgen",
           "//tests/bench:relay", "//tests/bench:grpc_peer", "//tests/bench:reactor_choice",
           "//tests/bench:client_peer", "//tests/bench:client_bench",
           "//tests/bench:python_bench", "//tests/bench:amps.zip", "//tests/bench:count_handler.so",
           "//tests/bench:matcher_bench", "//tests/bench:extract_bench", "//tests/bench:evaluate_bench",
           "//tests/bench:access_bench", "//tests/bench:module_bench", "//tests/bench:sow_bench",
           "//modules/samples/functions:functions.so", "//modules/samples/message-type:message_type.so",
           "//modules/samples/sow-key-generator:sow_key_generator.so"]
RUN_TIMEOUT_S = 180
QUIET_LOAD = 0.5


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="name the workloads and stop")
    parser.add_argument("--only", action="append", metavar="NAME", default=[],
                        help="workloads whose name contains NAME; repeatable")
    parser.add_argument("--rounds", type=int, default=5, help="rounds per workload (default 5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="measured per run (default 2)")
    parser.add_argument("--warm-up", type=float, default=0.5, help="seconds before that (default 0.5)")
    parser.add_argument("--quick", action="store_true", help="2 rounds of half a second: to look around")
    parser.add_argument("--smoke", action="store_true",
                        help="1 round of an instant, no peers, small memory runs: does it all work?")
    parser.add_argument("--no-peers", action="store_true", help="without nats-server and redis-server")
    parser.add_argument("--markdown", metavar="FILE", help="also write the tables as Markdown: between the marks of a document such as "
                             "docs/performance.md, or a file of their own")
    parser.add_argument("--json", metavar="FILE", help="also write every figure of every round")
    parser.add_argument("--binaries", metavar="FOLDER",
                        help="use these built binaries (laid out like bazel-bin) and do not build")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.warm_up = 2, 0.5, 0.2
    if options.smoke:
        options.rounds, options.seconds, options.warm_up, options.no_peers = 1, 0.05, 0.02, True
    if options.rounds < 1 or options.seconds <= 0:
        parser.error("--rounds and --seconds must be above 0")
    return options


def select_workloads(options):
    chosen = bench_workloads.all_workloads()
    if options.only:
        unknown = [name for name in options.only if not any(name in w.name for w in chosen)]
        if unknown:
            raise BenchError("no workload is called %s; --list names them" % ", ".join(unknown))
        chosen = [w for w in chosen if any(name in w.name for name in options.only)]
    if options.no_peers:
        for workload in chosen:
            workload.rows = [row for row in workload.rows if row.broker not in ("nats", "redis")]
    if options.smoke:
        for workload in chosen:
            for row in workload.rows:
                row.args = ["200" if arg == "5000" else "2000" if arg in ("100000", "1000000") else arg
                            for arg in row.args]
    return chosen


def build(options):
    """The folder of the built binaries."""
    if options.binaries:
        return os.path.abspath(options.binaries)
    print("building ...", file=sys.stderr, flush=True)
    command = ["bazel", "build", "--config=release"] + TARGETS
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True)
    except FileNotFoundError:
        raise BenchError("bazel is not installed: apt-get install -y bazel-bootstrap") from None
    if done.returncode != 0:
        raise BenchError("the build failed:\n" + done.stdout)
    return os.path.join(ROOT, "bazel-bin")


def copy_binaries(built, folder):
    """A build that somebody starts meanwhile must not change what is measured."""
    for target in TARGETS:
        name = target[2:].replace(":", "/")
        os.makedirs(os.path.join(folder, os.path.dirname(name)), exist_ok=True)
        try:
            shutil.copy(os.path.join(built, name), os.path.join(folder, name))
        except OSError as error:
            raise BenchError("not built: %s" % error) from None


def run_generator(command):
    """What one run prints. The generator ends with us, also on Ctrl-C."""
    parent_death = ctypes.CDLL(None)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: parent_death.prctl(1, signal.SIGKILL))
    try:
        out, err = process.communicate(timeout=RUN_TIMEOUT_S)
    except BaseException as stopped:
        process.kill()
        process.communicate()
        if isinstance(stopped, subprocess.TimeoutExpired):
            raise BenchError("no end after %d s" % RUN_TIMEOUT_S) from None
        raise
    if process.returncode != 0:
        raise BenchError(err.strip() or "exit status %d" % process.returncode)
    return out


def run_row(workload, row, binaries, options, figures):
    """`figures`: of the rows of this round so far."""
    core = os.cpu_count() - 1 if workload.core == "last" else workload.core
    with BROKERS[row.broker](binaries, core) as broker:
        command = [os.path.join(binaries, "tests/bench", row.generator)] + row.args
        command += ["--connect", broker.endpoint(row.transport),
                    "--broker-pid", str(broker.process.pid)]
        if row.batch_of:
            if row.batch_of not in figures:
                raise BenchError("needs the row %s, which failed" % row.batch_of)
            command += ["--batch", str(round(figures[row.batch_of]["messages_per_batch"]))]
        if row.needs_tcp:
            command += ["--publish-over", broker.endpoint("tcp")]
        if workload.timed:
            command += ["--seconds", str(options.seconds), "--warm-up", str(options.warm_up)]
        if core is not None:
            command += ["--core", str(core)]
        try:
            return json.loads(run_generator(command))
        except BenchError as error:
            raise BenchError("%s\n%s" % (error, broker.log_tail())) from None


def run_matcher(workload, binaries, options):
    """One round: every row's figures, out of the table that matcher_bench prints."""
    command = [os.path.join(binaries, "tests/bench/matcher_bench")]
    if options.smoke:
        command += ["--filters", "1000", "--rounds", "1", "--events", "50", "--in-turn-ms", "1"]
    elif options.quick:
        command += ["--filters", "1000", "100000", "--rounds", "5"]
    else:
        command += ["--million"]
    figures = {}
    lines = []
    # A process for each, so that none starts with the memory that another has left.
    for name in dict.fromkeys(row.args[0] for row in workload.rows):
        lines += run_generator(command + ["--workloads", name]).splitlines()[1:]
    for line in lines:
        # Name, filters, matches, three times "median (least-greatest)", us to compile and to enter,
        # bytes of the filter and of the index, median/p99/greatest us of adding and of removing one.
        words = line.split()
        index, matches = float(words[3]), float(words[2])
        figures[bench_workloads.matcher_label(words[0], int(words[1]))] = {
            "matches": matches, "index_us": index, "with_json_us": float(words[5]),
            "in_turn_us": float(words[7]), "beyond_matches_us": index - 0.1 * matches,
            "us_per_match": index / matches if matches else 0,
            "compile_us": float(words[9]), "build_us": float(words[10]),
            "filter_bytes": float(words[11]), "index_bytes": float(words[12]),
            "bytes": float(words[11]) + float(words[12]),
            "add_p99_us": float(words[13].split("/")[1]), "remove_p99_us": float(words[14].split("/")[1])}
    workload.rows = [row for row in workload.rows if row.label in figures]
    return figures


def run_micro(name, binaries, options, arguments=()):
    """What one of the programs on Google Benchmark prints."""
    command = [os.path.join(binaries, "tests/bench/%s_bench" % name), "--benchmark_format=json",
               "--benchmark_min_time=%g" % min(0.05, options.seconds / 10)]
    command += arguments
    return json.loads(run_generator(command))["benchmarks"]


def run_evaluate(workload, binaries, options):
    """One round: every filter's figures. The filters become the rows."""
    figures = {}
    for run in run_micro("evaluate", binaries, options):
        row = figures.setdefault(run["label"], {})
        if run["name"].startswith("evaluate/"):
            row["evaluate_ns"] = run["cpu_time"]
        else:
            row["compile_us"] = run["cpu_time"] / 1000
    workload.rows = [bench_workloads.Row(label, "", []) for label in figures]
    return figures


def run_extract(workload, binaries, options):
    """One round: every row's figures, out of what extract_bench prints."""
    figures = {}
    for run in run_micro("extract", binaries, options):
        name, count, what = run["name"].split("/")
        # Processor time: other work on the machine does not count.
        figures.setdefault("%s, %s fields" % (name, count), {})[what + "_ns"] = run["cpu_time"]
    for row in figures.values():
        for other in ("parse", "same"):
            if other + "_ns" in row:
                row["of_" + other] = row["extract_ns"] / row[other + "_ns"]
    return figures


def run_module(workload, binaries, options):
    """One round: what it costs that a module does it, by benchmark."""
    figures = {}
    for run in run_micro("module", binaries, options):
        name, how = run["name"].rsplit("/loaded:", 1)
        figures.setdefault(name, {})["loaded_ns" if how == "1" else "builtin_ns"] = run["cpu_time"]
    for row in figures.values():
        row["of_builtin"] = row["loaded_ns"] / row["builtin_ns"]
    workload.rows = [bench_workloads.Row(label, "", []) for label in figures]
    return figures


def run_access(workload, binaries, options):
    """One round: what entitlements cost a publish, by benchmark."""
    figures = {}
    for run in run_micro("access", binaries, options):
        name, how = run["name"].rsplit("/entitled:", 1)
        figures.setdefault(name, {})["entitled_ns" if how == "1" else "free_ns"] = run["cpu_time"]
    for row in figures.values():
        row["of_free"] = row["entitled_ns"] / row["free_ns"]
    workload.rows = [bench_workloads.Row(label, "", []) for label in figures]
    return figures


def run_sow(workload, binaries, options):
    """One round: the counters of every benchmark, by its label."""
    arguments = ["--benchmark_filter=" + workload.benchmarks] + ["--records=2000"] * options.smoke
    figures = {}
    for run in run_micro("sow", binaries, options, arguments):
        row = figures.setdefault(run["label"], {})
        row.update((figure, run[figure]) for figure, _, _ in workload.columns if figure in run)
    if not workload.rows:
        workload.rows = [bench_workloads.Row(label, "", []) for label in figures]
    return figures


MICRO = {"access": run_access, "extract": run_extract, "evaluate": run_evaluate, "module": run_module, "sow": run_sow}


def run_workload(workload, binaries, options, failures):
    if workload.matcher:
        progress("%s: all rounds" % workload.name)
        try:
            return [run_matcher(workload, binaries, options)]
        except (BenchError, ValueError, IndexError) as error:
            progress("")
            failures.append("FAILED: matcher: %s" % error)
            print(failures[-1], file=sys.stderr, flush=True)
            return [{}]
    rounds = []
    for number in range(1, options.rounds + 1):
        figures = {}
        if workload.micro:
            progress("%s: round %d of %d" % (workload.name, number, options.rounds))
            try:
                rounds.append(MICRO[workload.micro](workload, binaries, options))
            except (BenchError, ValueError, KeyError) as error:
                progress("")
                failures.append("FAILED: %s, round %d: %s" % (workload.name, number, error))
                print(failures[-1], file=sys.stderr, flush=True)
            continue
        for row in workload.rows:
            progress("%s: round %d of %d: %s" % (workload.name, number, options.rounds, row.label))
            try:
                figures[row.label] = run_row(workload, row, binaries, options, figures)
            except BenchError as error:
                progress("")
                text = "FAILED: %s, %s, round %d: %s" % (workload.name, row.label, number, error)
                print(text, file=sys.stderr, flush=True)
                failures.append(text)
        rounds.append(figures)
    progress("")
    return rounds


def progress(text):
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + text)
        sys.stderr.flush()


MARK = "<!-- figures: written by ./bench --markdown -->"
MARK_END = "<!-- end of figures -->"
TARGET_HEADER = ["target", "wanted", "measured (median)", ""]


def write_markdown(path, facts, options, sections, targets):
    """Between the marks of a document that has them, else the whole file."""
    text = "| | |\n|---|---|\n"
    text += "".join("| %s | %s |\n" % fact for fact in facts)
    text += "| runs | %d rounds, %g s each after %g s of warm-up |\n" % (
        options.rounds, options.seconds, options.warm_up)
    if targets:
        text += "\n### Targets\n\n%s\n" % bench_report.markdown(TARGET_HEADER, targets)
    for workload, header, lines in sections:
        text += "\n### %s\n\n%s\n" % (workload.title, bench_report.markdown(header, lines))
    try:
        with open(path) as old:
            before, found, rest = old.read().partition(MARK)
    except FileNotFoundError:
        before, found, rest = "", "", ""
    if found:
        text = "%s%s\n\n%s\n%s%s" % (before, MARK, text, MARK_END, rest.partition(MARK_END)[2])
    with open(path, "w") as out:
        out.write(text)


def measure(options):
    workloads = select_workloads(options)
    if options.list:
        for workload in workloads:
            print("%-24s %s" % (workload.name, workload.title))
        return 0
    if not options.no_peers and any(row.broker in ("nats", "redis") for w in workloads for row in w.rows):
        find_server("nats-server")
        find_server("redis-server")
    with tempfile.TemporaryDirectory(prefix="fluxgate-bench-") as binaries:
        copy_binaries(build(options), binaries)
        return run_all(workloads, binaries, options)


def run_all(workloads, binaries, options):
    facts = bench_report.machine_facts(binaries)
    for name, value in facts:
        print("%-14s %s" % (name, value))
    if os.getloadavg()[0] > QUIET_LOAD and not options.smoke:
        print("The machine is not idle: figures will be low and scattered.", file=sys.stderr)
    failures, sections, targets, everything = [], [], [], {}
    started = time.monotonic()
    for workload in workloads:
        rounds = run_workload(workload, binaries, options, failures)
        header, lines = bench_report.table(workload, rounds)
        sections.append((workload, header, lines))
        everything[workload.name] = rounds
        print("\n%s  [%s]\n%s" % (workload.title, workload.name, bench_report.plain(header, lines)), flush=True)
        targets = [] if options.smoke else bench_targets.lines(everything, bench_report.format_value)
        # After every workload, so that a run that is broken off leaves what it has.
        if options.markdown:
            write_markdown(options.markdown, facts, options, sections, targets)
        if options.json:
            with open(options.json, "w") as out:
                json.dump({"facts": dict(facts), "workloads": everything}, out, indent=1)
    if targets:
        print("\nTargets\n%s" % bench_report.plain(TARGET_HEADER, targets))
    print("\n%d workloads in %.0f s" % (len(workloads), time.monotonic() - started))
    if failures:
        print("%d runs FAILED" % len(failures), file=sys.stderr)
    return 1 if failures else 0


def main():
    def terminate(_signal, _frame):
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, terminate)
    try:
        return measure(parse_arguments())
    except BenchError as error:
        print("bench: %s" % error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        progress("")
        print("bench: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
