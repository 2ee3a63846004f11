"""Tables of a bench run: for the terminal and as Markdown. Also the facts about the machine."""

import os
import platform
import re
import statistics
import subprocess


def rate_text(value):
    if value >= 1e6:
        return "%.2f M" % (value / 1e6)
    if value >= 1e4:
        return "%.0f k" % (value / 1e3)
    return "{:,.0f}".format(value)


def format_value(value, style):
    if style == "rate":
        return rate_text(value)
    if style == "share":
        return "%.2f %%" % (100 * value)
    return style % value


def spread(values, style, bounds):
    """Median, and for the compared figure also the least and the greatest."""
    text = format_value(statistics.median(values), style)
    if bounds and len(values) > 1:
        text += " (%s-%s)" % (format_value(min(values), style), format_value(max(values), style))
    return text


def table(workload, rounds):
    """Header and rows of text. `rounds`: a list of {label: figures or None}."""
    compared = any(row.subject for row in workload.rows)
    header = ["" if compared else "run"] + [heading for _, heading, _ in workload.columns]
    if compared:
        header[0] = "broker"
        header.append("compared with it")
    lines = []
    for row in workload.rows:
        measured = [one[row.label] for one in rounds if one.get(row.label)]
        if not measured:
            lines.append([row.label, "FAILED"] + [""] * (len(header) - 2))
            continue
        cells = [row.label]
        for figure, _, style in workload.columns:
            values = [figures[figure] for figures in measured if figure in figures]
            cells.append(spread(values, style, figure == workload.metric) if values else "-")
        if compared:
            cells.append(ratio_text(workload, row, rounds))
        lines.append(cells)
    return header, lines


def ratio_text(workload, row, rounds):
    if not row.subject:
        return ""
    values = []
    for one in rounds:
        this, subject = one.get(row.label), one.get(row.subject)
        if this and subject and this[workload.metric]:
            values.append(subject[workload.metric] / this[workload.metric])
    if not values:
        return "-"
    text = "%s %.2fx" % (row.subject, statistics.median(values))
    if len(values) > 1:
        text += " (%.2f-%.2f)" % (min(values), max(values))
    return text


def plain(header, lines):
    widths = [max(len(row[i]) for row in [header] + lines) for i in range(len(header))]
    out = []
    for row in [header] + lines:
        out.append("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    out.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(out)


def markdown(header, lines):
    out = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    out += ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return "\n".join(out)


def first_line(command):
    try:
        text = subprocess.run(command, capture_output=True, text=True, timeout=10).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return text.splitlines()[0] if text else ""


def cpu_model():
    try:
        with open("/proc/cpuinfo") as info:
            match = re.search(r"^model name\s*:\s*(.+)$", info.read(), re.MULTILINE)
    except OSError:
        match = None
    return match.group(1).strip() if match else platform.machine()


def system_name():
    try:
        with open("/etc/os-release") as release:
            match = re.search(r'^PRETTY_NAME="?([^"\n]+)', release.read(), re.MULTILINE)
    except OSError:
        match = None
    return match.group(1) if match else platform.system()


def machine_facts(binaries):
    """Name and value of everything that a figure depends on and that can be asked for."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    facts = [
        ("CPU", "%s, %d cores" % (cpu_model(), os.cpu_count())),
        ("memory", "%.0f GiB" % memory),
        ("system", "%s, Linux %s" % (system_name(), platform.release())),
        ("load at start", "%.2f" % os.getloadavg()[0]),
        ("fluxgated", first_line([os.path.join(binaries, "gateway/server/fluxgated"), "--version"])),
        ("nats-server", first_line(["nats-server", "--version"]) or
         first_line(["/usr/sbin/nats-server", "--version"])),
        ("redis-server", first_line(["redis-server", "--version"])),
        ("gRPC", first_line(["dpkg-query", "-W", "-f", "${Version}", "libgrpc++-dev"])),
        ("compiler", first_line(["g++", "--version"])),
    ]
    return [(name, value or "-") for name, value in facts]
