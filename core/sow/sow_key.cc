#include "core/sow/sow_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/error.h"
#include "core/base/stable_hash.h"
#include "core/message/value_text.h"

namespace fluxgate {
namespace {

// Lengths in front keep ("a", "bc") and ("ab", "c") apart.
void AppendPart(std::string_view part, std::string& out) {
  const auto size = static_cast<uint32_t>(part.size());
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(size >> shift));
  out.append(part);
}

}  // namespace

std::optional<uint64_t> ComputeSowKey(std::string_view domain, std::span<const FieldSlot> slots,
                                      std::span<const Value> values, std::string& scratch) {
  scratch.clear();
  AppendPart(domain, scratch);
  bool has_value = false;
  std::string number;
  for (const FieldSlot slot : slots) {
    const Value& value = values[slot].first();
    has_value |= !value.is_null();
    AppendPart(value.is_string() ? value.as_string() : ValueToText(value, number), scratch);
  }
  if (!has_value) return std::nullopt;
  return StableHash(scratch);
}

absl::Status CheckPublisherKey(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '/' || c == '=' || c == '-' || c == '_' || c == '.';
  };
  if (!text.empty() && text.size() <= kSowKeyBytesMax && std::ranges::all_of(text, is_allowed)) {
    return absl::OkStatus();
  }
  return MakeError(ErrorCode::kBadCommand,
                   text.empty()
                       ? "the topic's publishers give the SOW key, and there is none"
                       : fmt::format("a SOW key has 1 to {} letters, digits and +/=-_. characters",
                                     kSowKeyBytesMax));
}

uint64_t HashPublisherKey(std::string_view domain, std::string_view text) {
  if (domain.empty()) return StableHash(text);
  std::string bytes(domain);
  bytes.push_back('\0');  // in neither
  return StableHash(bytes.append(text));
}

std::optional<uint64_t> ParseComputedKey(std::string_view text) {
  uint64_t key = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, key);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return key;
}

std::string_view SowKeyText(const Record& record, SowKeyBuffer& buffer) {
  if (!record.key_text().empty()) return record.key_text();
  const auto result = std::to_chars(buffer.bytes, buffer.bytes + sizeof buffer.bytes, record.key);
  return {buffer.bytes, static_cast<size_t>(result.ptr - buffer.bytes)};
}

}  // namespace fluxgate
