# "Loading and Using the Handler".
import ctypes
import AMPS

# assumes that client is already created and connected
client = AMPS.Client("client")
client.connect("tcp://localhost:9007/amps/json")
client.logon()

# load the shared object
dll = ctypes.CDLL("./libmymessagehandler.so")

# create a handler that points to the underlying C function
# and bind the user data to that handler.
handler = AMPS.CMessageHandler(dll.my_message_hander, "user data")

# handler can be used anywhere you would use a message handler
client.subscribe(handler, "myTopic")

client.set_last_chance_message_handler(handler)

# and so it goes
import threading

left = threading.Semaphore(0)
client.subscribe(lambda message: left.release(), "myTopic")  # is called after the other one
client.publish("myTopic", '{"id":1}')
client.publish("myTopic", '{"id":2}')
left.acquire(timeout=20)
left.acquire(timeout=20)
client.close()
