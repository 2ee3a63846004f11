// Against pugixml.
#include <pugixml.hpp>

#include "core/message/xml_message_type.h"
#include "tests/bench/extract_bench.h"

namespace fluxgate::bench {

ExtractSubject XmlSubject(const Sample& sample) {
  ExtractSubject subject;
  subject.type = std::make_unique<XmlMessageType>();
  subject.path = [](const SampleField& field) { return FieldPath{{"order", field.name}}; };
  subject.body = Serialized(*subject.type, sample, subject.path);
  subject.parse = [](std::string_view body) {
    pugi::xml_document document;
    return static_cast<bool>(document.load_buffer(body.data(), body.size()));
  };
  return subject;
}

}  // namespace fluxgate::bench
