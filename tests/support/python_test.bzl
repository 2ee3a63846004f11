"""Tests in Python with the module AMPS and a gateway."""

def python_client_test(name, src, data = [], args = [], size = "medium"):
    """`src` gets `args`. No sanitizer can be loaded into an interpreter that was built without it."""
    native.sh_test(
        name = name,
        size = size,
        srcs = ["//tests/support:python_test.sh"],
        args = [
            "$(location //tests/support:run_with_wheel.py)",
            "$(location //client/python:wheel)",
            "$(location //gateway/server:fluxgated)",
            "$(location %s)" % src,
        ] + args,
        data = data + [
            src,
            "//client/python:wheel",
            "//gateway/server:fluxgated",
            "//tests/support:python",
            "//tests/support:run_with_wheel.py",
        ],
        tags = ["nosan", "notsan"],
    )
