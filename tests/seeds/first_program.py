# "Connecting to AMPS": the program of which the document prints half, with the lines that its text
# goes through.
import AMPS
import sys

uri_ = "tcp://localhost:9007/amps/json"

client = AMPS.Client("examplePublisher")

try:
    client.connect(uri_)
    client.logon()

    client.publish("messages", '{ "hi" : "Hello, world!"}')
except AMPS.AMPSException as e:
    sys.stderr.write("%s\n" % e)
    sys.exit(1)

client.publish_flush()
client.close()
