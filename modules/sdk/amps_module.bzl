"""A loadable module."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def amps_module(name, srcs, copts = [], deps = [], **kwargs):
    """Builds NAME.so.

    Hidden visibility, so that only what is declared AMPS_EXPORT can be seen from outside, and
    nothing is shared with another module by accident.
    """
    cc_binary(
        name = name + ".so",
        srcs = srcs,
        copts = ["-fvisibility=hidden"] + copts,
        linkshared = True,
        deps = ["//modules/sdk"] + deps,
        **kwargs
    )
