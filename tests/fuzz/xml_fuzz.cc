// XML documents: extractor and Parse agree, what is written says the same, and pugixml, which takes
// more than is well-formed, takes what Parse takes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <pugixml.hpp>
#include <string_view>

#include "core/message/xml_message_type.h"
#include "tests/fuzz/message_type_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate;
  if (size == 0) return 0;
  // The first byte chooses what stands behind the body.
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  static const auto& paths = *new std::vector<FieldPath>{{{"a"}},
                                                         {{"a", "@b"}},
                                                         {{"a", "b"}},
                                                         {{"a", "a", "a"}},
                                                         {{"a", {"b", 1}}},
                                                         {{"a", {"b", 0}, "@c"}},
                                                         {{{"a", 0}, "b", {"c", 1}}},
                                                         {{"a", "long_element_name"}},
                                                         {{"\u00e9"}},
                                                         {{"x:a", "@x:b"}}};
  const MessageLimits limits{.depth_max = 16};
  const std::string written =
      CheckMessageType(XmlMessageType(limits), body, "<>\"/a; -"[data[0] % 8], paths);
  if (written.empty()) return 0;
  for (const std::string_view text : {body, std::string_view(written)}) {
    pugi::xml_document document;
    if (!document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8)) {
      std::abort();
    }
  }
  return 0;
}
