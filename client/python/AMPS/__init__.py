"""Client of the gateway over the amps protocol.

    import AMPS
    client = AMPS.Client("examplePublisher")
    client.connect("tcp://127.0.0.1:9007/amps/json")
    client.logon()
    client.publish("messages", '{"hi":"Hello, world!"}')
    client.publish_flush()

Handlers run on a thread of the client's, one after the other; the interpreter's lock is released
wherever the library waits.
"""
import ctypes as _ctypes
import os as _os

from . import _amps
from ._amps import (  # noqa: F401
    Authenticator, BookmarkStore, Client, Command, DefaultAuthenticator, DefaultServerChooser,
    DelayStrategy, ExponentialDelayStrategy, FixedDelayStrategy, HAClient, LoggedBookmarkStore,
    MemoryBookmarkStore, MemoryPublishStore, Message, MessageStream, PublishStore, ServerChooser,
    Store, ssl_init)

for _name, _value in vars(_amps).items():
    if isinstance(_value, type):
        if issubclass(_value, Exception):
            globals()[_name] = _value
        elif not _name.startswith("_"):
            _value.__module__ = "AMPS"


class _Command:
    """What Message.get_command returns."""
    Publish = "p"
    SOW = "sow"
    OOF = "oof"
    GroupBegin = "group_begin"
    GroupEnd = "group_end"
    Ack = "ack"


class _AckType:
    """What Message.get_ack_type returns; also for Command.add_ack_type and Client.publish_flush."""
    Received = "received"
    Processed = "processed"
    Persisted = "persisted"
    Completed = "completed"
    Stats = "stats"


class _Bookmarks:
    """Where Client.bookmark_subscribe begins."""
    EPOCH = "0"
    NOW = "0|1|"
    MOST_RECENT = "recent"


Message.Command = _Command
Message.AckType = _AckType
Client.Bookmarks = _Bookmarks

_same_pointer = _ctypes.CFUNCTYPE(_ctypes.c_void_p)(_amps._same_pointer)


class CMessageHandler(_amps._CMessageHandler):
    """A message handler in C or C++: void function(AMPS::Message& message, void* user_data).

    `function` is a function of a ctypes library; `user_data` is anything that ctypes can pass as an
    argument, which is then cast to void*: bytes arrive as char*, str as wchar_t*, int as the number,
    None as NULL, ctypes objects and clients as what they are. It is kept as long as the handler may
    be called. No Python code runs for a message.
    """

    def __init__(self, function, user_data=None):
        address = function if isinstance(function, int) else _ctypes.cast(function, _ctypes.c_void_p).value
        if not address:
            raise ValueError("the function of a CMessageHandler must not be NULL")
        kept = user_data
        if isinstance(kept, str):
            kept = _ctypes.create_unicode_buffer(kept)
        elif isinstance(kept, int):
            kept = _ctypes.c_void_p(kept)
        elif isinstance(kept, (float, _ctypes.Structure, _ctypes.Union, _ctypes.c_float, _ctypes.c_double,
                               _ctypes.c_longdouble)):
            raise TypeError("%s does not fit into a void*: pass a ctypes pointer to it" % type(kept).__name__)
        super().__init__(address, _same_pointer(kept) or 0, (function, user_data, kept))


def get_include():
    """The folder with the C++ headers (amps/amps.h), for code that Python calls through ctypes."""
    return _os.path.join(_os.path.dirname(_os.path.abspath(__file__)), "include")


def get_library_dir():
    """The folder with libfluxgate-amps.so, for the same: -L<folder> -lfluxgate-amps."""
    return _os.path.dirname(_os.path.abspath(__file__))


__all__ = [_name for _name in globals() if not _name.startswith("_")]
