#include "client/amps/connection_uri.h"

#include "amps/exceptions.h"
#include "client/amps/tls_stream.h"

namespace AMPS::internal {

fluxgate::client::Uri ParseUri(const std::string& text) {
  fluxgate::client::UriForm form;
  form.socket.tcp_nodelay = false;
  form.socket.tcp_linger = 10;
  form.socket.tcp_keepalive = true;
  form.socket.ip_protocol_prefer = fluxgate::client::IpPreference::kIpv4;
  form.is_documented = true;
  fluxgate::client::Uri uri;
  const auto problem = fluxgate::client::Uri::Read(text, form, &uri);
  if (problem.ok()) {
    if (uri.scheme != fluxgate::client::Scheme::kGrpc) return uri;
    throw InvalidURIException("scheme grpc is not of this client: tcp, tcps and unix are");
  }
  if (problem.is_option) throw InvalidTransportOptionsException(problem.text);
  throw InvalidURIException(problem.text);
}

std::string WithoutPassword(const std::string& uri) {
  const size_t begin = uri.find("://");
  if (begin == std::string::npos) return uri;
  const size_t host_end = uri.find_first_of("/?", begin + 3);
  const size_t at = uri.rfind('@', host_end);
  if (at == std::string::npos || at < begin + 3) return uri;
  const size_t colon = uri.find(':', begin + 3);
  if (colon == std::string::npos || colon > at) return uri;
  return uri.substr(0, colon) + uri.substr(at);
}

std::unique_ptr<ByteStream> MakeStream(int fd, const fluxgate::client::Uri& uri,
                                       std::chrono::steady_clock::time_point deadline,
                                       int interrupt_fd) {
  if (uri.tls) return ConnectTls(fd, uri, deadline, interrupt_fd);
  return std::make_unique<PlainStream>(fd);
}

}  // namespace AMPS::internal
