// Messages of Protocol Buffers, proto3 and proto2; besides, libprotobuf takes what is taken and has
// the same values.
#include "core/message/protobuf_message_type.h"

#include "core/message/protobuf_testing.h"
#include "tests/fuzz/message_fuzz.h"

namespace fluxgate {
namespace {

struct Target {
  explicit Target(const google::protobuf::FileDescriptor& file)
      : files(file),
        type(*ProtobufMessageType::Make("orders", files.descriptor_set(),
                                        files.package() + "Order")) {}
  const ProtobufTesting files;
  const std::unique_ptr<ProtobufMessageType> type;
};

void Run(const Target& target, const uint8_t* data, size_t size) {
  // Without maps, whose entries libprotobuf puts in an order of its own.
  static const auto& paths = *new std::vector<std::string>{"/id",
                                                           "/price",
                                                           "/s32",
                                                           "/u64",
                                                           "/side",
                                                           "/sides",
                                                           "/leg/symbol",
                                                           "/legs",
                                                           "/legs/fills[1]",
                                                           "/tags[0]",
                                                           "/sizes",
                                                           "/text",
                                                           "/number",
                                                           "/maybe",
                                                           "/choice_leg/price",
                                                           "/far",
                                                           "/leg/inner/price",
                                                           "/legs[1]/price",
                                                           "/qty",
                                                           "/part/b",
                                                           "/parts/a",
                                                           "/packed",
                                                           "/blob"};
  FuzzMessageType(*target.type, paths, data, size, false);
  if (size == 0) return;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (!target.type->Validate(body).ok()) return;
  const auto message = target.files.New("Order");
  Check(message->ParsePartialFromArray(body.data(), static_cast<int>(body.size())));
  std::string expected;
  for (const std::string& path : paths) expected += LookUpText(*message, path) + ' ';
  Check(FuzzExtract(*target.type, body, paths, data[0]) == expected);
}

}  // namespace
}  // namespace fluxgate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fluxgate;
  static const Target& proto3 = *new Target(Proto3File());
  static const Target& proto2 = *new Target(Proto2File());
  Run(proto3, data, size);
  Run(proto2, data, size);
  return 0;
}
