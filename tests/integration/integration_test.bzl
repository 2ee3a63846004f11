"""A test of a whole gateway."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_test")

def integration_test(name, deps = [], **kwargs):
    """NAME.cc with clients, on loopback, of a gateway in the test's process."""
    cc_test(
        name = name,
        size = "medium",
        srcs = [name + ".cc"],
        deps = [
            "//core/base:error",
            "//tests/support:raw_client",
            "//tests/support:test_gateway",
            "@com_github_fmtlib_fmt//:fmt",
            "@com_google_googletest//:gtest_main",
        ] + deps,
        **kwargs
    )

def test_module(name, **kwargs):
    """libNAME.so of NAME.c, which the gateway of a test loads."""
    cc_binary(
        name = "lib%s.so" % name,
        srcs = [name + ".c"],
        linkshared = True,
        deps = ["//modules/sdk"],
        **kwargs
    )
