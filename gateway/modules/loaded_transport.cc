#include "gateway/modules/loaded_transport.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/quoted.h"
#include "core/module/option_array.h"

namespace fluxgate {
namespace {

constexpr char kCreate[] = "amps_transport_create_context";
constexpr char kDestroy[] = "amps_transport_destroy_context";
constexpr char kStart[] = "amps_transport_start";
constexpr char kStop[] = "amps_transport_stop";
constexpr char kSend[] = "amps_transport_send";
constexpr char kClose[] = "amps_transport_close";
constexpr char kResume[] = "amps_transport_resume";

// The part of an address that clients of one machine have in common, if it has a port.
std::string_view WithoutPort(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == address.size()) return address;
  const std::string_view port = address.substr(colon + 1);
  return port.find_first_not_of("0123456789") == std::string_view::npos ? address.substr(0, colon)
                                                                        : address;
}

}  // namespace

LoadedTransport::LoadedTransport(std::string name, std::shared_ptr<Module> module,
                                 net::Reactor& reactor, net::AdmissionGate& gate,
                                 net::Listener::OnAccept on_accept)
    : name_(std::move(name)),
      module_(std::move(module)),
      reactor_(reactor),
      gate_(gate),
      on_accept_(std::move(on_accept)) {
  server_.size = sizeof(amps_transport_server);
  server_.server_data = this;
  server_.connected = &LoadedTransport::Connected;
  server_.received = &LoadedTransport::Received;
  server_.writable = &LoadedTransport::Writable;
  server_.closed = &LoadedTransport::Closed;
  server_.transport = this;
}

absl::StatusOr<std::unique_ptr<LoadedTransport>> LoadedTransport::Create(
    std::string name, std::shared_ptr<Module> module, const ModuleOptions& options,
    net::Reactor& reactor, net::AdmissionGate& gate, net::Listener::OnAccept on_accept) {
  const auto create = module->EntryPoint<decltype(amps_transport_create_context)>(kCreate);
  if (!create.ok()) return create.status();
  const auto start = module->EntryPoint<decltype(amps_transport_start)>(kStart);
  if (!start.ok()) return start.status();
  const auto stop = module->EntryPoint<decltype(amps_transport_stop)>(kStop);
  if (!stop.ok()) return stop.status();
  const auto send = module->EntryPoint<decltype(amps_transport_send)>(kSend);
  if (!send.ok()) return send.status();
  const auto close = module->EntryPoint<decltype(amps_transport_close)>(kClose);
  if (!close.ok()) return close.status();
  const auto resume = module->EntryPoint<decltype(amps_transport_resume)>(kResume);
  std::unique_ptr<LoadedTransport> transport(
      new LoadedTransport(std::move(name), module, reactor, gate, std::move(on_accept)));
  const OptionArray array(options);
  auto context = ModuleContext::CreateBy(std::move(module), kCreate, kDestroy, [&] {
    return (*create)(array.get(), &transport->server_);
  });
  if (!context.ok()) return context.status();
  transport->context_ = *std::move(context);
  transport->entry_points_ = {*start, *stop, *send, *close, resume.ok() ? *resume : nullptr};
  return transport;
}

LoadedTransport::~LoadedTransport() {
  Stop();
  while (true) {
    std::shared_ptr<TransportBridge> bridge;
    {
      const std::lock_guard lock(mutex_);
      if (bridges_.empty()) break;
      bridge = bridges_.begin()->second;
    }
    bridge->Abandon();
    Forget(bridge->id());
  }
}

absl::Status LoadedTransport::Start() {
  Accept(true);  // it may say of clients before it returns
  const char* address = nullptr;
  const int code = module_->Call(kStart, int{AMPS_FAILURE},
                                 [&] { return entry_points_.start(context_->get(), &address); });
  if (code != AMPS_SUCCESS) {
    Accept(false);
    return module_->Error(fmt::format("failed to start ({}); what it logged says why", kStart));
  }
  address_ = address == nullptr ? module_->name() : OneLine(address, kAddressBytesMax);
  return absl::OkStatus();
}

bool LoadedTransport::Accept(bool accepts) {
  const std::lock_guard lock(mutex_);
  return is_accepting_.exchange(accepts);
}

void LoadedTransport::Stop() {
  if (!Accept(false)) return;
  module_->CallVoid(kStop, [this] { entry_points_.stop(context_->get()); });
}

