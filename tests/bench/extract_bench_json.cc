// Against simdjson: its DOM, and its on-demand reader fetching the same fields.
#include <simdjson.h>

#include <algorithm>

#include "core/message/json_message_type.h"
#include "tests/bench/extract_bench.h"

namespace fluxgate::bench {
namespace {

bool ReadOnDemand(simdjson::ondemand::parser& parser, std::string_view body,
                  const std::vector<SampleField>& wanted) {
  const simdjson::padded_string_view padded(body.data(), body.size(),
                                            body.size() + kBodyPaddingBytes);
  simdjson::ondemand::document document;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return false;
  for (const SampleField& field : wanted) {
    simdjson::ondemand::value found;
    if (document.find_field_unordered(field.name).get(found) != simdjson::SUCCESS) return false;
    bool ok = false;
    if (field.value.is_string()) {
      std::string_view text;
      ok = found.get_string().get(text) == simdjson::SUCCESS && text == field.text;
    } else if (field.value.kind() == Value::Kind::kDouble) {
      double number = 0;
      ok = found.get_double().get(number) == simdjson::SUCCESS && number == field.value.as_double();
    } else {
      int64_t number = 0;
      ok = found.get_int64().get(number) == simdjson::SUCCESS && number == field.value.as_int();
    }
    if (!ok) return false;
  }
  return true;
}

}  // namespace

ExtractSubject JsonSubject(const Sample& sample) {
  ExtractSubject subject;
  subject.type = std::make_unique<JsonMessageType>();
  subject.path = NamePath;
  subject.body = Serialized(*subject.type, sample, subject.path);
  const auto dom = std::make_shared<simdjson::dom::parser>();
  subject.parse = [dom](std::string_view body) {
    return dom->parse(body.data(), body.size(), false).error() == simdjson::SUCCESS;
  };
  // In the order of the body, which suits it best.
  std::vector<size_t> order = sample.wanted;
  std::sort(order.begin(), order.end());
  std::vector<SampleField> wanted;
  for (const size_t i : order) wanted.push_back(sample.fields[i]);
  const auto on_demand = std::make_shared<simdjson::ondemand::parser>();
  subject.same = [on_demand, wanted = std::move(wanted)](std::string_view body) {
    return ReadOnDemand(*on_demand, body, wanted);
  };
  return subject;
}

}  // namespace fluxgate::bench
