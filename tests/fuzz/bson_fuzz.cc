// BSON bodies; besides, what is taken libbson takes.
#include "core/message/bson_message_type.h"
#include "core/message/bson_reference.h"
#include "tests/fuzz/message_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate;
  static const auto& paths = *new std::vector<std::string>{
      "/a", "/b", "/a/b", "/a[0]", "/a[1]/b", "/a/a/a", "/long_element_name", "/b[0][1]"};
  const BsonMessageType type;
  FuzzMessageType(type, paths, data, size, true);
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  Document theirs;
  if (type.Validate(body).ok()) Check(ReadWithLibbson(body, theirs));
  return 0;
}
