"""What the figures should be, and whether they are. Ratios are taken within a round; the median of
the rounds decides."""

import statistics
from dataclasses import dataclass


@dataclass
class Target:
    text: str
    workload: str
    row: str
    figure: str
    wanted: float
    against: tuple = ()  # rows to divide by; of several the greatest figure counts. None: absolute
    at_most: bool = False
    style: str = "%.2f x"


def _throughput():
    targets = []
    for size, name in (("128", "128 B"), ("1024", "1 KiB")):
        targets += [
            Target("1 to 1, %s, against nats-server" % name, "throughput-1x1-" + size, "fluxgate",
                   "delivered_per_s", 2.0, ("nats-server",)),
            Target("1 to 1, %s, against the relay (aim)" % name, "throughput-1x1-" + size, "fluxgate",
                   "delivered_per_s", 0.5, ("relay (limit)",)),
            Target("1 to 10, %s, against the faster peer" % name, "throughput-1x10-" + size, "fluxgate",
                   "delivered_per_s", 1.5, ("nats-server", "redis-server")),
            Target("1 to 10, %s, against the relay (aim)" % name, "throughput-1x10-" + size, "fluxgate",
                   "delivered_per_s", 0.5, ("relay (limit)",)),
        ]
    return targets


def _times():
    targets = []
    for figure, name in (("p50_us", "p50"), ("p99_us", "p99")):
        for row, wanted in (("nats-server", 1.0), ("relay (limit)", 1.2)):
            aim = " (aim)" if wanted > 1 else ""
            targets.append(Target("%s at 10,000/s, against %s%s" % (name, row, aim), "latency-10000",
                                  "fluxgate", figure, wanted, (row,), at_most=True))
    for row, wanted in (("nats-server", 1.0), ("relay (limit)", 1.2)):
        aim = " (aim)" if wanted > 1 else ""
        targets.append(Target("round trip p50 on one core, against %s%s" % (row, aim), "round-trip",
                              "fluxgate", "p50_us", wanted, (row,), at_most=True))
    return targets


def _grpc():
    targets = [Target("gRPC publish, batch %d, against bare gRPC" % batch, "grpc-publish",
                      "fluxgate, batch %d" % batch, "delivered_per_s", 0.7, ("bare gRPC, batch %d" % batch,))
               for batch in (1, 16, 128, 256)]
    targets.append(Target("10 gRPC subscribe streams, against bare gRPC in the same batches", "grpc-subscribe-1x10",
                          "fluxgate, published over tcp", "delivered_per_s", 0.7,
                          ("bare gRPC, the same batch",)))
    targets += [Target("gRPC to gRPC, 1 to 1, batch %d" % batch, "grpc-through-1x1",
                       "fluxgate, batch %d" % batch, "delivered_per_s", 1.5e6, style="rate")
                for batch in (128, 256)]
    return targets


def _filters():
    targets = [Target("whole path, %s filters (W1s)" % count, "filters-w1s", "%s filters" % count,
                      "published_per_s", 2.5e6, style="rate") for count in ("1,000", "5,000")]
    targets += [Target("matcher, %s, 100,000 filters: us beyond 0.1 us a match" % name, "matcher",
                       "%s, 100,000 filters" % name, "beyond_matches_us", 0.3, at_most=True,
                       style="%.2f us") for name in ("W1", "W1s")]
    return targets


def _extract():
    return [Target("three fields of %d (json), against simdjson on-demand" % count, "extract",
                   "json, %d fields" % count, "of_same", 1.2, at_most=True) for count in (10, 100)]


def _matcher():
    targets = [Target("matcher, %s, 100,000 filters" % name, "matcher", "%s, 100,000 filters" % name,
                      "index_us", wanted, at_most=True, style="%.2f us")
               for name, wanted in (("W1", 2.0), ("W1s", 0.8), ("W2", 2.9), ("W3", 51.0))]
    targets += [Target("matcher, %s, a match with 1,000,000 filters against 100,000" % name, "matcher",
                       "%s, 1,000,000 filters" % name, "us_per_match", 2.0, ("%s, 100,000 filters" % name,),
                       at_most=True) for name in ("W1", "W2", "W3", "MIX")]
    targets += [Target("matcher, %s, 1,000,000 filters: %s" % (name, text), "matcher",
                       "%s, 1,000,000 filters" % name, figure, wanted, at_most=True, style=style)
                for name in ("W3", "MIX")
                for text, figure, wanted, style in (
                    ("bytes of filter and index", "bytes", 1536, "%.0f B"),
                    ("adding one, p99", "add_p99_us", 50, "%.1f us"),
                    ("removing one, p99", "remove_p99_us", 50, "%.1f us"))]
    return targets


def _sow():
    targets = [Target("upsert and notify, %s keys, against redis-server" % keys, "sow-upsert-notify-" + name,
                      "fluxgate", "delivered_per_s", 1.0, ("redis-server",))
               for keys, name in (("1,000", "1k"), ("100,000", "100k"))]
    targets += [Target("%s, against a plain loop" % row, "sow-scan", row, "records_per_s", 0.5,
                       ("plain loop over the same bodies",))
                for row in ("query over every record", "the same after as many random updates")]
    # What a publish may have to wait for.
    targets += [Target("slices of a query, %s, the longest" % row, "sow-slices", row, "slice_max_us", 1000,
                       at_most=True, style="%.0f us")
                for row in ("one record in 1,000", "every record", "every record, ordered",
                            "the first 10 of an order")]
    targets += [Target("publish p99 at 10,000/s, %s" % row, "sow-query-under-load", row, "p99_us", 1000,
                       at_most=True, style="%.0f us")
                for row in ("queries that find 1 record in 1,000", "queries for every record")]
    return targets


def _clients():
    targets = [Target("C++ client, %s, against a bare socket" % run, "clients-" + run, "C++ client",
                      "messages_per_s", 0.7, ("bare socket (limit)",)) for run in ("publish", "receive")]
    in_c = "Python, CMessageHandler"
    targets += [Target("CMessageHandler, against a Python handler", "clients-receive", in_c, "messages_per_s", 10,
                       ("Python handler",)),
                Target("CMessageHandler, against the C++ client", "clients-receive", in_c, "messages_per_s",
                       1 / 1.3, ("C++ client",))]
    return targets


TARGETS = _throughput() + _times() + _grpc() + _filters() + _matcher() + _extract() + _sow() + _clients()


def measured(target, rounds):
    """The median of the rounds in which every row that it needs has run; None: there is none."""
    values = []
    for one in rounds:
        rows = [one.get(label) for label in (target.row,) + target.against]
        if any(not row or target.figure not in row for row in rows):
            continue
        figures = [row[target.figure] for row in rows]
        values.append(figures[0] / max(figures[1:]) if target.against else figures[0])
    return statistics.median(values) if values else None


def lines(everything, format_value):
    """Rows of text (target, wanted, measured, verdict) for what was measured. `everything`: rounds by
    workload."""
    out = []
    for target in TARGETS:
        value = measured(target, everything.get(target.workload, []))
        if value is None:
            continue
        met = value <= target.wanted if target.at_most else value >= target.wanted
        out.append([target.text,
                    ("at most " if target.at_most else "at least ") +
                    format_value(target.wanted, target.style),
                    format_value(value, target.style), "met" if met else "MISSED"])
    return out
