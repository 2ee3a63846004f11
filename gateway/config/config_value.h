// How the text of one element becomes one field of the configuration and back: the building blocks
// of the schema's rows. Each function below makes such a pair for one kind of value. Immutable, any
// thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_CONFIG_VALUE_H_
#define FLUXGATE_GATEWAY_CONFIG_CONFIG_VALUE_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "core/filter/function_registry.h"
#include "gateway/config/config.h"
#include "gateway/config/config_errors.h"
#include "gateway/config/config_names.h"
#include "gateway/config/known_names.h"

namespace fluxgate::config {

// Longest socket file name: sockaddr_un's sun_path without its final zero byte.
inline constexpr size_t kUnixPathBytesMax = 107;
inline constexpr size_t kNameBytesMax = 256;       // names of the gateway and of transports
inline constexpr size_t kFileNameBytesMax = 4095;  // PATH_MAX without its final zero byte
inline constexpr size_t kHostNameBytesMax = 253;   // RFC 1035, 2.3.4, without the final dot
inline constexpr size_t kCiphersBytesMax = 4096;

// The structure whose field an element sets. Never null.
using Target =
    std::variant<Config*, Limits*, Transport*, ServerName*, LogTarget*, MessageTypeConfig*,
                 ModuleConfig*, ModuleUse*, ProtocolConfig*, LoadedFunctionDefinition*,
                 SowTopicDefinition*, ConflatedTopicDefinition*, ViewDefinition*, ActionConfig*,
                 ActionPart*, std::vector<std::string>*, std::vector<ViewDefinition::Join>*>;
using Source =
    std::variant<const Config*, const Limits*, const Transport*, const ServerName*,
                 const LogTarget*, const MessageTypeConfig*, const ModuleConfig*, const ModuleUse*,
                 const ProtocolConfig*, const LoadedFunctionDefinition*, const SowTopicDefinition*,
                 const ConflatedTopicDefinition*, const ViewDefinition*, const ActionConfig*,
                 const ActionPart*, const std::vector<std::string>*,
                 const std::vector<ViewDefinition::Join>*>;

struct ValueContext {
  const KnownNames& known;
  uint64_t memory_bytes;
  // What the file's expressions may call beside the builtin functions.
  const FunctionRegistry* functions = nullptr;
  // Names of the file's <Modules> and <Protocols>; null: none.
  const std::vector<std::string>* modules = nullptr;
  const std::vector<std::string>* protocols = nullptr;
};

struct Value {
  // Sets the field; a problem leaves it as it was.
  std::function<std::optional<Problem>(std::string_view text, Target, const ValueContext&)> parse;
  // The text that parses back to the field's value; empty: leave the element out. Of an element
  // that may come several times one line for each.
  std::function<std::string(Source)> print;
  std::string allowed;  // for people: errors, comments, documentation
  Source (*fresh)();    // a structure whose field has its default
};

template <typename S>
Source Fresh() {
  static const S structure{};
  return &structure;
}

namespace internal {
using NumberParser = absl::StatusOr<uint64_t> (*)(std::string_view);
using NumberPrinter = std::string (*)(uint64_t);

struct NumberKind {
  NumberParser parse;
  NumberPrinter print;
  std::string_view units;
};
extern const NumberKind kCount, kSize, kInterval, kPercent;

std::string AllowedNumber(uint64_t min, uint64_t max, const NumberKind& kind);
std::optional<Problem> ParseNumber(std::string_view text, uint64_t min, uint64_t max,
                                   const NumberKind& kind, uint64_t& out);
std::optional<Problem> CheckText(std::string_view text, size_t bytes_max);
Problem NotOneOf(std::string_view text, std::string_view allowed,
                 std::span<const std::string_view> not_built);

template <typename S, typename T>
Value Number(T S::*field, uint64_t min, uint64_t max, const NumberKind& kind) {
  return {[=, &kind](std::string_view text, Target target, const ValueContext&) {
            uint64_t number = 0;
            std::optional<Problem> problem = ParseNumber(text, min, max, kind, number);
            if (!problem) std::get<S*>(target)->*field = static_cast<T>(number);
            return problem;
          },
          [=, &kind](Source source) { return kind.print(std::get<const S*>(source)->*field); },
          AllowedNumber(min, max, kind), &Fresh<S>};
}
}  // namespace internal

// Whole numbers from `min` to `max`, with the units of units.h.
template <typename S, typename T>
Value Count(T S::*field, uint64_t min, uint64_t max) {
  return internal::Number(field, min, max, internal::kCount);
}
template <typename S, typename T>
Value Size(T S::*field, uint64_t min, uint64_t max) {
  return internal::Number(field, min, max, internal::kSize);
}
template <typename S, typename T>
Value Interval(T S::*field, uint64_t min_ns, uint64_t max_ns) {
  return internal::Number(field, min_ns, max_ns, internal::kInterval);
}
template <typename S, typename T>
Value Percent(T S::*field, uint64_t min, uint64_t max) {
  return internal::Number(field, min, max, internal::kPercent);
}

// A size from `min` to `max` bytes, or 1% to 100% of the machine's memory (brought into that
// range).
Value SizeOrPercentOfMemory(uint64_t Config::*field, uint64_t min, uint64_t max);

// One line of UTF-8 without control characters, 1 to `bytes_max` bytes.
template <typename S>
Value Text(std::string S::*field, size_t bytes_max) {
  return {[=](std::string_view text, Target target, const ValueContext&) {
            std::optional<Problem> problem = internal::CheckText(text, bytes_max);
            if (!problem) std::get<S*>(target)->*field = std::string(text);
            return problem;
          },
          [=](Source source) { return std::get<const S*>(source)->*field; },
          "text of 1 to " + std::to_string(bytes_max) + " bytes", &Fresh<S>};
}

// One of `names`; `not_built` are words that get an error of their own.
template <typename S, typename E>
Value Choice(E S::*field, std::span<const Named<E>> names,
             std::vector<std::string_view> not_built) {
  std::string allowed;
  for (const Named<E>& named : names) {
    allowed += (allowed.empty() ? "" : ", ") + std::string(named.name);
  }
  return {[=](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            for (const Named<E>& named : names) {
              if (named.name != text) continue;
              std::get<S*>(target)->*field = named.value;
              return std::nullopt;
            }
            return internal::NotOneOf(text, allowed, not_built);
          },
          [=](Source source) { return std::string(NameOf(std::get<const S*>(source)->*field)); },
          allowed, &Fresh<S>};
}

// One of two words, for yes and for no.
template <typename S>
Value Flag(bool S::*field, std::string_view yes, std::string_view no) {
  const std::string allowed = std::string(yes) + ", " + std::string(no);
  return {[=](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            if (text != yes && text != no) return internal::NotOneOf(text, allowed, {});
            std::get<S*>(target)->*field = text == yes;
            return std::nullopt;
          },
          [=](Source source) { return std::string(std::get<const S*>(source)->*field ? yes : no); },
          allowed, &Fresh<S>};
}

// As Text, but each occurrence of the element adds one.
Value TextList(std::vector<std::string> MessageTypeConfig::*field, size_t bytes_max);

// A byte by its number; only of message types of module fix and nvfix.
Value Separator(uint32_t MessageTypeConfig::*field);

// One of the words, kept as text.
template <typename S>
Value Word(std::string S::*field, std::vector<std::string_view> words,
           std::vector<std::string_view> not_built) {
  std::string allowed;
  for (std::string_view word : words) {
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  }
  return {[=](std::string_view text, Target target, const ValueContext&) -> std::optional<Problem> {
            if (std::find(words.begin(), words.end(), text) == words.end()) {
              return internal::NotOneOf(text, allowed, not_built);
            }
            std::get<S*>(target)->*field = std::string(text);
            return std::nullopt;
          },
          [=](Source source) { return std::get<const S*>(source)->*field; }, allowed, &Fresh<S>};
}

// Transport::type, also the name of a module of the file.
Value TransportTypeName();
// Transport::protocol: one of KnownNames, of the file's <Protocols> or of its modules.
Value ProtocolName();
// Transport::filter: a module of the file.
Value TransportFilterName();

// LoadedFunctionDefinition::parameter_count: a number, or the name of the constant for any number.
Value ParameterCount();

// MessageTypeConfig::module: one that is built in, or what may be the name of a loaded one.
Value MessageTypeModule();

Value InetAddr();  // Transport::host and port
Value FileMask();  // Transport::file_mask, in octal

Value VerifyClientWord();       // Transport::verify_client; of transports with TLS
Value SecureSocketProtocols();  // Transport::tls_protocol_min and max; of tcps

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_CONFIG_VALUE_H_
