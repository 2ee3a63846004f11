// Against QuickFIX, which knows numbered fields only: nvfix is compared with the same fields as
// fix.
#include "core/message/fix_message_type.h"
#include "core/message/quickfix_reference.h"
#include "tests/bench/extract_bench.h"
#include "tests/bench/quickfix_parse.h"

namespace fluxgate::bench {
namespace {

// With the header and trailer that QuickFIX wants.
std::string FixBody(const Sample& sample) {
  std::vector<std::pair<int, std::string>> fields;
  for (const SampleField& field : sample.fields) fields.emplace_back(field.tag, field.text);
  return WriteWithQuickfix("D", fields);
}

}  // namespace

ExtractSubject FixSubject(const Sample& sample) {
  ExtractSubject subject;
  subject.type = std::make_unique<FixMessageType>(FixMessageType::Names::kTags);
  subject.path = [](const SampleField& field) { return FieldPath{{std::to_string(field.tag)}}; };
  subject.body = FixBody(sample);
  subject.parse = [body = subject.body](std::string_view) { return ParseWithQuickfix(body); };
  return subject;
}

ExtractSubject NvfixSubject(const Sample& sample) {
  ExtractSubject subject;
  subject.type = std::make_unique<FixMessageType>(FixMessageType::Names::kText);
  subject.path = NamePath;
  subject.body = Serialized(*subject.type, sample, subject.path);
  subject.parse = [body = FixBody(sample)](std::string_view) { return ParseWithQuickfix(body); };
  return subject;
}

}  // namespace fluxgate::bench
