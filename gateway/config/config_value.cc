#include "gateway/config/config_value.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "core/base/error.h"
#include "core/base/units.h"
#include "core/base/utf8.h"
#include "fmt/format.h"
#include "gateway/config/inet_address.h"

namespace fluxgate::config {
namespace {

constexpr uint32_t kFileMaskMax = 0777;

Problem FromStatus(const absl::Status& status, std::string_view allowed) {
  return {ErrorText(status), std::string(allowed), false};
}

std::string Joined(std::span<const std::string_view> words) {
  std::string out;
  for (std::string_view word : words) out += fmt::format("{}{}", out.empty() ? "" : ", ", word);
  return out;
}

using NameList = const std::vector<std::string>*;  // null: empty

bool Contains(NameList names, std::string_view name) {
  return names != nullptr && std::ranges::find(*names, name) != names->end();
}

std::string JoinedWith(std::vector<std::string_view> words, std::initializer_list<NameList> lists) {
  for (const NameList names : lists) {
    if (names != nullptr) words.insert(words.end(), names->begin(), names->end());
  }
  return Joined(words);
}

}  // namespace

namespace internal {

const NumberKind kCount = {&ParseCount, &FormatCount, kCountUnits};
const NumberKind kSize = {&ParseSize, &FormatSize, kSizeUnits};
const NumberKind kInterval = {&ParseInterval, &FormatInterval, kIntervalUnits};
const NumberKind kPercent = {&ParsePercent, &FormatPercent, kPercentUnits};

std::string AllowedNumber(uint64_t min, uint64_t max, const NumberKind& kind) {
  return fmt::format("{} to {} ({})", kind.print(min), kind.print(max), kind.units);
}

std::optional<Problem> ParseNumber(std::string_view text, uint64_t min, uint64_t max,
                                   const NumberKind& kind, uint64_t& out) {
  const absl::StatusOr<uint64_t> number = kind.parse(text);
  if (!number.ok()) return FromStatus(number.status(), AllowedNumber(min, max, kind));
  if (*number < min || *number > max) {
    return Problem{fmt::format("{} is too {}", Quoted(text), *number < min ? "small" : "large"),
                   AllowedNumber(min, max, kind)};
  }
  out = *number;
  return std::nullopt;
}

std::optional<Problem> CheckText(std::string_view text, size_t bytes_max) {
  const std::string allowed = fmt::format("text of 1 to {} bytes", bytes_max);
  if (text.empty()) return Problem{"is empty", allowed};
  if (text.size() > bytes_max) {
    return Problem{fmt::format("has {} bytes", text.size()), allowed};
  }
  // Possible where the text comes from the environment.
  if (!IsValidUtf8(text)) return Problem{"is not valid UTF-8", allowed};
  if (HasControlCharacter(text)) return Problem{"has a line end or another control character", ""};
  return std::nullopt;
}

Problem NotOneOf(std::string_view text, std::string_view allowed,
                 std::span<const std::string_view> not_built) {
  if (std::find(not_built.begin(), not_built.end(), text) != not_built.end()) {
    return {fmt::format("{} is not built yet", Quoted(text)), std::string(allowed), true};
  }
  if (text.empty()) return {"is empty", std::string(allowed)};
  return {fmt::format("{} is unknown", Quoted(text)), std::string(allowed)};
}

}  // namespace internal

Value SizeOrPercentOfMemory(uint64_t Config::*field, uint64_t min, uint64_t max) {
  const std::string allowed = fmt::format("{} to {} ({}), or 1% to 100% of the machine's memory",
                                          FormatSize(min), FormatSize(max), kSizeUnits);
  return {[=](std::string_view text, Target target,
              const ValueContext& context) -> std::optional<Problem> {
            uint64_t bytes = 0;
            if (text.ends_with('%')) {
              uint64_t percent = 0;
              std::optional<Problem> problem =
                  internal::ParseNumber(text, 1, 100, internal::kPercent, percent);
              if (problem) return Problem{problem->what, allowed};
              bytes = std::clamp(context.memory_bytes / 100 * percent, min, max);
            } else {
              std::optional<Problem> problem =
                  internal::ParseNumber(text, min, max, internal::kSize, bytes);
              if (problem) return Problem{problem->what, allowed};
            }
            std::get<Config*>(target)->*field = bytes;
            return std::nullopt;
          },
          [=](Source source) { return FormatSize(std::get<const Config*>(source)->*field); },
          allowed, &Fresh<Config>};
}

Value TextList(std::vector<std::string> MessageTypeConfig::*field, size_t bytes_max) {
  return {[=](std::string_view text, Target target, const ValueContext&) {
            std::optional<Problem> problem = internal::CheckText(text, bytes_max);
            if (!problem) (std::get<MessageTypeConfig*>(target)->*field).emplace_back(text);
            return problem;
          },
          [=](Source source) {
            std::string lines;
            for (const std::string& text : std::get<const MessageTypeConfig*>(source)->*field) {
              lines += (lines.empty() ? "" : "\n") + text;
            }
            return lines;
          },
          fmt::format("text of 1 to {} bytes", bytes_max), &Fresh<MessageTypeConfig>};
}

Value Separator(uint32_t MessageTypeConfig::*field) {
  Value value = Count(field, 0, UINT8_MAX);
  value.allowed = "0 to 255, a byte";
  value.print = [field](Source source) -> std::string {
    const MessageTypeConfig& type = *std::get<const MessageTypeConfig*>(source);
    if (type.module != "fix" && type.module != "nvfix") return "";
    return std::to_string(type.*field);
  };
  return value;
}

Value TransportTypeName() {
  static constexpr std::string_view kNotBuilt[] = {"amps-replication", "amps-replication-secure"};
  std::vector<std::string_view> types;
  for (const Named<TransportType>& named : TransportTypes()) types.push_back(named.name);
  return {[types](std::string_view text, Target target,
                  const ValueContext& context) -> std::optional<Problem> {
            Transport& transport = *std::get<Transport*>(target);
            const auto named =
                std::ranges::find(TransportTypes(), text, &Named<TransportType>::name);
            if (named != TransportTypes().end()) {
              transport.type = named->value;
              return std::nullopt;
            }
            if (!Contains(context.modules, text)) {
              return internal::NotOneOf(text, JoinedWith(types, {context.modules}), kNotBuilt);
            }
            transport.type = TransportType::kModule;
            transport.type_module = std::string(text);
            return std::nullopt;
          },
          [](Source source) {
            const Transport& transport = *std::get<const Transport*>(source);
            if (transport.type == TransportType::kModule) return transport.type_module;
            return std::string(NameOf(transport.type));
          },
          Joined(types) + ", or the name of a module", &Fresh<Transport>};
}

Value ProtocolName() {
  static constexpr std::string_view kNotBuilt[] = {"fix",       "nvfix", "xml",
                                                   "websocket", "amqp",  "snakemq"};
  return {[](std::string_view text, Target target,
             const ValueContext& context) -> std::optional<Problem> {
            if (!Contains(&context.known.protocols, text) && !Contains(context.protocols, text) &&
                !Contains(context.modules, text)) {
              return internal::NotOneOf(
                  text,
                  JoinedWith({}, {&context.known.protocols, context.protocols, context.modules}),
                  kNotBuilt);
            }
            std::get<Transport*>(target)->protocol = std::string(text);
            return std::nullopt;
          },
          [](Source source) { return std::get<const Transport*>(source)->protocol; },
          "a protocol of this build, as amps, or of Protocols, or the name of a module",
          &Fresh<Transport>};
}

Value TransportFilterName() {
  return {[](std::string_view text, Target target,
             const ValueContext& context) -> std::optional<Problem> {
            if (!Contains(context.modules, text)) {
              return internal::NotOneOf(text, JoinedWith({}, {context.modules}), {});
            }
            std::get<Transport*>(target)->filter = std::string(text);
            return std::nullopt;
          },
          [](Source source) { return std::get<const Transport*>(source)->filter; },
          "the name of a module", &Fresh<Transport>};
}

Value MessageTypeModule() {
  static constexpr std::string_view kAllowed =
      "fix, nvfix, protobuf, composite-local, composite-global, or the name of a module";
  // Those need no configuration, or are not built.
  static constexpr std::string_view kOthers[] = {"xml",  "json",   "bflat", "msgpack",
                                                 "bson", "binary", "struct"};
  return {[](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            if (auto problem = internal::CheckText(text, kNameBytesMax)) return problem;
            if (std::ranges::find(kOthers, text) != std::end(kOthers)) {
              return internal::NotOneOf(text, kAllowed, kOthers);
            }
            std::get<MessageTypeConfig*>(target)->module = std::string(text);
            return std::nullopt;
          },
          [](Source source) { return std::get<const MessageTypeConfig*>(source)->module; },
          std::string(kAllowed), &Fresh<MessageTypeConfig>};
}

Value ParameterCount() {
  using Definition = LoadedFunctionDefinition;
  static constexpr std::string_view kAny = "AMPS_UDF_VARIADIC_PARAMETER_COUNT";
  constexpr auto kMax = static_cast<uint64_t>(Definition::kParameterCountMax);
  return {[](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            int& count = std::get<Definition*>(target)->parameter_count;
            if (text == kAny) {
              count = -1;
              return std::nullopt;
            }
            uint64_t number = 0;
            auto problem = internal::ParseNumber(text, 0, kMax, internal::kCount, number);
            if (!problem) count = static_cast<int>(number);
            return problem;
          },
          [](Source source) {
            const int count = std::get<const Definition*>(source)->parameter_count;
            return count < 0 ? std::string(kAny) : std::to_string(count);
          },
          internal::AllowedNumber(0, kMax, internal::kCount) + ", or " + std::string(kAny),
          &Fresh<Definition>};
}

Value InetAddr() {
  return {
      [](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
        absl::StatusOr<InetAddress> address = ParseInetAddress(text);
        if (!address.ok()) return FromStatus(address.status(), kInetAddressForms);
        Transport& transport = *std::get<Transport*>(target);
        transport.host = std::move(address->host);
        transport.port = address->port;
        return std::nullopt;
      },
      [](Source source) -> std::string {
        const Transport& transport = *std::get<const Transport*>(source);
        if (transport.type == TransportType::kUnix || transport.type == TransportType::kModule) {
          return "";
        }
        return FormatInetAddress(transport.host, transport.port);
      },
      std::string(kInetAddressForms), &Fresh<Transport>};
}

Value VerifyClientWord() {
  Value value = Choice(&Transport::verify_client, VerifyClients(), {});
  value.print = [print = value.print](Source source) -> std::string {
    return HasTls(std::get<const Transport*>(source)->type) ? print(source) : "";
  };
  return value;
}

Value SecureSocketProtocols() {
  static constexpr std::string_view kAllowed = "TLSv1.2, TLSv1.3 or both, with a comma or space";
  static constexpr std::string_view kSeparators = ", ";
  return {[](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            std::optional<net::TlsProtocol> min;
            std::optional<net::TlsProtocol> max;
            for (size_t at = 0; (at = text.find_first_not_of(kSeparators, at)) < text.size();) {
              const size_t end = std::min(text.find_first_of(kSeparators, at), text.size());
              const std::string_view word = text.substr(at, end - at);
              const auto named =
                  std::ranges::find(TlsProtocols(), word, &Named<net::TlsProtocol>::name);
              if (named == TlsProtocols().end()) {
                return Problem{fmt::format("{} is unknown", Quoted(word)), std::string(kAllowed)};
              }
              min = std::min(min.value_or(named->value), named->value);
              max = std::max(max.value_or(named->value), named->value);
              at = end;
            }
            if (!min.has_value()) return Problem{"is empty", std::string(kAllowed)};
            std::get<Transport*>(target)->tls_protocol_min = *min;
            std::get<Transport*>(target)->tls_protocol_max = *max;
            return std::nullopt;
          },
          [](Source source) -> std::string {
            const Transport& transport = *std::get<const Transport*>(source);
            if (transport.type != TransportType::kTcps) return "";
            std::string text(NameOf(transport.tls_protocol_min));
            if (transport.tls_protocol_max != transport.tls_protocol_min) {
              text += fmt::format(",{}", NameOf(transport.tls_protocol_max));
            }
            return text;
          },
          std::string(kAllowed), &Fresh<Transport>};
}

Value FileMask() {
  static constexpr std::string_view kAllowed = "octal permissions, 0 to 0777";
  return {[](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            uint32_t mask = 0;
            const char* end = text.data() + text.size();
            const auto [stop, error] = std::from_chars(text.data(), end, mask, 8);
            if (text.empty()) return Problem{"is empty", std::string(kAllowed)};
            if (error == std::errc::invalid_argument || stop != end) {
              return Problem{fmt::format("{} is not an octal number", Quoted(text)),
                             std::string(kAllowed)};
            }
            if (error != std::errc() || mask > kFileMaskMax) {
              return Problem{fmt::format("{} is too large", Quoted(text)), std::string(kAllowed)};
            }
            std::get<Transport*>(target)->file_mask = mask;
            return std::nullopt;
          },
          [](Source source) -> std::string {
            const Transport& transport = *std::get<const Transport*>(source);
            if (transport.type != TransportType::kUnix) return "";
            return fmt::format("{:04o}", transport.file_mask);
          },
          std::string(kAllowed), &Fresh<Transport>};
}

}  // namespace fluxgate::config
