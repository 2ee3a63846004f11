// What holds for bodies of every message type, whatever their bytes are: nothing behind the padding
// is read; what Parse takes an extractor takes and finds the same in; what was parsed and written
// again says the same.
#ifndef FLUXGATE_TESTS_FUZZ_MESSAGE_FUZZ_H_
#define FLUXGATE_TESTS_FUZZ_MESSAGE_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/extract_testing.h"
#include "core/message/message_testing.h"

namespace fluxgate {

inline void Check(bool holds) {
  if (!holds) std::abort();
}

// One space between the values; "malformed".
inline std::string FuzzExtract(const MessageType& type, std::string_view body,
                               const std::vector<std::string>& paths, uint8_t choice) {
  std::vector<FieldRequest> requests;
  for (const std::string& path : paths) {
    requests.push_back({PathOf(path), static_cast<FieldSlot>(requests.size())});
  }
  const PaddedBody padded(body, static_cast<char>(choice));
  std::vector<Value> values(paths.size(), Value::Int(-77));
  // Arrays are in its scratch.
  const auto extractor = type.NewExtractor(requests);
  const bool ok = extractor->Extract(padded.view(), values);
  std::string shown;
  for (const Value& value : values) {
    if (!ok) Check(value.is_null());
    shown += ValueText(value) + ' ';
  }
  return ok ? shown : "malformed";
}

// The first byte chooses what stands behind the body. `look_up`: whether documents say what
// extractors find.
inline void FuzzMessageType(const MessageType& type, const std::vector<std::string>& paths,
                            const uint8_t* data, size_t size, bool look_up) {
  if (size == 0) return;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string extracted = FuzzExtract(type, body, paths, data[0]);
  Document document;
  if (!type.Parse(body, document).ok()) return;
  Check(extracted != "malformed");
  if (look_up) {
    std::string expected;
    for (const std::string& path : paths) expected += LookUpText(document, path) + ' ';
    Check(extracted == expected);
  }
  std::string written;
  if (!type.Write(document, written).ok()) {
    Check(type.level() < MessageType::Level::kSerialize);
    return;
  }
  Document again;
  Check(type.Parse(written, again).ok());
  Check(ValuesText(again.root()) == ValuesText(document.root()));
  Check(FuzzExtract(type, written, paths, data[0]) == extracted);
}

}  // namespace fluxgate

#endif  // FLUXGATE_TESTS_FUZZ_MESSAGE_FUZZ_H_
