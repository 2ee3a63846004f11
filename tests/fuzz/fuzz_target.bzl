"""A fuzz target: `bazel build --config=asan //tests/fuzz:all_fuzzers`, then run the binary with its
corpus folder. Manual, because it links only under --config=asan."""

def fuzz_target(name, deps):
    """`<name>_fuzz`, from `<name>_fuzz.cc`; its seeds are in `corpus/<name>/`."""
    native.cc_binary(
        name = name + "_fuzz",
        testonly = True,
        srcs = [name + "_fuzz.cc"],
        # gold warns about symbols of the sanitizer that it cannot export; they are not needed.
        linkopts = ["-fsanitize=fuzzer"],
        tags = [
            "fuzz",
            "manual",
        ],
        deps = deps,
    )

def fuzz_targets(targets):
    """Declares a fuzz target for each name in `targets`, which maps to its deps."""
    for name, deps in targets.items():
        fuzz_target(name, deps)
    native.filegroup(
        name = "all_fuzzers",
        testonly = True,
        srcs = [name + "_fuzz" for name in targets],
        tags = ["manual"],
    )
