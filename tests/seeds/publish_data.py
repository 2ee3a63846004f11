# "Loading and Using the Function". The two str are bytes here: Python 3 would pass wchar_t*.
import ctypes
import AMPS

module = ctypes.CDLL("module.so")
client = AMPS.Client("client")
client.connect("tcp://localhost:9007/amps/json")
client.logon()

module.publish_data(client, b"my_topic", b"some_data")

# The other functions that are printed, called the same way.
module.publish_message(client, b"my_topic", b"more_data")
module.configure_client(client)
client.publish_flush()