std::optional<size_t> LoadedTransport::Send(void* connection, std::string_view bytes) {
  const std::optional<size_t> taken = module_->Call(kSend, std::optional<size_t>(), [&] {
    return entry_points_.send(context_->get(), connection, bytes.data(), bytes.size());
  });
  if (taken.has_value() && *taken <= bytes.size()) return taken;
  if (taken.has_value()) {
    module_->Report(kSend, fmt::format("took {} bytes of {}", *taken, bytes.size()));
  }
  spdlog::warn("{}: a connection is closed: transport {} failed ({})", name_, module_->name(),
               kSend);
  return std::nullopt;
}

void LoadedTransport::Resume(void* connection) {
  if (entry_points_.resume == nullptr) return;
  module_->CallVoid(kResume, [&] { entry_points_.resume(context_->get(), connection); });
}

void LoadedTransport::Close(void* connection) {
  module_->CallVoid(kClose, [&] { entry_points_.close(context_->get(), connection); });
}

void LoadedTransport::Forget(uint64_t id) {
  const std::lock_guard lock(mutex_);
  bridges_.erase(id);
}

void LoadedTransport::Serve(net::Accepted accepted) {
  // Between its coming and now the transport may have been stopped.
  if (is_accepting_) return on_accept_(std::move(accepted));
  close(accepted.fd);
}

amps_server_connection* LoadedTransport::Connect(amps_transport_connection connection,
                                                 std::string peer) {
  if (!is_accepting_) return nullptr;
  std::optional<net::Admission> admission = gate_.Admit(WithoutPort(peer));
  if (!admission.has_value()) {
    spdlog::warn("{}: connection from {} refused: too many connections", name_, peer);
    return nullptr;
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
    spdlog::error("{}: connection from {} refused: {}", name_, peer, std::strerror(errno));
    return nullptr;
  }
  std::shared_ptr<TransportBridge> bridge;
  uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = last_id_ + 1;
    bridge = std::make_shared<TransportBridge>(
        id, connection, *this, reactor_, ends[0],
        net::Accepted{ends[1], std::move(peer), *std::move(admission)});
    if (!is_accepting_) return nullptr;  // stopped meanwhile
    last_id_ = id;
    bridges_[id] = bridge;
  }
  bridge->Start();
  return reinterpret_cast<amps_server_connection*>(static_cast<uintptr_t>(id));
}

std::shared_ptr<TransportBridge> LoadedTransport::Find(const char* function,
                                                       amps_server_connection* connection) {
  const auto id = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(connection));
  {
    const std::lock_guard lock(mutex_);
    const auto found = bridges_.find(id);
    if (found != bridges_.end()) return found->second;
    // It has gone on one side while the other had not heard of it.
    if ((id != 0 && id <= last_id_) || last_id_ == 0) return nullptr;
  }
  module_->Report(function, "names a connection that there never was");
  return nullptr;
}

amps_server_connection* LoadedTransport::Connected(amps_transport_server* server,
                                                   amps_transport_connection connection,
                                                   const char* remote_address) {
  std::string peer = OneLine(remote_address == nullptr ? "" : remote_address, kAddressBytesMax);
  if (peer.empty()) peer = "unknown";
  return static_cast<Server*>(server)->transport->Connect(connection, std::move(peer));
}

size_t LoadedTransport::Received(amps_transport_server* server, amps_server_connection* connection,
                                 const char* bytes, size_t length) {
  const auto bridge = static_cast<Server*>(server)->transport->Find("received", connection);
  if (bridge == nullptr || bytes == nullptr) return length;
  return bridge->Received({bytes, length});
}

void LoadedTransport::Writable(amps_transport_server* server, amps_server_connection* connection) {
  const auto bridge = static_cast<Server*>(server)->transport->Find("writable", connection);
  if (bridge != nullptr) bridge->Writable();
}

void LoadedTransport::Closed(amps_transport_server* server, amps_server_connection* connection,
                             const char* reason) {
  LoadedTransport& transport = *static_cast<Server*>(server)->transport;
  const auto bridge = transport.Find("closed", connection);
  if (bridge == nullptr) return;
  spdlog::debug("{}: a client has gone: {}", transport.name_,
                OneLine(reason == nullptr ? "" : reason, kAddressBytesMax));
  bridge->ClosedByModule();
}

}  // namespace fluxgate
