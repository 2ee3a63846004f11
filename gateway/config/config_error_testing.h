// For tests: the error that a configuration, or one element of an otherwise good one, gives. Empty:
// none.
#ifndef FLUXGATE_GATEWAY_CONFIG_CONFIG_ERROR_TESTING_H_
#define FLUXGATE_GATEWAY_CONFIG_CONFIG_ERROR_TESTING_H_

#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "gateway/config/config_loader.h"
#include "gtest/gtest.h"

namespace fluxgate::config {

inline std::string ErrorOf(std::string_view xml, ErrorCode code = ErrorCode::kBadOption) {
  LoadOptions options;
  options.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "BELL") return "a\ab";
    if (name == "LATIN1") return "\xe4";
    return std::nullopt;
  };
  options.memory_bytes = 1ull << 30;
  const absl::StatusOr<Config> config = LoadText(xml, "f", options);
  if (config.ok()) return "";
  EXPECT_EQ(ErrorCodeOf(config.status()), code);
  return ErrorText(config.status());
}

inline constexpr std::string_view kTransports =
    "<Transports><Transport><Name>t</Name><Type>tcp</Type><InetAddr>1</InetAddr></Transport>"
    "</Transports>";

// `elements` start at line 2 of an otherwise good file.
inline std::string With(std::string_view elements) {
  std::string xml = "<FluxgateConfig>";
  return xml.append(kTransports).append("\n").append(elements).append("</FluxgateConfig>");
}

// The error of <name>text</name> inside <Limits> at line 2, or nothing.
inline std::string LimitError(const std::string& name, const std::string& text) {
  return ErrorOf(With("<Limits><" + name + ">" + text + "</" + name + "></Limits>"));
}

// `transports` start at line 2 of an otherwise good file.
inline std::string Transports(std::string_view transports) {
  std::string xml = "<FluxgateConfig><Transports>\n";
  return xml.append(transports).append("</Transports></FluxgateConfig>");
}

inline std::string TransportError(std::string_view children) {
  std::string xml = "<Transport>";
  return ErrorOf(Transports(xml.append(children).append("</Transport>")));
}

inline std::string TargetError(std::string_view children) {
  std::string xml = "<Logging><Target>";
  return ErrorOf(With(xml.append(children).append("</Target></Logging>")));
}

inline constexpr char kTcp[] = "<Name>t</Name><Type>tcp</Type><InetAddr>1</InetAddr>";

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_CONFIG_ERROR_TESTING_H_
