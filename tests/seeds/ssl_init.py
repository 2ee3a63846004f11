# "Loading a Different SSL Implementation". The path is that of an SSL implementation that is there.
import AMPS

AMPS.ssl_init("/opt/mycorp/trusted/vetted_ssl.so")

client = AMPS.Client("client")
client.connect("tcps://localhost:9008/amps/json")
client.logon()
client.publish("my_topic", '{"over":"tcps"}')
client.publish_flush()
client.close()
