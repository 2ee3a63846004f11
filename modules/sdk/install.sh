#!/bin/sh
# Installs the module SDK: headers, a pkg-config file and examples.
#   install.sh PREFIX
set -eu
if [ $# -ne 1 ]; then
  echo "usage: $0 PREFIX" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
header=$here/include/amps_module.h
number() { sed -n "s/^#define AMPS_MODULE_ABI_$1 \([0-9]*\)\$/\1/p" "$header"; }
version=$(number MAJOR).$(number MINOR)

mkdir -p "$prefix/include/fluxgate-module-sdk" "$prefix/lib/pkgconfig"
cp -L "$here"/include/*.h "$prefix/include/fluxgate-module-sdk/"
sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" "$here/fluxgate-module-sdk.pc.in" \
  > "$prefix/lib/pkgconfig/fluxgate-module-sdk.pc"
examples=$prefix/share/fluxgate-module-sdk/examples
mkdir -p "$examples"
cp -RL "$here/examples/." "$examples/"
chmod -R u+w "$prefix/include/fluxgate-module-sdk" "$examples"
