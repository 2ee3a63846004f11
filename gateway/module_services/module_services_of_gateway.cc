#include "gateway/module_services/module_services_of_gateway.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/module/module_services.h"
#include "gateway/module_services/embedded_session.h"
#include "gateway/module_services/message_field.h"

namespace fluxgate {
namespace {

// Messages that a client's handlers get before those of other clients have their turn.
constexpr size_t kMessagesPerTurn = 64;
constexpr int64_t kTimerNs = 20'000'000;

absl::Status Stopped() { return MakeError(ErrorCode::kDraining, "the server has stopped"); }

}  // namespace

// Outlives the gateway where somebody still holds it: all that it reaches is used between Enter and
// Leave, or by tasks of the reactor.
class ModuleServicesOfGateway::Services final
    : public ModuleServices,
      public std::enable_shared_from_this<ModuleServicesOfGateway::Services> {
 public:
  Services(SessionHost& host, std::vector<const MessageType*> message_types,
           GatewayAdministration administration, const ModuleServicesOptions& options,
           WorkerPool& handlers)
      : host_(host),
        message_types_(std::move(message_types)),
        administration_(std::move(administration)),
        options_(options),
        handlers_(handlers) {}

  absl::StatusOr<std::unique_ptr<EmbeddedClient>> CreateClient(
      std::string_view name, std::string_view message_type) override;
  absl::Status ResetAuthentication(std::string_view transport) override;
  absl::Status ResetEntitlement(std::string_view transport) override;
  absl::Status EnableTransport(std::string_view transport) override {
    return SetTransport(transport, true);
  }
  absl::Status DisableTransport(std::string_view transport) override {
    return SetTransport(transport, false);
  }
  absl::Status Shutdown() override;
  absl::Status MessageField(std::string_view message_type, std::string_view body,
                            std::string_view path, amps_value& value, char* buffer,
                            size_t buffer_size) override;

  void OnReactorThread() { reactor_thread_ = std::this_thread::get_id(); }
  void OnTimer();
  void Disconnect();
  // The module is through with the client; its handlers are.
  void Destroy(const std::shared_ptr<ClientChannel>& channel);

 private:
  class Client;
  // While this lives the gateway does, if it says yes.
  class Use {
   public:
    explicit Use(Services& services) : services_(services), entered_(services.Enter()) {}
    ~Use() {
      if (entered_) services_.Leave();
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    explicit operator bool() const { return entered_; }

   private:
    Services& services_;
    const bool entered_;
  };
  bool Enter();
  void Leave();

  const MessageType* TypeOf(std::string_view name) const;
  absl::Status SetTransport(std::string_view transport, bool enabled);
  // False: the server has stopped.
  bool Post(net::Reactor::Task task);
  using Done = GatewayAdministration::Done;
  // Runs `work` on the reactor and waits until it says that it is done.
  absl::Status RunOnReactor(std::function<void(Done)> work);

  using Task = void (EmbeddedSession::*)();
  void PostTo(const std::weak_ptr<ClientChannel>& channel, Task task);
  void RunHandlers(const std::weak_ptr<ClientChannel>& channel);

  SessionHost& host_;
  const std::vector<const MessageType*> message_types_;
  const GatewayAdministration administration_;
  const ModuleServicesOptions options_;
  WorkerPool& handlers_;
  std::atomic<std::thread::id> reactor_thread_;

  // Reactor thread.
  std::map<const ClientChannel*, std::shared_ptr<EmbeddedSession>> sessions_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool stopped_ = false;
  size_t uses_ = 0;
  std::vector<std::shared_ptr<ClientChannel>> channels_;
};

class ModuleServicesOfGateway::Services::Client final : public EmbeddedClient {
 public:
  Client(std::shared_ptr<Services> services, std::shared_ptr<ClientChannel> channel)
      : services_(std::move(services)), channel_(std::move(channel)) {}
  ~Client() override {
    channel_->Close();
    services_->Destroy(channel_);
  }

  absl::Status Execute(const amps_command& command, amps_message_handler handler,
                       void* user_data) override {
    auto owned = OwnedCommand::Copy(command, fmt::format("{}", ++ids_),
                                    services_->options_.commands, {handler, user_data});
    if (!owned.ok()) return owned.status();
    return channel_->Queue(*std::move(owned));
  }

  absl::Status Flush(std::chrono::milliseconds timeout) override {
    if (services_->reactor_thread_.load() == std::this_thread::get_id()) {
      return MakeError(ErrorCode::kBadCommand, "the server's thread cannot wait for itself");
    }
    return channel_->Flush(timeout);
  }

 private:
  const std::shared_ptr<Services> services_;
  const std::shared_ptr<ClientChannel> channel_;
  std::atomic<uint64_t> ids_ = 0;
};

bool ModuleServicesOfGateway::Services::Enter() {
  const std::lock_guard lock(mutex_);
  if (stopped_) return false;
  ++uses_;
  return true;
}

void ModuleServicesOfGateway::Services::Leave() {
  const std::lock_guard lock(mutex_);
  --uses_;
  if (stopped_) changed_.notify_all();
}

const MessageType* ModuleServicesOfGateway::Services::TypeOf(std::string_view name) const {
  const auto found = std::ranges::find(message_types_, name, &MessageType::name);
  return found == message_types_.end() ? nullptr : *found;
}

bool ModuleServicesOfGateway::Services::Post(net::Reactor::Task task) {
  const Use use(*this);
  if (!use) return false;
  host_.reactor().Post(std::move(task));
  return true;
}

absl::Status ModuleServicesOfGateway::Services::RunOnReactor(std::function<void(Done)> work) {
  if (reactor_thread_.load() == std::this_thread::get_id()) {
    return MakeError(ErrorCode::kBadCommand, "the server's thread cannot wait for itself");
  }
  struct Call {
    bool done = false;
    absl::Status status;
  };
  const auto call = std::make_shared<Call>();
  const bool posted = Post([self = shared_from_this(), call, work = std::move(work)] {
    work([self, call](const absl::Status& status) {
      const std::lock_guard lock(self->mutex_);
      call->status = status;
      call->done = true;
      self->changed_.notify_all();
    });
  });
  if (!posted) return Stopped();
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::nanoseconds(options_.administration_timeout_ns),
                    [&] { return call->done || stopped_; });
  if (call->done) return call->status;
  if (stopped_) return Stopped();
  return MakeError(ErrorCode::kPending, "not done in time");
}

absl::Status ModuleServicesOfGateway::Services::ResetAuthentication(std::string_view transport) {
  return RunOnReactor([this, name = std::string(transport)](Done done) {
    administration_.reset_authentication(name, std::move(done));
  });
}

absl::Status ModuleServicesOfGateway::Services::ResetEntitlement(std::string_view transport) {
  return RunOnReactor([this, name = std::string(transport)](Done done) {
    administration_.reset_entitlement(name, std::move(done));
  });
}

absl::Status ModuleServicesOfGateway::Services::SetTransport(std::string_view transport,
                                                             bool enabled) {
  return RunOnReactor([this, name = std::string(transport), enabled](const Done& done) {
    done(administration_.set_transport(name, enabled));
  });
}

absl::Status ModuleServicesOfGateway::Services::Shutdown() {
  const bool posted = Post([self = shared_from_this()] { self->administration_.shut_down(); });
  return posted ? absl::OkStatus() : Stopped();
}

absl::Status ModuleServicesOfGateway::Services::MessageField(std::string_view message_type,
                                                             std::string_view body,
                                                             std::string_view path,
                                                             amps_value& value, char* buffer,
                                                             size_t buffer_size) {
  const Use use(*this);
  if (!use) return Stopped();
  const MessageType* const type = TypeOf(message_type);
  if (type == nullptr) {
    return MakeError(ErrorCode::kMessageType,
                     fmt::format("message type {} is unknown", message_type));
  }
  if (body.size() > options_.commands.body_bytes_max) {
    return MakeError(ErrorCode::kMessageTooLarge,
                     fmt::format("a body has at most {} bytes", options_.commands.body_bytes_max));
  }
  return ReadMessageField(*type, body, path, value, buffer, buffer_size);
}

absl::StatusOr<std::unique_ptr<EmbeddedClient>> ModuleServicesOfGateway::Services::CreateClient(
    std::string_view name, std::string_view message_type) {
  const Use use(*this);
  if (!use) return Stopped();
  if (TypeOf(message_type) == nullptr) {
    return MakeError(ErrorCode::kMessageType,
                     fmt::format("message type {} is unknown", message_type));
  }
  const size_t name_bytes_max = host_.engine().options().limits.id_bytes_max;
  if (name.size() > name_bytes_max || HasControlCharacter(name)) {
    return MakeError(ErrorCode::kBadCommand,
                     fmt::format("a client's name has at most {} bytes and no control characters",
                                 name_bytes_max));
  }
  const std::shared_ptr<Services> self = shared_from_this();
  // The channel is whole before anybody can wake it.
  const auto weak = std::make_shared<std::weak_ptr<ClientChannel>>();
  ClientChannel::Wakers wakers;
  wakers.on_commands = [self, weak] { self->PostTo(*weak, &EmbeddedSession::RunCommands); };
  wakers.on_room = [self, weak] { self->PostTo(*weak, &EmbeddedSession::OnRoom); };
  wakers.on_messages = [self, weak] { self->RunHandlers(*weak); };
  const auto channel =
      std::make_shared<ClientChannel>(std::string(name), options_.channels, std::move(wakers));
  *weak = channel;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return Stopped();
    if (channels_.size() >= options_.clients_max) {
      return MakeError(ErrorCode::kQuotaExceeded,
                       fmt::format("at most {} embedded clients", options_.clients_max));
    }
    channels_.push_back(channel);
  }
  host_.reactor().Post([self, channel, type = std::string(message_type)] {
    self->sessions_.emplace(channel.get(),
                            std::make_shared<EmbeddedSession>(self->host_, channel, type));
  });
  return std::make_unique<Client>(self, channel);
}

