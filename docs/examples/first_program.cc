// Subscribes with a filter, publishes two messages, prints the one that matches.
#include <cstdio>
#include <memory>

#include "client/cpp/client.h"

namespace client = fluxgate::client;

int main(int argc, char** argv) {
  const auto uri = client::Uri::Parse(argc > 1 ? argv[1] : "tcp://127.0.0.1:9007/amps/json");
  if (!uri.ok()) return std::fprintf(stderr, "%s\n", uri.status().ToString().c_str()), 1;
  auto connection = client::Connect(*uri);
  if (!connection.ok()) {
    return std::fprintf(stderr, "%s\n", connection.status().ToString().c_str()), 1;
  }
  client::Client& fluxgate = **connection;

  if (!fluxgate.Subscribe("greetings", "/language = 'C++'").ok()) return 1;
  if (!fluxgate.Publish("greetings", R"({"language":"C","text":"hello from C"})").ok()) return 1;
  if (!fluxgate.Publish("greetings", R"({"language":"C++","text":"hello from C++"})").ok())
    return 1;

  client::Message message;
  const auto got = fluxgate.Next(&message, client::milliseconds(5000));
  if (!got.ok() || !*got) return std::fprintf(stderr, "nothing received\n"), 1;
  std::printf("%.*s\n", static_cast<int>(message.body.size()), message.body.data());
  return 0;
}
