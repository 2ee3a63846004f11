#include "gateway/modules/loaded_protocol.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "gateway/amps/amps_session.h"
#include "gateway/modules/protocol_layer.h"
#include "gateway/net/plain_layer.h"

namespace fluxgate {
namespace {

constexpr char kOpen[] = "amps_protocol_open";

// What the bodies of a client are that says nothing, on a transport that says nothing.
constexpr char kMessageType[] = "json";

// Transports have names of their own, so no two clients of a gateway get the same.
std::string MadeUpName(std::string_view transport, std::string_view peer, uint64_t number) {
  const std::string end = fmt::format("-{}", number);
  std::string name = fmt::format("{}-{}", transport, peer);
  if (name.size() + end.size() > kMadeUpNameBytesMax) {
    size_t size = kMadeUpNameBytesMax - end.size();
    while (size > 0 && (name[size] & 0xC0) == 0x80) --size;  // not inside a character of UTF-8
    name.resize(size);
  }
  return name + end;
}

}  // namespace

LoadedProtocol::LoadedProtocol(std::string name, std::shared_ptr<ModuleContext> context,
                               const EntryPoints& entry_points, const ProtocolLimits& limits)
    : name_(std::move(name)),
      context_(std::move(context)),
      entry_points_(entry_points),
      limits_(limits),
      read_buffer_(std::make_unique_for_overwrite<char[]>(net::StackedLayer::kReadBytes)) {}

absl::StatusOr<std::shared_ptr<const LoadedProtocol>> LoadedProtocol::Create(
    std::string name, std::shared_ptr<Module> module, const ModuleOptions& options,
    const ProtocolLimits& limits) {
  const auto open = module->EntryPoint<decltype(amps_protocol_open)>(kOpen);
  if (!open.ok()) return open.status();
  const auto close = module->EntryPoint<decltype(amps_protocol_close)>("amps_protocol_close");
  if (!close.ok()) return close.status();
  const auto decode = module->EntryPoint<decltype(amps_protocol_decode)>("amps_protocol_decode");
  if (!decode.ok()) return decode.status();
  const auto encode = module->EntryPoint<decltype(amps_protocol_encode)>("amps_protocol_encode");
  if (!encode.ok()) return encode.status();
  auto context = ModuleContext::Create(std::move(module), options, "amps_protocol_create_context",
                                       "amps_protocol_destroy_context");
  if (!context.ok()) return context.status();
  return std::shared_ptr<const LoadedProtocol>(new LoadedProtocol(
      std::move(name), *std::move(context), {*open, *close, *decode, *encode}, limits));
}

std::unique_ptr<net::SocketLayer> LoadedProtocol::Open(std::unique_ptr<net::SocketLayer> below,
                                                       const std::string& remote_address,
                                                       const TransportInfo& transport) const {
  const amps_protocol_connection connection = context_->module().Call(
      kOpen, amps_protocol_connection{nullptr},
      [&] { return entry_points_.open(context_->get(), remote_address.c_str()); });
  if (connection == nullptr) return nullptr;
  return std::make_unique<ProtocolLayer>(
      shared_from_this(), std::move(below), connection,
      MadeUpName(transport.name, remote_address, ++connections_),
      transport.message_type.empty() ? kMessageType : transport.message_type);
}

void LoadedProtocol::Accept(SessionHost& host, const TransportInfo& transport,
                            net::Accepted accepted) const {
  if (accepted.layer == nullptr) accepted.layer = std::make_unique<net::PlainLayer>(accepted.fd);
  accepted.layer = Open(std::move(accepted.layer), accepted.peer, transport);
  if (accepted.layer == nullptr) {
    spdlog::warn("connection from {} refused by protocol {}", accepted.peer, name_);
    close(accepted.fd);
    return;
  }
  amps::AmpsProtocol().Accept(host, transport, std::move(accepted));
}

}  // namespace fluxgate
