#include "client/cpp/uri.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace fluxgate::client {
namespace {

constexpr uint32_t kSocketBufferBytesMax = 1u << 30;
constexpr uint32_t kLingerSecondsMax = 3600;

using Problem = UriProblem;

Problem Bad(std::string_view text) { return {ErrorCode::kBadOption, std::string(text)}; }
Problem Good() { return {}; }

Problem DecodePercent(std::string_view text, std::string* decoded) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    unsigned value = 0;
    const char* const end = text.data() + i + 3;
    if (i + 2 >= text.size() || std::from_chars(text.data() + i + 1, end, value, 16).ptr != end) {
      return Bad(fmt::format("'{}' has a % without two hexadecimal digits", text));
    }
    out.push_back(static_cast<char>(value));
    i += 2;
  }
  *decoded = std::move(out);
  return Good();
}

template <typename Number>
Problem ReadNumber(std::string_view what, std::string_view text, Number max, Number* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  if (error != std::errc() || end != text.data() + text.size() || *number > max) {
    return Bad(fmt::format("{} must be a number up to {}, not '{}'", what, max, text));
  }
  return Good();
}

Problem ReadFlag(std::string_view what, std::string_view text, bool* flag) {
  if (text == "true" || text == "1") {
    *flag = true;
  } else if (text == "false" || text == "0") {
    *flag = false;
  } else {
    return Bad(fmt::format("option {} must be true or false, not '{}'", what, text));
  }
  return Good();
}

Problem ReadSize(std::string_view name, std::string_view value, uint32_t max,
                 std::optional<uint32_t>* size) {
  uint32_t number = 0;
  Problem status = ReadNumber(fmt::format("option {}", name), value, max, &number);
  if (status.ok()) *size = number;
  return status;
}

std::string* TlsFile(std::string_view option, TlsUriOptions* options) {
  if (option == "ca_file") return &options->ca_file;
  if (option == "ca_path") return &options->ca_path;
  if (option == "certificate") return &options->certificate;
  if (option == "private_key") return &options->private_key;
  return nullptr;
}

Problem ReadOption(std::string_view name, std::string_view value, const UriForm& form, Uri* uri) {
  SocketOptions& socket = uri->socket;
  if (name == "path" && uri->scheme == Scheme::kUnix) {
    uri->path = value;
    return Good();
  }
  if (name == "tcp_nodelay") return ReadFlag(name, value, &socket.tcp_nodelay);
  if (name == "tcp_keepalive") return ReadFlag(name, value, &socket.tcp_keepalive);
  if (name == "tcp_sndbuf") {
    return ReadSize(name, value, kSocketBufferBytesMax, &socket.tcp_sndbuf);
  }
  if (name == "tcp_rcvbuf") {
    return ReadSize(name, value, kSocketBufferBytesMax, &socket.tcp_rcvbuf);
  }
  if (name == "tcp_linger") return ReadSize(name, value, kLingerSecondsMax, &socket.tcp_linger);
  if (name == "bind") {
    socket.bind = value;
    return Good();
  }
  if (name == "ip_protocol_prefer") {
    if (value == "ipv4") {
      socket.ip_protocol_prefer = IpPreference::kIpv4;
    } else if (value == "ipv6") {
      socket.ip_protocol_prefer = IpPreference::kIpv6;
    } else {
      return Bad(fmt::format("option ip_protocol_prefer must be ipv4 or ipv6, not '{}'", value));
    }
    return Good();
  }
  if (std::string* file = TlsFile(name, &uri->tls_options)) {
    if (!uri->tls) return Bad(fmt::format("option {} is for tcps and grpcs", name));
    *file = value;
    return Good();
  }
  if (name == "pretty" && form.is_documented) return ReadFlag(name, value, &uri->pretty);
  if (name == "compression" || name == "http_preflight") {
    return Problem{ErrorCode::kNotBuilt, fmt::format("option {} is not built yet", name)};
  }
  return Bad(fmt::format("unknown option '{}'", name));
}

Problem ReadOptions(std::string_view text, const UriForm& form, Uri* uri) {
  while (!text.empty()) {
    const std::string_view option = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(option.size() + 1, text.size()));
    const size_t equals = option.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return Bad(fmt::format("option '{}' is not of the form name=value", option));
    }
    std::string value;
    if (Problem p = DecodePercent(option.substr(equals + 1), &value); !p.ok()) return p;
    const std::string_view name = option.substr(0, equals);
    if (Problem status = ReadOption(name, value, form, uri); !status.ok()) return status;
  }
  return Good();
}

