"""What is measured: one table per workload, one row per broker or variant.

A row names its broker, the load generator and its arguments. `subject` is the row that is compared
with it: the ratio (the subject's figure / this row's) is taken in every round, from runs that stood
next to each other.
"""

from dataclasses import dataclass


@dataclass
class Row:
    label: str
    broker: str  # key of bench_brokers.BROKERS
    args: list  # of the load generator
    transport: str = "tcp"
    subject: str = ""  # label of the row whose figure is divided by this row's
    generator: str = "loadgen"
    needs_tcp: bool = False  # gRPC runs that publish over tcp
    batch_of: str = ""  # label of the row whose messages per batch this row takes, in the same round


@dataclass
class Workload:
    name: str
    title: str
    rows: list
    metric: str  # the figure that is compared
    columns: list  # (figure, heading, format)
    core: int = None  # broker and load generator both stay there
    timed: bool = True  # takes --seconds and --warm-up
    matcher: bool = False  # matcher_bench makes all rows itself, in rounds of its own
    micro: str = ""  # "extract", "access", "evaluate", "module", "sow": that program makes all rows of a round itself
    benchmarks: str = ""  # sow: those whose name matches


CPU = [("broker_cpu_us", "broker CPU us/msg", "%.3f"), ("client_cpu_us", "client CPU us/msg", "%.3f")]
WIRES = {"fluxgate": "amps", "relay": "relay", "nats": "nats", "redis": "redis",
         "reactor-epoll": "relay", "reactor-asio": "relay"}


def native(label, broker, args, transport="tcp", subject=""):
    return Row(label, broker, ["--wire", WIRES[broker]] + args, transport, subject)


def peer_rows(args, unix=True):
    rows = [native("fluxgate", "fluxgate", args),
            native("nats-server", "nats", args, subject="fluxgate"),
            native("redis-server", "redis", args, subject="fluxgate"),
            native("relay (limit)", "relay", args, subject="fluxgate")]
    if unix:
        rows.insert(1, native("fluxgate, unix", "fluxgate", args, "unix"))
        rows.append(native("relay (limit), unix", "relay", args, "unix", "fluxgate, unix"))
    return rows


