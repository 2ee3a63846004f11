#!/bin/sh
# A test in Python, by Debian's.
exec /usr/bin/python3 "$@"
