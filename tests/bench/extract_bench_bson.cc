// Against libbson, which has no tree: every element is read in turn.
#include <benchmark/benchmark.h>
#include <bson/bson.h>

#include "core/message/bson_message_type.h"
#include "tests/bench/extract_bench.h"

namespace fluxgate::bench {

ExtractSubject BsonSubject(const Sample& sample) {
  ExtractSubject subject;
  subject.type = std::make_unique<BsonMessageType>();
  subject.path = NamePath;
  subject.body = Serialized(*subject.type, sample, subject.path);
  subject.parse = [](std::string_view body) {
    bson_iter_t element;
    if (!bson_iter_init_from_data(&element, reinterpret_cast<const uint8_t*>(body.data()),
                                  body.size())) {
      return false;
    }
    while (bson_iter_next(&element)) {
      benchmark::DoNotOptimize(bson_iter_key(&element));
      benchmark::DoNotOptimize(bson_iter_value(&element));
    }
    return element.err_off == 0;
  };
  return subject;
}

}  // namespace fluxgate::bench