def throughput(subscribers, body_bytes):
    size = "128 B" if body_bytes == 128 else "%d KiB" % (body_bytes // 1024)
    return Workload(
        name="throughput-1x%d-%d" % (subscribers, body_bytes),
        title="Throughput, %s, 1 to %d" % (size, subscribers),
        rows=peer_rows(["throughput", "--subscribers", str(subscribers), "--body-bytes", str(body_bytes)]),
        metric="delivered_per_s",
        columns=[("delivered_per_s", "delivered/s", "rate")] + CPU)


def latency(rate):
    return Workload(
        name="latency-%d" % rate, title="Latency at {:,} messages/s, 128 B, 1 to 1".format(rate),
        rows=peer_rows(["latency", "--rate", str(rate)], unix=False),
        metric="p50_us",
        columns=[("p50_us", "p50 us", "%.1f"), ("p99_us", "p99 us", "%.1f"),
                 ("late_share", "sent late", "share")] + CPU)


def filters(workload, counts):
    selective = "0.3 matches a message at 100,000 filters" if workload == "w1s" else \
        "25 matches a message at 100,000 filters"
    return Workload(
        name="filters-" + workload,
        title="Whole path with filters, %s (%s), 146 B, 10 connections" % (workload.upper(), selective),
        rows=[native("{:,} filters".format(count), "fluxgate",
                     ["filters", "--workload", workload, "--filters", str(count)])
              for count in counts],
        metric="published_per_s",
        columns=[("published_per_s", "published/s", "rate"),
                 ("matches_per_message", "matches/msg", "%.4f"),
                 ("frames_per_message", "delivered/msg", "%.4f"),
                 ("subscribe_us", "subscribe us", "%.1f")] + CPU)


def memory(run, title, figure, args):
    return Workload(
        name=run, title=title, timed=False,
        rows=[native("fluxgate", "fluxgate", [run] + args),
              native("nats-server", "nats", [run] + args, subject="fluxgate"),
              native("redis-server", "redis", [run] + args, subject="fluxgate")],
        metric=figure,
        columns=[(figure, figure.replace("_", " "), "%.0f"), ("resident_mib", "resident MiB", "%.1f")])


def reactor(suffix, title, args, metric, columns, core=None):
    return Workload(
        name="reactor-" + suffix, title="Reactor choice: " + title, metric=metric, columns=columns, core=core,
        rows=[native("Boost.Asio", "reactor-asio", args),
              native("plain epoll", "reactor-epoll", args, subject="Boost.Asio")])


def grpc_row(label, broker, args, subject="", needs_tcp=False):
    return Row(label, broker, args, "grpc", subject, "grpc_loadgen", needs_tcp)


def grpc_pairs(run, batches, extra=()):
    rows = []
    for batch in batches:
        args = [run, "--batch", str(batch)] + list(extra)
        ours = "fluxgate, batch %d" % batch
        rows.append(grpc_row(ours, "fluxgate", args))
        rows.append(grpc_row("bare gRPC, batch %d" % batch, "grpc-peer", args + ["--bare"], subject=ours))
    return rows


def grpc_subscribe_rows(streams, fixed_batches=()):
    """The gateway forms its own batches: the bare stream first takes the same, then fixed ones."""
    ours = "fluxgate, published over tcp"
    args = ["subscribe", "--subscribers", str(streams)]
    rows = [grpc_row(ours, "fluxgate", args, needs_tcp=True),
            grpc_row("bare gRPC, the same batch", "grpc-peer", args + ["--bare"], subject=ours)]
    rows[1].batch_of = ours
    for batch in fixed_batches:
        rows.append(grpc_row("bare gRPC, batch %d" % batch, "grpc-peer",
                             args + ["--bare", "--batch", str(batch)], subject=ours))
    return rows


def grpc(name, title, rows, core=None):
    columns = [("p50_us", "p50 us", "%.1f"), ("p99_us", "p99 us", "%.1f")] if "round-trip" in name else \
        [("delivered_per_s", "messages/s", "rate"), ("messages_per_batch", "messages/batch", "%.0f")]
    return Workload(name=name, title=title, rows=rows, metric=columns[0][0], columns=columns + CPU, core=core)


def clients(run, title, python):
    """client_peer is the other end of every row: what differs is the client alone. `python`: what
    python_bench does, by label."""
    rows = [Row("C++ client", "client-peer", [run, "--by", "client"], generator="client_bench"),
            Row("bare socket (limit)", "client-peer", [run, "--by", "socket"], subject="C++ client",
                generator="client_bench")]
    rows += [Row(label, "client-peer", [how], subject="C++ client", generator="python_bench")
             for label, how in python]
    return Workload(name="clients-" + run, title=title, rows=rows, metric="messages_per_s",
                    columns=[("messages_per_s", "messages/s", "rate")] + CPU)


def matcher_label(name, count):
    return "one filter, /price > 0 AND /symbol != 'ZZZZ'" if name == "one" else \
        "{}, {:,} filters".format(name, count)


def matcher():
    counts = [1_000, 10_000, 100_000, 1_000_000]
    rows = [("one", 1)] + [(name, count) for name in ["W1", "W1s", "W2", "W3", "MIX"] for count in counts]
    return Workload(
        name="matcher", matcher=True,
        title="Matcher alone and with JSON extraction, one thread (median of its own rounds)",
        rows=[Row(matcher_label(name, count), "", [name, str(count)]) for name, count in rows],
        metric="index_us",
        columns=[("matches", "matches/msg", "%.2f"), ("index_us", "index us", "%.3f"),
                 ("with_json_us", "with JSON us", "%.3f"), ("in_turn_us", "every filter in turn us", "%.1f"),
                 ("beyond_matches_us", "index us less 0.1 us a match", "%.3f"),
                 ("compile_us", "compile us/filter", "%.1f"), ("build_us", "build us/filter", "%.1f"),
                 ("filter_bytes", "bytes/filter", "%.0f"), ("index_bytes", "of the index", "%.0f"),
                 ("add_p99_us", "add one, p99 us", "%.1f"), ("remove_p99_us", "remove one, p99 us", "%.1f")])


MESSAGE_TYPES = ["json", "fix", "nvfix", "xml", "bson", "msgpack", "protobuf"]


def extract():
    return Workload(
        name="extract", micro="extract",
        title="Three fields out of a body, one thread: ours, the full parse by the format's library (simdjson's "
              "DOM, QuickFIX, pugixml, libbson, msgpack-c, DynamicMessage), the same fields by simdjson on-demand",
        rows=[Row("%s, %d fields" % (name, count), "", []) for name in MESSAGE_TYPES for count in (10, 100)],
        metric="of_parse",
        columns=[("extract_ns", "ours ns", "%.0f"), ("parse_ns", "full parse ns", "%.0f"),
                 ("of_parse", "ours / full parse", "%.2f"), ("same_ns", "on-demand ns", "%.0f"),
                 ("of_same", "ours / on-demand", "%.2f")])


def evaluate():
    return Workload(
        name="evaluate", micro="evaluate",
        title="Ten typical filters, one evaluation each over extracted fields, one thread",
        rows=[], metric="evaluate_ns",  # the filters are in evaluate_bench.cc
        columns=[("evaluate_ns", "evaluate ns", "%.1f"), ("compile_us", "compile us", "%.1f")])


def modules():
    return Workload(
        name="modules", micro="module",
        title="A module against the same built in, one thread: a user-defined function in a filter, a message type "
              "(three fields of twenty; a delta merged). And a publish to a topic that uses no module, with modules in use on "
              "other topics against none loaded",
        rows=[], metric="loaded_ns",  # the benchmarks are in module_bench.cc
        columns=[("loaded_ns", "module ns", "%.1f"), ("builtin_ns", "built in ns", "%.1f"),
                 ("of_builtin", "module / built in", "%.2f")])


def entitlements():
    return Workload(
        name="entitlements", micro="access",
        title="A publish with entitlements against without, or against the same filters asked for by the subscribers "
              "themselves, one thread",
        rows=[], metric="entitled_ns",  # the benchmarks are in access_bench.cc
        columns=[("entitled_ns", "entitled ns", "%.1f"), ("free_ns", "without ns", "%.1f"),
                 ("of_free", "entitled / without", "%.2f")])


def sow_micro(name, title, metric, columns, rows=()):
    """Without rows: one per label of the benchmarks."""
    return Workload(name="sow-" + name, title=title, rows=list(rows), metric=metric, columns=columns,
                    micro="sow", benchmarks="^%s/" % name)


def sow_inside():
    upserts = [("upserts_per_s", "upserts/s", "rate")]
    scan = [("records_per_s", "records/s", "rate"), ("gb_per_s", "GB/s", "%.2f")]
    plain = "plain loop over the same bodies"
    return [
        sow_micro("upsert", "Upserts into a stored topic, random keys, 150 B, one thread", "upserts_per_s", upserts),
        sow_micro("query", "Queries over 1,000,000 records, one thread, from the request to the last record",
                  "query_us", [("query_us", "us", "%.1f")]),
        sow_micro("scan", "A filter over all of 1,000,000 records of 150 B, without index, one thread",
                  "records_per_s", scan,
                  [Row("query over every record", "", [], subject=plain),
                   Row("the same after as many random updates", "", [], subject=plain), Row(plain, "", [])]),
        sow_micro("slices", "Slices of a query and subscribe over 1,000,000 records while records change, CPU time",
                  "slice_max_us",
                  [("slices", "slices", "%.0f"), ("slice_p50_us", "p50 us", "%.0f"),
                   ("slice_p99_us", "p99 us", "%.0f"), ("slice_max_us", "max us", "%.0f"),
                   ("publish_p99_us", "publish p99 us", "%.1f")]),
        sow_micro("delta", "One field of a record changes: the delta against the whole body, one thread", "diff_ns",
                  [("full_bytes", "full B", "%.0f"), ("delta_bytes", "delta B", "%.0f"),
                   ("diff_ns", "find it ns", "%.0f"), ("merge_ns", "merge it ns", "%.0f")]),
        sow_micro("view", "Updates of 100,000 records, 64 together, one thread", "updates_per_s",
                  [("updates_per_s", "updates/s", "rate")]),
        sow_micro("memory", "Memory of a record beside its body, 1,000,000 records", "bytes_beside_body",
                  [("bytes_beside_body", "bytes", "%.1f")]),
        sow_micro("recovery", "A persistent topic is read back at start", "wall_records_per_s",
                  [("wall_records_per_s", "records/s", "rate"), ("records_per_s", "by CPU time", "rate"),
                   ("file_bytes", "file B/record", "%.0f")]),
    ]


def sow_peers(run, keys, metric, heading):
    args = [run, "--topic", "records", "--keys", str(keys)]
    return dict(rows=[native("fluxgate", "fluxgate", args),
                      native("redis-server", "redis", args, subject="fluxgate")],
                metric=metric, columns=[(metric, heading, "rate")] + CPU)


def sow_whole():
    workloads = [Workload(name="sow-upsert-notify-%dk" % (keys // 1000),
                          title="Upserts, 128 B, {:,} live keys, one subscriber gets every change".format(keys),
                          **sow_peers("upserts", keys, "delivered_per_s", "upserts/s"))
                 for keys in (1_000, 100_000)]
    workloads.append(Workload(name="sow-read", title="Reads by key, 64 under way, 128 B, 100,000 records",
                              **sow_peers("reads", 100_000, "reads_per_s", "reads/s")))
    args = ["sow-latency", "--topic", "records", "--keys", "1000000", "--rate", "10000", "--queries"]
    alone = "no query"
    rows = [native(alone, "fluxgate", args + ["none"])]
    rows += [native(label, "fluxgate", args + [queries], subject=alone)
             for label, queries in (("queries that find 1 record in 1,000", "few"),
                                    ("queries for every record", "all"))]
    workloads.append(Workload(
        name="sow-query-under-load",
        title="10,000 updates/s of 1,000,000 records of 128 B, one subscriber, while another client does "
              "sow_and_subscribe over all of them again and again",
        rows=rows, metric="p99_us",
        columns=[("p50_us", "p50 us", "%.1f"), ("p99_us", "p99 us", "%.1f"), ("p999_us", "p99.9 us", "%.0f"),
                 ("max_us", "max us", "%.0f"), ("queries_per_s", "queries/s", "%.1f"),
                 ("late_share", "sent late", "share")] + CPU[:1]))
    return workloads


def all_workloads():
    rate = [("delivered_per_s", "delivered/s", "rate")] + CPU
    times = [("p50_us", "p50 us", "%.1f"), ("p99_us", "p99 us", "%.1f")] + CPU
    last_core = "last"  # run_bench.py puts the machine's last core in
    return [
        throughput(1, 128),
        throughput(10, 128),
        throughput(1, 1024),
        throughput(10, 1024),
        latency(10_000),
        latency(1_000),
        Workload(name="round-trip", title="Round trip, broker and both ends on one core, 128 B",
                 rows=peer_rows(["round-trip"]), metric="p50_us", columns=times, core=last_core),
        filters("w1s", [1_000, 5_000, 100_000]),
        filters("w1", [1_000, 5_000, 100_000]),
        matcher(),
        extract(),
        evaluate(),
        modules(),
        entitlements(),
        *sow_inside(),
        *sow_whole(),
        clients("publish", "Client libraries: publishing 128 B to a peer that throws it away",
                [("Python", "publish")]),
        clients("receive", "Client libraries: receiving 128 B from a peer that sends it as fast as it goes",
                [("Python, CMessageHandler", "c-handler"), ("Python handler", "handler"),
                 ("Python stream", "stream")]),
        grpc("grpc-publish", "gRPC publish stream, 128 B", grpc_pairs("publish", [1, 16, 128, 256])),
        grpc("grpc-subscribe-1x1", "gRPC subscribe stream, 128 B",
             grpc_subscribe_rows(1, [1, 16, 128, 256])),
        grpc("grpc-subscribe-1x10", "10 gRPC subscribe streams, 128 B: the cost of sending",
             grpc_subscribe_rows(10)),
        grpc("grpc-through-1x1", "gRPC publisher to gRPC subscriber, 128 B, 1 to 1",
             grpc_pairs("through", [1, 16, 128, 256])),
        grpc("grpc-through-1x10", "gRPC publisher to 10 gRPC subscribers, 128 B",
             grpc_pairs("through", [128, 256], ["--subscribers", "10"])),
        grpc("grpc-round-trip", "gRPC round trip, broker and both ends on one core, 128 B",
             grpc_pairs("round-trip", [1]), last_core),
        memory("connection-memory", "Memory of an idle connection (5,000 logged on)", "bytes_per_connection",
               ["--connections", "5000"]),
        memory("subscription-memory",
               "Memory of a subscription (100,000 over 10 connections; fluxgate: distinct W1s filters on one "
               "topic, the others: distinct subjects)", "bytes_per_subscription",
               ["--connections", "10", "--filters", "100000"]),
        reactor("1x1", "relay of frames, 128 B, 1 to 1", ["throughput", "--subscribers", "1"],
                "delivered_per_s", rate),
        reactor("1x10", "relay of frames, 128 B, 1 to 10", ["throughput", "--subscribers", "10"],
                "delivered_per_s", rate),
        reactor("round-trip", "round trip on one core, 128 B", ["round-trip"], "p50_us", times, last_core),
    ]
