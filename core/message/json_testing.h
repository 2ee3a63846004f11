// For tests of the JSON message type: bodies in, values as text out.
#ifndef FLUXGATE_CORE_MESSAGE_JSON_TESTING_H_
#define FLUXGATE_CORE_MESSAGE_JSON_TESTING_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/extract_testing.h"
#include "core/message/json_message_type.h"
#include "core/message/message_testing.h"

namespace fluxgate {

inline std::unique_ptr<Extractor> NewJsonExtractor(const FieldPaths& paths,
                                                   const MessageLimits& limits = {}) {
  return NewExtractor(JsonMessageType(limits), paths);
}

inline std::string ExtractJson(std::string_view text, const FieldPaths& paths,
                               const MessageLimits& limits = {}) {
  return ExtractSteps(JsonMessageType(limits), text, paths);
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
