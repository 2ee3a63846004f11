// FIX bodies: extractor and Parse agree, and what is written is the body.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/message/fix_message_type.h"
#include "tests/fuzz/message_type_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate;
  if (size == 0) return 0;
  // The first byte chooses the type, the separators and what stands behind the body.
  const uint8_t choice = data[0];
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto names =
      (choice & 1) != 0 ? FixMessageType::Names::kText : FixMessageType::Names::kTags;
  const FixOptions options =
      (choice & 2) != 0 ? FixOptions{} : FixOptions{.field_separator = '|', .value_separator = '='};
  static const auto& paths = *new std::vector<FieldPath>{
      {{"1"}},         {{{"1", 1}}}, {{"55"}},      {{{"55", 0}, {"", 0}}},
      {{"96"}},        {{"89"}},     {{"1527"}},    {{"a", "b"}},
      {{"123456789"}}, {{"name"}},   {{"1", "55"}}, {{"x=y"}},
      {{{"95", 2}}},   {{""}}};
  const std::string written =
      CheckMessageType(FixMessageType(names, options), body, "1=|\x01"[choice >> 2 & 3], paths);
  if (written.empty()) return 0;
  const bool same =
      written == body || (written.starts_with(body) && written.size() == body.size() + 1 &&
                          written.back() == options.field_separator);
  if (!same) std::abort();
  return 0;
}
