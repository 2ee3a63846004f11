// Keys of records that neither are made of fields in the built-in way nor given by publishers: an
// interface, so that the core need not know who makes them. One thread.
#ifndef FLUXGATE_CORE_SOW_KEY_GENERATOR_H_
#define FLUXGATE_CORE_SOW_KEY_GENERATOR_H_

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/message/value.h"
#include "core/sow/sow_definition.h"

namespace fluxgate {

// A message that needs a key.
struct KeyRequest {
  std::string_view topic = {};
  std::string_view body = {};
  std::string_view correlation_id = {};
  // Of KeyGeneratorDefinition::fields, in that order; NULL where the body does not have one.
  std::span<const Value> fields = {};
};

class KeyGenerator {
 public:
  virtual ~KeyGenerator() = default;
  // The key, which stays until the next call: as CheckPublisherKey allows. The same message always
  // has the same key. kMalformedBody: it has none.
  virtual absl::StatusOr<std::string_view> Generate(const KeyRequest& request) = 0;
};

// The generator that a stored topic with KeySource::kModule asks for; kBadOption when it cannot be
// made.
using KeyGenerators =
    std::function<absl::StatusOr<std::unique_ptr<KeyGenerator>>(const SowTopicDefinition&)>;

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_KEY_GENERATOR_H_
