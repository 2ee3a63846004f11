// A client that comes back: it chooses a gateway, connects, logs on, sends again what was not
// acknowledged as stored, puts its subscriptions back, and does all that again when the connection
// is lost.
//
//   AMPS::HAClient client("orders-writer");
//   client.setServerChooser(std::make_shared<AMPS::DefaultServerChooser>(
//       std::vector<std::string>{"tcp://a:9007/amps/json", "tcp://b:9007/amps/json"}));
//   client.setPublishStore(std::make_shared<AMPS::MemoryPublishStore>());
//   client.connectAndLogon();
//
// While there is no connection publishes go to the store and return; other commands wait for the
// connection until their own time is up. Without a publish store publishes wait too, and so does
// the first one until the first logon: from then on it is known which sequence follows.
//
// Coming back is the work of the thread that calls the handlers, after the handlers of all that was
// received before the loss. The disconnect handler is told of the loss first, and the exception
// listener what became of each attempt.
#ifndef AMPS_CPP_HA_CLIENT_H_
#define AMPS_CPP_HA_CLIENT_H_

#include <memory>
#include <string>

#include "amps/bookmark_store.h"
#include "amps/client.h"
#include "amps/delay_strategy.h"
#include "amps/publish_store.h"
#include "amps/server_chooser.h"
#include "amps/subscription_manager.h"

namespace AMPS {

class HAClient : public Client {
 public:
  // With an ExponentialDelayStrategy and a MemorySubscriptionManager.
  explicit HAClient(std::string name = {});
  // With a MemoryPublishStore and a MemoryBookmarkStore besides.
  static std::unique_ptr<HAClient> createMemoryBacked(std::string name);
  // With stores in files.
  static std::unique_ptr<HAClient> createFileBacked(std::string name,
                                                    const std::string& publish_store_path,
                                                    const std::string& bookmark_store_path);
  ~HAClient() override;

  // Returns when connected and logged on. ConnectionException: chooser or delay strategy gave up
  // (what they throw themselves comes out, too); AlreadyConnectedException; InvalidURIException: an
  // address that cannot be used at all. DisconnectedException: disconnect() was called meanwhile.
  void connectAndLogon();
  // The same, as if the chooser had this address only.
  void connect(const std::string& uri) override;
  // For good: also ends attempts to come back, at once, from any thread. What is in the publish
  // store stays there.
  void disconnect() override;

  // Before connectAndLogon. UsageException: null.
  void setServerChooser(std::shared_ptr<ServerChooser> chooser);
  void setDelayStrategy(std::shared_ptr<DelayStrategy> strategy);
  void setLogonOptions(std::string options);
  // Of each attempt to connect and log on (5000); 0: for ever.
  void setTimeout(long milliseconds);
  const std::shared_ptr<ServerChooser>& getServerChooser() const;

 private:
  class Reconnector;
  const std::unique_ptr<Reconnector> reconnector_;
};

}  // namespace AMPS

#endif  // AMPS_CPP_HA_CLIENT_H_
