# "Connection Strings": each form and each option of the tables.
import AMPS

for uri in (
    "tcp://localhost:9007/amps/json",
    "tcp://JohnDoe:@localhost:9007/amps/json",
    "tcp://JohnDoe:secret@localhost:9007/amps/json",
    "tcp://localhost:9007/amps/json?tcp_nodelay=true&tcp_sndbuf=100000",
    "tcp://localhost:9007/amps/json?bind=127.0.0.1",
    "tcp://localhost:9007/amps/json?tcp_rcvbuf=100000",
    "tcp://localhost:9007/amps/json?tcp_linger=10",
    "tcp://localhost:9007/amps/json?tcp_keepalive=false",
    "tcp://localhost:9007/amps/json?ip_protocol_prefer=ipv4",
    "tcp://localhost:9007/amps/json?pretty=true",
    "tcp://[::1]:9006/amps/json",
    "tcp://[::1]:9006/amps/json?bind=::1",
    "tcp://localhost:9007/amps/json?ip_protocol_prefer=ipv6",  # or the other one
    "unix://localhost:0/amps/json?path=/tmp/fluxgate.sock",
    "unix://anything:1234/amps/json?path=/tmp/fluxgate.sock",
):
    client = AMPS.Client("strings")
    try:
        client.connect(uri)
        client.logon()
        client.publish("messages", "{}")
        client.publish_flush()
    except AMPS.AMPSException as error:
        raise RuntimeError(uri) from error
    client.close()

for uri, wrong in (
    ("tcp://localhost:9007/amps/json?tcp_nodelay=perhaps", "tcp_nodelay"),
    ("tcp://localhost:9007/amps/json?tcp_sndbuf=many", "tcp_sndbuf"),
    ("tcp://localhost:9007/amps/json?ip_protocol_prefer=ipv5", "ip_protocol_prefer"),
    ("tcp://localhost:9007/amps/json?bind=nowhere", "nowhere"),
    ("tcp://localhost:9007/amps/json?no_such_option=1", "no_such_option"),
    ("unix://localhost:0/amps/json", "path"),
):
    try:
        AMPS.Client("strings").connect(uri)
    except AMPS.AMPSException as error:
        if wrong not in str(error):
            raise
    else:
        raise RuntimeError(uri)
