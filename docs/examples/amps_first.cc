// The first program of docs/clients/cpp.md.
#include <amps/amps.h>

int main(int argc, char** argv) {
  const char* uri = argc > 1 ? argv[1] : "tcp://127.0.0.1:9007/amps/json";
  AMPS::Client client("examplePublisher");
  client.connect(uri);  // such as tcp://127.0.0.1:9007/amps/json
  client.logon();
  client.publish("messages", R"({"hi":"Hello, world!"})");
  client.publishFlush();
}
