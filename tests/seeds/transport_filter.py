# "Transport Filtering". print is a function here.
import AMPS

client = AMPS.Client("client")

def printing_filter(data, direction):
    if direction:
        print("INCOMING ---> %s" % data)
    else:
        print("OUTGOINGG ---> %s" %data)

# client is an AMPS client
client.set_transport_filter(printing_filter)

client.connect("tcp://localhost:9007/amps/json")
client.logon()
client.publish("my_topic", '{"seen":true}')
client.publish_flush()
client.close()
