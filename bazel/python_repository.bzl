"""CPython of the system, /usr/bin/python3: headers, and how its extension modules are named.

Whatever `python3` is first on somebody's PATH, the module is for Debian's.
"""

_ASK = """
import sys, sysconfig
print(sysconfig.get_path("include"))
print(sysconfig.get_config_var("EXT_SUFFIX"))
print("cp%d%d" % sys.version_info[:2])
"""

def _impl(ctx):
    done = ctx.execute(["/usr/bin/python3", "-c", _ASK])
    if done.return_code != 0:
        fail("/usr/bin/python3 is missing: apt-get install python3-dev\n" + done.stderr)
    include, suffix, tag = done.stdout.splitlines()
    if not ctx.path(include + "/Python.h").exists:
        fail("%s/Python.h is missing: apt-get install python3-dev" % include)
    ctx.symlink(include, "include")
    ctx.file("BUILD.bazel", """
package(default_visibility = ["//visibility:public"])

cc_library(
    name = "headers",
    hdrs = glob(["include/**/*.h"]),
    includes = ["include"],
)
""", executable = False)
    ctx.file("python.bzl", 'EXTENSION_SUFFIX = "%s"\nPYTHON_TAG = "%s"\n' % (suffix, tag), executable = False)

python_repository = repository_rule(implementation = _impl, local = True)