void ModuleServicesOfGateway::Services::PostTo(const std::weak_ptr<ClientChannel>& channel,
                                               Task task) {
  Post([self = shared_from_this(), channel, task] {
    const auto found = self->sessions_.find(channel.lock().get());
    if (found == self->sessions_.end()) return;
    const std::shared_ptr<EmbeddedSession> session = found->second;
    (session.get()->*task)();
  });
}

void ModuleServicesOfGateway::Services::RunHandlers(const std::weak_ptr<ClientChannel>& channel) {
  const Use use(*this);
  if (!use) return;
  // One task at a time for each client, whose number is limited.
  handlers_.SubmitAlways([self = shared_from_this(), channel] {
    const std::shared_ptr<ClientChannel> locked = channel.lock();
    if (locked != nullptr && locked->RunHandlers(kMessagesPerTurn)) self->RunHandlers(channel);
  });
}

void ModuleServicesOfGateway::Services::Destroy(const std::shared_ptr<ClientChannel>& channel) {
  {
    const std::lock_guard lock(mutex_);
    std::erase(channels_, channel);
  }
  Post([self = shared_from_this(), channel] { self->sessions_.erase(channel.get()); });
}

void ModuleServicesOfGateway::Services::OnTimer() {
  for (const auto& [channel, session] : sessions_) session->OnTimer();
}

