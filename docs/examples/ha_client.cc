// A client that comes back after a loss, to the same gateway or the next one of those named as
// arguments. What stands between "begin" and "end" is printed in docs/clients/ha.md.
#include <amps/amps.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

void GoOnByBookmarks(AMPS::HAClient& client, const std::string& directory) {
  // begin bookmarks
  auto bookmarks = std::make_shared<AMPS::LoggedBookmarkStore>(directory + "/orders.bookmarks");
  AMPS::HAClient reader("orders-reader");
  reader.setServerChooser(client.getServerChooser());
  reader.setBookmarkStore(bookmarks);
  reader.connectAndLogon();
  reader.bookmarkSubscribe(
      [bookmarks](AMPS::Message& order) {
        // ... use it, then:
        bookmarks->discard(order);
      },
      "state/orders", 5'000, "orders-reader-1", AMPS::Client::Bookmarks::MOST_RECENT);
  // end
}

int Run(const std::vector<std::string>& uris, const std::string& directory) {
  // begin client
  AMPS::HAClient client("orders-writer");
  client.setServerChooser(std::make_shared<AMPS::DefaultServerChooser>(uris));
  client.setPublishStore(std::make_shared<AMPS::PublishStore>(directory + "/orders.publishes"));
  client.connectAndLogon();
  // end

  // begin listeners
  client.setExceptionListener([](const std::exception& e) {
    std::cerr << "orders-writer: " << e.what() << '\n';  // what became of each attempt
  });
  client.setFailedWriteHandler([](const AMPS::Message& message, std::string_view reason) {
    std::cerr << "refused: " << message.getData() << ": " << reason << '\n';
  });
  // end

  // begin delays
  AMPS::ExponentialDelayStrategy::Options delays;
  delays.initial_ms = 100;
  delays.maximum_delay_ms = 5'000;
  delays.maximum_ms = 10 * 60'000;  // then the client gives up
  client.setDelayStrategy(std::make_shared<AMPS::ExponentialDelayStrategy>(delays));
  // end

  // begin publish
  for (int id = 1; id <= 3; ++id) {
    client.publish("state/orders", R"({"id":)" + std::to_string(id) + R"(,"price":12.5})");
  }
  client.publishFlush(30'000, AMPS::Message::Persisted);
  std::cout << client.getUnpersistedCount() << " publishes are not stored yet\n";
  // end

  // begin subscribe
  AMPS::MessageStream orders = client.sowAndSubscribe("state/orders", "/price > 10", "/id");
  orders.timeout(30'000);
  AMPS::Message message;
  while (orders.next(message) && message) {
    if (message.getCommandEnum() == AMPS::Message::GroupEnd) break;  // live from here on
    if (!message.getData().empty()) std::cout << message.getData() << '\n';
  }
  // end

  try {
    GoOnByBookmarks(client, directory);
  } catch (const AMPS::CommandException& e) {
    std::cout << e.what() << '\n';  // gateways have no bookmarks yet
  }
  client.disconnect();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> uris(argv + 1, argv + argc);
  if (uris.empty()) uris = {"tcp://127.0.0.1:9007/amps/json"};
  const char* directory = std::getenv("TMPDIR");
  try {
    return Run(uris, directory != nullptr ? directory : "/tmp");
  } catch (const AMPS::AMPSException& e) {
    std::cerr << e.toString() << '\n';
    return 1;
  }
}
