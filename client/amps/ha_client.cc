#include "amps/ha_client.h"

#include <mutex>
#include <utility>

#include "amps/exceptions.h"
#include "client/amps/client_core.h"
#include "client/amps/connection_uri.h"

namespace AMPS {
namespace {

using Clock = std::chrono::steady_clock;

// A connection that was lost sooner counts as an attempt that failed: who logs on and is thrown out
// again (its name is in use twice) does not try without a pause.
constexpr std::chrono::seconds kStableTime{1};

}  // namespace

class HAClient::Reconnector {
 public:
  struct Settings {
    std::shared_ptr<ServerChooser> chooser = std::make_shared<DefaultServerChooser>();
    std::shared_ptr<DelayStrategy> strategy = std::make_shared<ExponentialDelayStrategy>();
    std::string logon_options;
    std::chrono::milliseconds timeout{5000};
  };

  Reconnector(HAClient& client, Core& core) : client_(client), core_(core) {}

  Settings& settings() { return settings_; }

  // The thread of the program.
  // `chooser`: null: the one there is.
  void Connect(std::shared_ptr<ServerChooser> chooser = nullptr) {
    const std::lock_guard lock(mutex_);
    if (core_.is_ready()) {
      throw AlreadyConnectedException("the client is connected to " + client_.getURI() +
                                      " already");
    }
    if (chooser != nullptr) settings_.chooser = std::move(chooser);
    settings_.strategy->reset();
    Establish();
  }

  // The handler thread: a connection was lost. Connect may have made another one meanwhile.
  void Reconnect() {
    const std::lock_guard lock(mutex_);
    if (core_.is_ready() || !core_.is_coming_back()) return;
    settings_.chooser->reportFailure(core_.lost_reason());
    Establish();
  }

 private:
  void Establish() {
    if (established_ != Clock::time_point{} && Clock::now() - established_ >= kStableTime) {
      settings_.strategy->reset();
    }
    core_.BeginEstablishing();
    try {
      while (!Attempt()) {
      }
    } catch (...) {
      core_.DropConnection();
      core_.GiveUp();
      throw;
    }
    settings_.chooser->reportSuccess();
    established_ = Clock::now();
    core_.SetReady();
  }

  bool Attempt() {
    const std::string uri = settings_.chooser->getCurrentURI();
    if (uri.empty()) {
      const std::string error = settings_.chooser->getError();
      throw ConnectionException("the server chooser has no address" +
                                (error.empty() ? error : ": " + error));
    }
    // Throws for one that will not get any better.
    (void)internal::ParseUri(uri);
    const std::chrono::milliseconds delay(settings_.strategy->getConnectWaitDuration(uri));
    if (!core_.Sleep(delay)) ThrowClosing();
    std::string error;
    try {
      core_.Connect(uri, settings_.timeout);
      core_.Logon(settings_.timeout, settings_.chooser->getCurrentAuthenticator(),
                  settings_.logon_options);
      PutSubscriptionsBack();
      return true;
    } catch (const std::exception& e) {
      if (core_.is_closing()) ThrowClosing();
      core_.TellException(e);
      error = e.what();
    }
    core_.DropConnection();
    settings_.chooser->reportFailure(error);
    return false;
  }

  void PutSubscriptionsBack() {
    const std::shared_ptr<SubscriptionManager> manager = client_.getSubscriptionManager();
    if (manager == nullptr) return;
    try {
      manager->resubscribe(client_);
    } catch (const CommandException& e) {
      core_.TellException(e);  // the gateway refuses it: the others are back
    }
  }

  [[noreturn]] static void ThrowClosing() {
    throw DisconnectedException("disconnect() was called");
  }

  HAClient& client_;
  Core& core_;
  Settings settings_;
  std::mutex mutex_;  // held while a connection is made
  Clock::time_point established_{};
};

HAClient::HAClient(std::string name)
    : Client(std::move(name)), reconnector_(std::make_unique<Reconnector>(*this, core())) {
  setSubscriptionManager(std::make_shared<MemorySubscriptionManager>());
  core().SetWaitsForConnection(true);
  core().SetReconnect([reconnector = reconnector_.get()] { reconnector->Reconnect(); });
}

HAClient::~HAClient() { HAClient::disconnect(); }

std::unique_ptr<HAClient> HAClient::createMemoryBacked(std::string name) {
  auto client = std::make_unique<HAClient>(std::move(name));
  client->setPublishStore(std::make_shared<MemoryPublishStore>());
  client->setBookmarkStore(std::make_shared<MemoryBookmarkStore>());
  return client;
}

std::unique_ptr<HAClient> HAClient::createFileBacked(std::string name,
                                                     const std::string& publish_store_path,
                                                     const std::string& bookmark_store_path) {
  auto client = std::make_unique<HAClient>(std::move(name));
  client->setPublishStore(std::make_shared<PublishStore>(publish_store_path));
  client->setBookmarkStore(std::make_shared<LoggedBookmarkStore>(bookmark_store_path));
  return client;
}

void HAClient::connectAndLogon() { reconnector_->Connect(); }

void HAClient::connect(const std::string& uri) {
  reconnector_->Connect(std::make_shared<DefaultServerChooser>(std::vector<std::string>{uri}));
}

void HAClient::disconnect() { core().Disconnect(); }

void HAClient::setServerChooser(std::shared_ptr<ServerChooser> chooser) {
  if (chooser == nullptr) throw UsageException("setServerChooser: there has to be one");
  reconnector_->settings().chooser = std::move(chooser);
}

void HAClient::setDelayStrategy(std::shared_ptr<DelayStrategy> strategy) {
  if (strategy == nullptr) throw UsageException("setDelayStrategy: there has to be one");
  reconnector_->settings().strategy = std::move(strategy);
}

void HAClient::setLogonOptions(std::string options) {
  reconnector_->settings().logon_options = std::move(options);
}

void HAClient::setTimeout(long milliseconds) {
  reconnector_->settings().timeout = std::chrono::milliseconds(milliseconds);
}

const std::shared_ptr<ServerChooser>& HAClient::getServerChooser() const {
  return reconnector_->settings().chooser;
}

}  // namespace AMPS
