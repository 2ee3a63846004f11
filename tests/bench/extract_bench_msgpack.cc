// Against msgpack-c.
#include <msgpack.h>

#include "core/message/msgpack_message_type.h"
#include "tests/bench/extract_bench.h"

namespace fluxgate::bench {

ExtractSubject MsgpackSubject(const Sample& sample) {
  ExtractSubject subject;
  subject.type = std::make_unique<MsgpackMessageType>();
  subject.path = NamePath;
  subject.body = Serialized(*subject.type, sample, subject.path);
  subject.parse = [](std::string_view body) {
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t offset = 0;
    const msgpack_unpack_return result =
        msgpack_unpack_next(&unpacked, body.data(), body.size(), &offset);
    msgpack_unpacked_destroy(&unpacked);
    return result == MSGPACK_UNPACK_SUCCESS;
  };
  return subject;
}

}  // namespace fluxgate::bench
