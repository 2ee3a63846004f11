// For tests: messages of Protocol Buffers in text form, and what an extractor should find in one,
// said once more with libprotobuf's reflection.
#ifndef FLUXGATE_CORE_MESSAGE_PROTOBUF_TESTING_H_
#define FLUXGATE_CORE_MESSAGE_PROTOBUF_TESTING_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>

#include <memory>
#include <string>
#include <string_view>

namespace fluxgate {

class ProtobufTesting {
 public:
  // `file` imports nothing. Messages are named without its package.
  explicit ProtobufTesting(const google::protobuf::FileDescriptor& file);

  const std::string& descriptor_set() const { return descriptor_set_; }
  const std::string& package() const { return package_; }
  std::unique_ptr<google::protobuf::Message> New(const std::string& message) const;
  // From the text format. Aborts when it is wrong.
  std::string Encode(const std::string& message, const std::string& text) const;
  std::string Decode(const std::string& message, std::string_view body) const;

 private:
  const std::string package_;
  std::string descriptor_set_;
  google::protobuf::DescriptorPool pool_;
  mutable google::protobuf::DynamicMessageFactory factory_;
};

// As ValueText shows it.
std::string LookUpText(const google::protobuf::Message& message, std::string_view path);

// order2.proto and order3.proto: a message Order with a field of every kind.
const google::protobuf::FileDescriptor& Proto2File();
const google::protobuf::FileDescriptor& Proto3File();

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_PROTOBUF_TESTING_H_
