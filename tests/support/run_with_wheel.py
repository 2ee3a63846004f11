"""Runs a Python program with the module AMPS out of the wheel, not installed, and a gateway to start.

usage: run_with_wheel.py WHEEL FLUXGATED PROGRAM [ARGUMENT...]
"""
import os
import pathlib
import sys
import tempfile
import zipfile

wheel, fluxgated, program = (os.path.abspath(path) for path in sys.argv[1:4])
site = tempfile.mkdtemp(prefix="amps-", dir=os.environ.get("TEST_TMPDIR"))
zipfile.ZipFile(wheel).extractall(site)
support = str(pathlib.Path(__file__).absolute().parent)
os.environ.update(PYTHONPATH=os.pathsep.join([site, support]), FLUXGATED=fluxgated,
                  PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1")
os.execv(sys.executable, [sys.executable, "-X", "faulthandler", program] + sys.argv[4:])
