# "Using the C++ Client": install_server_chooser, with an HAClient.
import ctypes
import AMPS

module = ctypes.CDLL("module.so")
client = AMPS.HAClient("ha-client")
module.install_server_chooser(client)
client.connect_and_logon()
client.publish("my_topic", '{"by":"HAClient"}')
client.publish_flush()
client.disconnect()
