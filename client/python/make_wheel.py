"""Makes the wheel: a zip with the package, its library and headers, and what pip wants to know."""
import argparse
import base64
import hashlib
import os
import zipfile

NAME = "fluxgate-amps"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same wheel from the same files
METADATA = """Metadata-Version: 2.1
Name: {name}
Version: {version}
Summary: Client of the Fluxgate messaging gateway over the amps protocol: import AMPS
License: Apache-2.0
Requires-Python: {python}
Classifier: License :: OSI Approved :: Apache Software License
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Python :: 3
"""
WHEEL = """Wheel-Version: 1.0
Generator: fluxgate
Root-Is-Purelib: false
Tag: {tag}-{tag}-linux_x86_64
"""


def place(path, info):
    """Where a file goes in the wheel."""
    base = os.path.basename(path)
    if base == "LICENSE":
        return info + "/LICENSE"
    if base.endswith(".h"):
        return "AMPS/include/amps/" + base
    return "AMPS/" + base


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--tag", required=True, help="of CPython: cp311")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    info = "%s-%s.dist-info" % (NAME.replace("-", "_"), options.version)
    minor = options.tag[len("cp3"):]
    contents = {}
    for path in options.files:
        with open(path, "rb") as file:
            contents[place(path, info)] = file.read()
    contents[info + "/METADATA"] = METADATA.format(
        name=NAME, version=options.version, python="==3.%s.*" % minor).encode()
    contents[info + "/WHEEL"] = WHEEL.format(tag=options.tag).encode()
    contents[info + "/top_level.txt"] = b"AMPS\n"
    record = []
    with zipfile.ZipFile(options.out, "w", zipfile.ZIP_DEFLATED) as wheel:
        def add(name, data):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if ".so" in name else 0o100644) << 16
            wheel.writestr(entry, data)

        for name in sorted(contents):
            data = contents[name]
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append("%s,sha256=%s,%d\n" % (name, digest, len(data)))
            add(name, data)
        add(info + "/RECORD", "".join(record) + info + "/RECORD,,\n")


if __name__ == "__main__":
    main()
