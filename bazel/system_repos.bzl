"""All C++ dependencies, from Debian -dev packages under /usr."""

load("//bazel:python_repository.bzl", "python_repository")
load("//bazel:system_repository.bzl", "system_repository")

# repository name -> third_party/system/<build>.BUILD
_SYSTEM = {
    "boost": "boost",
    "boringssl": "openssl",
    "cjose": "cjose",
    "cli11": "cli11",
    "com_github_fmtlib_fmt": "fmt",
    "com_github_gabime_spdlog": "spdlog",
    "com_github_google_benchmark": "benchmark",
    "com_github_grpc_grpc": "grpc",
    "com_google_googletest": "googletest",
    "com_google_protobuf": "protobuf",
    "com_googlesource_code_re2": "re2",
    "curl": "curl",
    "jansson": "jansson",
    "libbson": "bson",
    "msgpack_c": "msgpack",
    "openldap": "openldap",
    "pcre2": "pcre2",
    "pugixml": "pugixml",
    "pybind11": "pybind11",
    "quickfix": "quickfix",
    "simdjson": "simdjson",
    "zlib": "zlib",
}

def system_repositories():
    for repo, build in _SYSTEM.items():
        native.new_local_repository(
            name = repo,
            path = "/usr",
            build_file = "//third_party/system:%s.BUILD" % build,
        )
    python_repository(name = "python")
    system_repository(
        name = "com_google_absl",
        build_file = "//third_party/system:absl.BUILD",
        debian = "libabsl-dev",
        probe = ["/usr/include/absl/base/options.h"],
        target = "//:absl",
        aliases = {
            "absl/base": ["base", "core_headers"],
            "absl/container": ["btree", "fixed_array", "flat_hash_map", "flat_hash_set", "inlined_vector", "node_hash_map"],
            "absl/debugging": ["symbolize"],
            "absl/flags": ["flag", "parse", "usage"],
            "absl/functional": ["any_invocable", "bind_front", "function_ref"],
            "absl/hash": ["hash"],
            "absl/random": ["random"],
            "absl/status": ["status", "statusor"],
            "absl/strings": ["cord", "str_format", "strings"],
            "absl/synchronization": ["synchronization"],
            "absl/time": ["time"],
            "absl/types": ["optional", "span", "variant"],
        },
    )