void ModuleServicesOfGateway::Services::Disconnect() {
  if (CurrentModuleServices().get() == this) SetModuleServices(nullptr);
  std::vector<std::shared_ptr<ClientChannel>> channels;
  {
    std::unique_lock lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return uses_ == 0; });
    channels.swap(channels_);
  }
  for (const auto& channel : channels) channel->End();
  sessions_.clear();
}

ModuleServicesOfGateway::ModuleServicesOfGateway(
    SessionHost& host, const std::vector<const MessageType*>& message_types,
    GatewayAdministration administration, const ModuleServicesOptions& options)
    : handlers_("module-handler", options.handler_threads, 0),
      services_(std::make_shared<Services>(host, message_types, std::move(administration), options,
                                           handlers_)) {
  OnReactorThread();
  host.reactor().Every(kTimerNs, [weak = std::weak_ptr<Services>(services_)] {
    if (const std::shared_ptr<Services> services = weak.lock()) services->OnTimer();
  });
  SetModuleServices(services_);
}

ModuleServicesOfGateway::~ModuleServicesOfGateway() { Disconnect(); }

void ModuleServicesOfGateway::OnReactorThread() { services_->OnReactorThread(); }

void ModuleServicesOfGateway::Disconnect() { services_->Disconnect(); }

}  // namespace fluxgate
