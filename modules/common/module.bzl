"""A loadable module: lib<name>.so with nothing visible but its entry points."""

def fluxgate_module(name, srcs, deps, **kwargs):
    native.cc_binary(
        name = "lib%s.so" % name,
        srcs = srcs,
        copts = ["-fvisibility=hidden", "-fvisibility-inlines-hidden"],
        linkopts = [
            "-Wl,--version-script=$(location //modules/common:exports.lds)",
            # RE2 and what libldap loads leave memory behind when they are unloaded.
            "-Wl,-z,nodelete",
        ],
        linkshared = True,
        visibility = ["//visibility:public"],
        deps = deps + ["//modules/common:exports.lds"],
        **kwargs
    )
