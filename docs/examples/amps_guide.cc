// What docs/clients/cpp.md says, as one program. Needs a gateway with a stored topic state/.+ whose
// key is /id.
#include <amps/amps.h>

#include <atomic>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

namespace {

extern "C" void count_message(AMPS::Message&, void* user_data) {
  ++*static_cast<std::atomic<int>*>(user_data);
}

// Waits until a handler has counted that far.
void Await(const std::atomic<int>& count, int wanted) {
  while (count < wanted) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void Handlers(AMPS::Client& client) {
  std::atomic<int> count{0};
  std::string id = client.subscribe(
      [&](AMPS::Message& message) {
        std::cout << message.getTopic() << ": " << message.getData() << '\n';
        ++count;
      },
      "orders", /*timeout=*/5000, "/price > 100");
  client.publish("orders", R"({"id":1,"price":99})");
  client.publish("orders", R"({"id":2,"price":101})");
  Await(count, 1);
  client.unsubscribe(id);

  count = 0;
  id = client.subscribe(AMPS::MessageHandler(count_message, &count), "orders");
  client.publish("orders", R"({"id":3,"price":5})");
  Await(count, 1);
  client.unsubscribe(id);
  std::cout << "counted: " << count << '\n';
}

void Streams(AMPS::Client& client) {
  client.publish("state/prices", R"({"id":"A","price":1})");
  client.publish("state/prices", R"({"id":"B","price":2})");
  client.publishFlush();
  for (const AMPS::Message& message : client.sow("state/prices", "/price > 0", "/id DESC")) {
    if (message.getCommandEnum() == AMPS::Message::SOW) std::cout << message.getData() << '\n';
  }

  AMPS::MessageStream stream = client.sowAndSubscribe("state/prices", "/id = 'A'");
  client.publish("state/prices", R"({"id":"A","price":3})");
  for (const AMPS::Message& message : stream.timeout(5000)) {
    if (!message) break;  // five seconds without a message
    std::cout << message.getCommand() << ' ' << message.getData() << '\n';
    if (message.getData() == R"({"id":"A","price":3})") break;
  }
}

void Commands(AMPS::Client& client) {
  AMPS::Command command("sow");
  command.setTopic("state/prices").setTopN(1).setOrderBy("/price").addAckType("completed,stats");
  for (const AMPS::Message& message : client.execute(command)) {
    if (message.getAckTypeEnum() == AMPS::Message::Stats) {
      std::cout << message.getRecordsReturned() << " of " << message.getMatches() << '\n';
    }
  }
  std::cout << client.sowDelete("state/prices", "/id = 'B'").getRecordsDeleted() << " deleted\n";
}

void Errors(AMPS::Client& client) {
  try {
    client.subscribe("orders", "/price >");
  } catch (const AMPS::BadFilterException& e) {
    std::cout << "the filter: " << e.what() << '\n';
  } catch (const AMPS::AMPSException& e) {
    std::cout << e.toString() << '\n';  // everything else that can go wrong
  }

  try {
    AMPS::Client other;
    other.connect("tcp://127.0.0.1:9007/amps/json?tcp_nodelay=perhaps");
  } catch (const AMPS::InvalidTransportOptionsException& e) {
    std::cout << e.what() << '\n';
  }
}

void OwnHandlers(AMPS::Client& client) {
  client.setDisconnectHandler([](AMPS::Client& lost) {
    std::cerr << "lost " << lost.getURI() << '\n';  // may connect and log on again
  });
  client.setExceptionListener([](const std::exception& e) { std::cerr << e.what() << '\n'; });
  client.setLastChanceMessageHandler([](AMPS::Message& message) {
    std::cerr << "for nobody: " << AMPS::to_string(message) << '\n';
  });
  client.setHeartbeat(/*interval=*/5, /*timeout=*/12);
}

void WatchTraffic(AMPS::Client& client) {
  client.setTransportFilterFunction([](std::string& bytes, bool incoming) {
    std::cerr << (incoming ? "in  " : "out ") << bytes.size() << " bytes\n";
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string uri = argc > 1 ? argv[1] : "tcp://127.0.0.1:9007/amps/json";
  try {
    AMPS::Client client("guide");
    WatchTraffic(client);
    OwnHandlers(client);
    client.connect(uri);
    client.logon(/*timeout=*/5000);
    Handlers(client);
    Streams(client);
    Commands(client);
    Errors(client);
    client.disconnect();
  } catch (const AMPS::AMPSException& e) {
    std::cerr << e.toString() << '\n';
    return 1;
  }
}
