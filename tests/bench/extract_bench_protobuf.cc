// Against the Protocol Buffers library with a message type known at run time only, as here.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include "core/message/protobuf_message_type.h"
#include "tests/bench/extract_bench.h"
#include "tests/bench/fail.h"

namespace fluxgate::bench {
namespace {

namespace pb = google::protobuf;

pb::FileDescriptorSet Schema(const Sample& sample) {
  pb::FileDescriptorSet set;
  pb::FileDescriptorProto& file = *set.add_file();
  file.set_name("order.proto");
  file.set_syntax("proto3");
  pb::DescriptorProto& message = *file.add_message_type();
  message.set_name("Order");
  for (const SampleField& sample_field : sample.fields) {
    pb::FieldDescriptorProto& field = *message.add_field();
    field.set_name(sample_field.name);
    field.set_number(message.field_size());
    field.set_label(pb::FieldDescriptorProto::LABEL_OPTIONAL);
    field.set_type(sample_field.value.is_string() ? pb::FieldDescriptorProto::TYPE_STRING
                   : sample_field.value.kind() == Value::Kind::kDouble
                       ? pb::FieldDescriptorProto::TYPE_DOUBLE
                       : pb::FieldDescriptorProto::TYPE_INT64);
  }
  return set;
}

struct DynamicOrder {
  explicit DynamicOrder(const pb::FileDescriptorProto& file) {
    const pb::Descriptor* order = pool.BuildFile(file)->FindMessageTypeByName("Order");
    message.reset(factory.GetPrototype(order)->New());
  }

  pb::DescriptorPool pool;
  pb::DynamicMessageFactory factory;
  std::unique_ptr<pb::Message> message;
};

}  // namespace

ExtractSubject ProtobufSubject(const Sample& sample) {
  const pb::FileDescriptorSet schema = Schema(sample);
  auto type = ProtobufMessageType::Make("protobuf", schema.SerializeAsString(), "Order");
  if (!type.ok()) Fail(type.status().ToString());
  ExtractSubject subject;
  subject.type = *std::move(type);
  subject.path = NamePath;
  subject.body = Serialized(*subject.type, sample, subject.path);
  // Read into the same message again, which keeps its memory.
  const auto order = std::make_shared<DynamicOrder>(schema.file(0));
  subject.parse = [order](std::string_view body) {
    return order->message->ParseFromArray(body.data(), static_cast<int>(body.size()));
  };
  return subject;
}

}  // namespace fluxgate::bench
