// MessagePack bodies; besides, what is taken msgpack-c takes.
#include "core/message/msgpack_message_type.h"
#include "core/message/msgpack_reference.h"
#include "tests/fuzz/message_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate;
  static const auto& paths = *new std::vector<std::string>{
      "/a", "/b", "/a/b", "/a[0]", "/a[1]/b", "/a/a/a", "/long_element_name", "/b[0][1]"};
  // msgpack-c reads no deeper by default.
  const MsgpackMessageType type({.depth_max = 30});
  FuzzMessageType(type, paths, data, size, true);
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  Document theirs;
  if (type.Validate(body).ok()) Check(ReadWithMsgpackC(body, theirs));
  return 0;
}
