// For tests of the JSON message type: bodies in, values as text out.
#ifndef FLUXGATE_CORE_MESSAGE_JSON_TESTING_H_
#define FLUXGATE_CORE_MESSAGE_JSON_TESTING_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/json_message_type.h"
#include "core/message/message_testing.h"

namespace fluxgate {

using JsonPaths = std::vector<std::vector<FieldStep>>;

inline std::unique_ptr<Extractor> NewJsonExtractor(const JsonPaths& paths,
                                                   const MessageLimits& limits = {}) {
  std::vector<FieldRequest> requests;
  for (const auto& path : paths) {
    requests.push_back({{.steps = path}, static_cast<FieldSlot>(requests.size())});
  }
  return JsonMessageType(limits).NewExtractor(requests);
}

// The values, one space between them; "malformed" when the extractor says so.
inline std::string ExtractJson(std::string_view text, const JsonPaths& paths,
                               const MessageLimits& limits = {}) {
  const auto extractor = NewJsonExtractor(paths, limits);
  std::string first;
  for (const char padding : {'"', '}', ' ', '\\', '9'}) {
    std::vector<Value> values(paths.size(), Value::Int(-77));
    const PaddedBody body(text, padding);
    const bool ok = extractor->Extract(body.view(), values);
    std::string shown;
    for (const Value& value : values) {
      if (!ok) {
        EXPECT_TRUE(value.is_null());
      }
      if (!shown.empty()) shown += ' ';
      shown += ValueText(value);
    }
    if (!ok) shown = "malformed";
    if (first.empty()) first = shown;
    EXPECT_EQ(shown, first) << "with padding " << padding;
  }
  return first;
}

// `1` in as many pairs of brackets as `levels` says.
inline std::string NestedJson(size_t levels, std::string_view open, std::string_view close) {
  std::string text;
  for (size_t i = 0; i < levels; ++i) text += open;
  text += "1";
  for (size_t i = 0; i < levels; ++i) text += close;
  return text;
}

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_JSON_TESTING_H_
