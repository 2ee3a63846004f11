// What reading fields out of a body costs in every message type: what the types have in common. One
// file per message type, one line in extract_bench.cc.
#ifndef FLUXGATE_TESTS_BENCH_EXTRACT_BENCH_H_
#define FLUXGATE_TESTS_BENCH_EXTRACT_BENCH_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/message_type.h"

namespace fluxgate::bench {

struct SampleField {
  std::string name;
  int tag = 0;  // for formats whose names are numbers
  Value value;
  std::string text;  // the value as text
};

// The same content for every message type.
struct Sample {
  std::vector<SampleField> fields;
  // Indexes of those that are extracted: text, a double, an integer.
  std::vector<size_t> wanted;
};

// Reads a body with the format's library; false: refused.
using Reader = std::function<bool(std::string_view body)>;

struct ExtractSubject {
  std::unique_ptr<MessageType> type;
  std::string body;
  std::function<FieldPath(const SampleField&)> path;
  Reader parse;  // everything that is in the body
  Reader same;   // exactly the wanted fields, by the library's fastest way; may be empty
};

FieldPath NamePath(const SampleField& field);

// The sample as `type` writes it.
std::string Serialized(const MessageType& type, const Sample& sample,
                       const std::function<FieldPath(const SampleField&)>& path);

ExtractSubject BsonSubject(const Sample& sample);
ExtractSubject FixSubject(const Sample& sample);
ExtractSubject JsonSubject(const Sample& sample);
ExtractSubject MsgpackSubject(const Sample& sample);
ExtractSubject NvfixSubject(const Sample& sample);
ExtractSubject ProtobufSubject(const Sample& sample);
ExtractSubject XmlSubject(const Sample& sample);

}  // namespace fluxgate::bench

#endif  // FLUXGATE_TESTS_BENCH_EXTRACT_BENCH_H_
