#include "gateway/modules/loaded_transport_filter.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <utility>

#include "gateway/modules/byte_sink.h"
#include "gateway/net/plain_layer.h"
#include "gateway/net/stacked_layer.h"

namespace fluxgate {
namespace {

constexpr char kOpen[] = "amps_transport_filter_open";
constexpr char kReceived[] = "amps_transport_filter_received";
constexpr char kSending[] = "amps_transport_filter_sending";
constexpr char kClose[] = "amps_transport_filter_close";

}  // namespace

class TransportFilterLayer final : public net::StackedLayer {
 public:
  TransportFilterLayer(std::shared_ptr<LoadedTransportFilter> filter,
                       std::unique_ptr<net::SocketLayer> below,
                       amps_transport_filter_connection connection)
      : StackedLayer(std::move(below), filter->read_buffer_.get()),
        filter_(std::move(filter)),
        connection_(connection),
        sink_(filter_->bytes_max_) {}

  ~TransportFilterLayer() override {
    const ModuleContext& context = *filter_->context_;
    context.module().CallVoid(kClose,
                              [&] { filter_->entry_points_.close(context.get(), connection_); });
  }

 private:
  bool Receive(std::string_view bytes) override {
    size_t done = 0;
    while (done < bytes.size() && input().size() < kFilteredBytesMax) {
      const std::string_view piece = bytes.substr(done, kFilterPieceBytesMax);
      if (!Call(kReceived, filter_->entry_points_.received, piece, input())) return false;
      done += piece.size();
    }
    if (done < bytes.size()) held_.Append(bytes.substr(done));
    return true;
  }
  bool HoldsMore() const override { return !held_.empty(); }
  bool ReceiveMore() override {
    while (!held_.empty() && input().size() < kFilteredBytesMax) {
      const std::string_view piece = held_.bytes().substr(0, kFilterPieceBytesMax);
      if (!Call(kReceived, filter_->entry_points_.received, piece, input())) return false;
      held_.Consume(piece.size());
    }
    return true;
  }
  bool HoldsPart() const override { return false; }  // what the module keeps is its business
  bool Send(std::string_view bytes) override {
    return Call(kSending, filter_->entry_points_.sending, bytes, output());
  }

  bool Call(const char* name, decltype(amps_transport_filter_received)* function,
            std::string_view bytes, net::ByteQueue& to) {
    const ModuleContext& context = *filter_->context_;
    const Module& module = context.module();
    sink_.Open(to);
    const int code = module.Call(name, int{AMPS_FAILURE}, [&] {
      return function(context.get(), connection_, bytes.data(), bytes.size(), &sink_);
    });
    sink_.Close();
    if (sink_.is_over_limit()) {
      SetError(fmt::format("transport filter {} makes more than {} bytes of {}", module.name(),
                           sink_.bytes_max(), bytes.size()));
      return false;
    }
    if (code == AMPS_SUCCESS) return true;
    SetError(fmt::format("transport filter {} failed ({})", module.name(), name));
    return false;
  }

  const std::shared_ptr<LoadedTransportFilter> filter_;
  const amps_transport_filter_connection connection_;
  ByteSink sink_;
  net::ByteQueue held_;  // received, and not given to the module yet
};

LoadedTransportFilter::LoadedTransportFilter(std::shared_ptr<ModuleContext> context,
                                             const EntryPoints& entry_points, uint64_t bytes_max)
    : context_(std::move(context)),
      entry_points_(entry_points),
      bytes_max_(bytes_max),
      read_buffer_(std::make_unique_for_overwrite<char[]>(net::StackedLayer::kReadBytes)) {}

absl::StatusOr<std::shared_ptr<LoadedTransportFilter>> LoadedTransportFilter::Create(
    std::shared_ptr<Module> module, const ModuleOptions& options, uint64_t bytes_max) {
  const auto open = module->EntryPoint<decltype(amps_transport_filter_open)>(kOpen);
  if (!open.ok()) return open.status();
  const auto received = module->EntryPoint<decltype(amps_transport_filter_received)>(kReceived);
  if (!received.ok()) return received.status();
  const auto sending = module->EntryPoint<decltype(amps_transport_filter_sending)>(kSending);
  if (!sending.ok()) return sending.status();
  const auto close = module->EntryPoint<decltype(amps_transport_filter_close)>(kClose);
  if (!close.ok()) return close.status();
  auto context =
      ModuleContext::Create(std::move(module), options, "amps_transport_filter_create_context",
                            "amps_transport_filter_destroy_context");
  if (!context.ok()) return context.status();
  return std::shared_ptr<LoadedTransportFilter>(new LoadedTransportFilter(
      *std::move(context), {*open, *received, *sending, *close}, bytes_max));
}

std::unique_ptr<net::SocketLayer> LoadedTransportFilter::Open(
    std::unique_ptr<net::SocketLayer> below, const std::string& remote_address) {
  const amps_transport_filter_connection connection = context_->module().Call(
      kOpen, amps_transport_filter_connection{nullptr},
      [&] { return entry_points_.open(context_->get(), remote_address.c_str()); });
  if (connection == nullptr) return nullptr;
  return std::make_unique<TransportFilterLayer>(shared_from_this(), std::move(below), connection);
}

bool LoadedTransportFilter::AddTo(net::Accepted& accepted) {
  if (accepted.layer == nullptr) accepted.layer = std::make_unique<net::PlainLayer>(accepted.fd);
  accepted.layer = Open(std::move(accepted.layer), accepted.peer);
  if (accepted.layer != nullptr) return true;
  spdlog::warn("connection from {} refused by transport filter {}", accepted.peer,
               context_->module().name());
  close(accepted.fd);
  return false;
}

}  // namespace fluxgate
