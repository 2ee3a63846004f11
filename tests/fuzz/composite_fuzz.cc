// Composite bodies of three parts.
#include "core/message/binary_message_type.h"
#include "core/message/bson_message_type.h"
#include "core/message/composite_message_type.h"
#include "core/message/msgpack_message_type.h"
#include "tests/fuzz/message_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate;
  const MsgpackMessageType msgpack;
  const BsonMessageType bson;
  const BinaryMessageType binary;
  const std::vector<const MessageType*> parts = {&msgpack, &bson, &binary};
  FuzzMessageType(CompositeLocalMessageType("local", parts),
                  {"/0/a", "/1/a", "/0/a/b[0]", "/1/b", "/2/a", "/0", "/3/a"}, data, size, true);
  FuzzMessageType(CompositeGlobalMessageType("global", parts), {"/a", "/a/b[0]", "/b", "/0/a"},
                  data, size, false);
  return 0;
}
