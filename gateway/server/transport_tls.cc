#include "gateway/server/transport_tls.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <utility>

#include "core/base/error.h"

namespace fluxgate {

net::TlsOptions TlsOptionsOf(const config::Transport& transport) {
  net::TlsOptions options;
  options.certificate_file = transport.certificate_file;
  options.private_key_file = transport.private_key_file;
  for (const config::ServerName& server : transport.server_names) {
    options.server_names.push_back({server.name, server.certificate_file, server.private_key_file});
  }
  options.ca_file = transport.ca_file;
  options.ca_path = transport.ca_path;
  options.verify_client = transport.verify_client;
  options.ciphers = transport.ciphers;
  options.protocol_min = transport.tls_protocol_min;
  options.protocol_max = transport.tls_protocol_max;
  return options;
}

std::string TryTls(const config::Transport& transport) {
  return ErrorText(net::TlsContext::Create(TlsOptionsOf(transport)).status());
}

bool AddTlsLayer(const net::TlsContext& tls, net::Accepted& accepted) {
  accepted.layer = tls.NewLayer(accepted.fd);
  if (accepted.layer != nullptr) return true;
  spdlog::error("connection from {} refused: no memory for TLS", accepted.peer);
  close(accepted.fd);
  return false;
}

absl::StatusOr<const net::TlsContext*> TransportTls::Open(const config::Transport& transport) {
  if (!config::HasTls(transport.type)) return nullptr;
  auto context = net::TlsContext::Create(TlsOptionsOf(transport));
  if (!context.ok()) return context.status();
  if (opened_.empty()) reactor_.Every(check_interval_ns_, [this] { CheckFiles(); });
  return opened_.emplace_back(Opened{transport.name, *std::move(context)}).context.get();
}

void TransportTls::CheckFiles() {
  for (const Opened& opened : opened_) {
    const absl::StatusOr<bool> reloaded = opened.context->ReloadIfChanged();
    if (!reloaded.ok()) {
      spdlog::error("{}: certificates have changed and are not used: {}", opened.transport,
                    ErrorText(reloaded.status()));
    } else if (*reloaded) {
      spdlog::info("{}: certificates have changed and are used from now on", opened.transport);
    }
  }
}

}  // namespace fluxgate
