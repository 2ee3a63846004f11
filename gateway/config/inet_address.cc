#include "gateway/config/inet_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "core/base/error.h"
#include "fmt/format.h"
#include "gateway/config/config_errors.h"

namespace fluxgate::config {
namespace {

absl::Status Bad(std::string_view text, std::string_view what) {
  return MakeError(ErrorCode::kBadOption, fmt::format("{} {}", Quoted(text), what));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool IsV4(const std::string& host) {
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

// An address, with "%zone" behind it for link-local ones.
bool IsV6(std::string_view host) {
  in6_addr address;
  const size_t zone = host.find('%');
  if (zone != std::string_view::npos) {
    const std::string_view name = host.substr(zone + 1);
    if (name.empty() || !std::all_of(name.begin(), name.end(), [](char c) {
          return IsDigit(c) || IsAlpha(c) || c == '.' || c == '-' || c == '_';
        })) {
      return false;
    }
    host = host.substr(0, zone);
  }
  return inet_pton(AF_INET6, std::string(host).c_str(), &address) == 1;
}

bool IsHostName(const std::string& host) {
  // What looks like a v4 address must be one: resolvers read "10.1" as 10.0.0.1.
  if (std::all_of(host.begin(), host.end(), [](char c) { return IsDigit(c) || c == '.'; })) {
    return IsV4(host);
  }
  return std::all_of(host.begin(), host.end(), [](char c) {
    return IsDigit(c) || IsAlpha(c) || c == '.' || c == '-' || c == '_';
  });
}

}  // namespace

absl::StatusOr<InetAddress> ParseInetAddress(std::string_view text) {
  if (text.empty()) return MakeError(ErrorCode::kBadOption, "is empty");
  InetAddress out;
  std::string_view port = text;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos || text.substr(close + 1, 1) != ":") {
      return Bad(text, "is not [v6]:port");
    }
    out.host = text.substr(1, close - 1);
    port = text.substr(close + 2);
    if (out.host.size() > kHostBytesMax || !IsV6(out.host)) {
      return Bad(text, "has no v6 address inside the brackets");
    }
  } else if (const size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    out.host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (out.host.empty()) return Bad(text, "has no host before the colon");
    if (out.host.find(':') != std::string::npos) {
      return Bad(text, "has several colons: a v6 address needs brackets");
    }
    if (out.host.size() > kHostBytesMax) {
      return Bad(text, fmt::format("has a host of more than {} bytes", kHostBytesMax));
    }
    if (!IsHostName(out.host)) return Bad(text, "has an impossible host");
  }
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (port.empty() || error == std::errc::invalid_argument || end != port.data() + port.size()) {
    return Bad(text, "has no port number");
  }
  if (error == std::errc::result_out_of_range || number > UINT16_MAX) {
    return Bad(text, "has a port above 65535");
  }
  out.port = static_cast<uint16_t>(number);
  return out;
}

std::string FormatInetAddress(std::string_view host, uint16_t port) {
  if (host.empty()) return fmt::format("{}", port);
  if (host.find(':') != std::string_view::npos) return fmt::format("[{}]:{}", host, port);
  return fmt::format("{}:{}", host, port);
}

}  // namespace fluxgate::config