// "user:password@".
Problem ReadCredentials(std::string_view text, Uri* uri) {
  const size_t colon = text.find(':');
  if (Problem p = DecodePercent(text.substr(0, colon), &uri->user); !p.ok()) return p;
  if (colon == std::string_view::npos) return Good();
  if (!DecodePercent(text.substr(colon + 1), &uri->password).ok()) {
    // Not with the text: it is a secret.
    return Bad("the password has a % without two hexadecimal digits");
  }
  return Good();
}

Problem ReadHostAndPort(std::string_view text, Uri* uri) {
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return Bad("'[' without ']' around the address");
    uri->host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.starts_with(':')) return Bad("port missing: host:port is needed");
    port.remove_prefix(1);
  } else {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos) return Bad("port missing: host:port is needed");
    uri->host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (port.find(':') != std::string_view::npos) {
      return Bad(fmt::format("an IPv6 address needs brackets: [{}]:port",
                             text.substr(0, text.rfind(':'))));
    }
  }
  if (uri->host.empty()) return Bad("host missing: host:port is needed");
  if (port.empty()) return Bad("port missing: host:port is needed");
  if (Problem status = ReadNumber<uint16_t>("port", port, 65535, &uri->port); !status.ok()) {
    return status;
  }
  if (uri->port == 0 && uri->scheme != Scheme::kUnix) return Bad("port 0 cannot be connected to");
  return Good();
}

// "/amps/json", or for gRPC nothing or "/json".
Problem ReadPath(std::string_view path, const UriForm& form, Uri* uri) {
  if (uri->scheme == Scheme::kGrpc) {
    if (path.empty() || path == "/") return Good();
    uri->message_type = path.substr(1);
  } else {
    constexpr std::string_view kProtocol = "/amps/";
    if (form.is_documented && path == "/amps") return Good();
    if (!path.starts_with(kProtocol)) {
      return Bad(
          fmt::format("path must be /amps/<message type>, such as /amps/json, not '{}'", path));
    }
    uri->message_type = path.substr(kProtocol.size());
  }
  if (uri->message_type.empty() || uri->message_type.find('/') != std::string::npos) {
    return Bad(fmt::format("'{}' does not name one message type, such as json", path));
  }
  return Good();
}

Problem ReadScheme(std::string_view text, Uri* uri) {
  Scheme* scheme = &uri->scheme;
  uri->tls = text == "tcps" || text == "grpcs";
  if (text == "tcp" || text == "tcps") {
    *scheme = Scheme::kTcp;
  } else if (text == "unix") {
    *scheme = Scheme::kUnix;
  } else if (text == "grpc" || text == "grpcs") {
    *scheme = Scheme::kGrpc;
  } else if (text == "ws" || text == "wss") {
    return Problem{ErrorCode::kNotBuilt, fmt::format("scheme {} is not built yet", text)};
  } else {
    return Bad(fmt::format("unknown scheme '{}': tcp, tcps, unix, grpc and grpcs are known", text));
  }
  return Good();
}

Problem ReadParts(std::string_view text, const UriForm& form, bool* is_option, Uri* uri) {
  const size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) {
    return Bad("no scheme: tcp://host:port/amps/json and grpc://host:port are examples");
  }
  if (Problem s = ReadScheme(text.substr(0, scheme_end), uri); !s.ok()) return s;
  text.remove_prefix(scheme_end + 3);

  std::string_view options;
  if (const size_t question = text.find('?'); question != std::string_view::npos) {
    options = text.substr(question + 1);
    text = text.substr(0, question);
  }
  std::string_view path;
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    path = text.substr(slash);
    text = text.substr(0, slash);
  }
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    if (Problem s = ReadCredentials(text.substr(0, at), uri); !s.ok()) return s;
    text.remove_prefix(at + 1);
  }
  if (Problem s = ReadHostAndPort(text, uri); !s.ok()) return s;
  if (Problem s = ReadPath(path, form, uri); !s.ok()) return s;
  *is_option = true;
  if (Problem s = ReadOptions(options, form, uri); !s.ok()) return s;
  if (uri->scheme == Scheme::kUnix && uri->path.empty()) {
    return Bad(
        "option path missing: a unix URI names its socket file: "
        "unix://localhost:0/amps/json?path=/run/x.sock");
  }
  if (uri->tls_options.certificate.empty() != uri->tls_options.private_key.empty()) {
    return Bad("the options certificate and private_key belong together");
  }
  return Good();
}

}  // namespace

UriProblem Uri::Read(std::string_view text, const UriForm& form, Uri* uri) {
  *uri = {};
  uri->socket = form.socket;
  bool is_option = false;
  UriProblem problem = ReadParts(text, form, &is_option, uri);
  problem.is_option = is_option;
  return problem;
}

std::string Uri::Address() const {
  if (scheme == Scheme::kUnix) return path;
  if (host.find(':') != std::string::npos) return fmt::format("[{}]:{}", host, port);
  return fmt::format("{}:{}", host, port);
}

}  // namespace fluxgate::client
