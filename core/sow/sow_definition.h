// What stored topics, conflated topics and views are declared as, in plain values: the
// configuration fills them in, the engine compiles them. Source: public Configuration Guide, "SOW".
#ifndef FLUXGATE_CORE_SOW_SOW_DEFINITION_H_
#define FLUXGATE_CORE_SOW_SOW_DEFINITION_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace fluxgate {

// Field paths are written as in filters ("/order/id"), expressions as in docs/expressions.md.
using FieldPathTexts = std::vector<std::string>;

// <KeyGenerator>: who makes the keys of a stored topic.
struct KeyGeneratorDefinition {
  std::string module;
  std::vector<std::pair<std::string, std::string>> options;
  FieldPathTexts fields;  // that it is handed

  bool operator==(const KeyGeneratorDefinition&) const = default;
};

// <Topic>: last value per key.
struct SowTopicDefinition {
  enum class KeySource : uint8_t {
    kFields,     // computed from `key_fields`
    kPublisher,  // every publish names its key
    kGenerated,  // every publish is a record of its own
    kModule,     // made by `key_generator`
  };

  std::string name;  // of the topic; with `pattern`, of the group
  std::string message_type;
  std::string pattern;  // every topic whose whole name matches; empty: only `name`

  KeySource key_source = KeySource::kFields;
  FieldPathTexts key_fields;
  KeyGeneratorDefinition key_generator;
  std::string key_domain;  // part of computed keys; empty: the topic's name

  std::string file_name;              // empty: transient, gone when the process ends
  bool recover_to_last_good = false;  // a damaged file: keep what stands before the damage
  bool expires = false;               // messages may say when their record expires
  int64_t expiration_ns = 0;          // with `expires`: of records whose message does not; 0: never
  int64_t history_window_ns = 0;      // how far back queries may look; 0: no history
  int64_t history_granularity_ns = 0;  // one version is kept for each of these; 0: every version
  std::vector<FieldPathTexts> hash_indexes;
  FieldPathTexts ordered_indexes;          // a field each; others are made when first used
  std::vector<std::string> preprocessing;  // `expression AS /field`
  std::vector<std::string> enrichment;
  uint64_t expected_keys = 0;              // room made at start
  uint64_t memory_bytes_max = UINT64_MAX;  // records and indexes together
  uint32_t memo_indexes_max = 16;          // indexes made on first use

  bool operator==(const SowTopicDefinition&) const = default;
};

// <ConflatedTopic>: a copy of a stored topic whose records change once per interval at most.
struct ConflatedTopicDefinition {
  std::string name;
  std::string source;  // a stored topic, conflated topic or view, defined before
  std::string message_type;
  int64_t interval_ns = 5'000'000'000;
  std::string filter;  // empty: every record
  std::vector<FieldPathTexts> hash_indexes;

  bool operator==(const ConflatedTopicDefinition&) const = default;
};

// <View>: records made of groups of other topics' records.
struct ViewDefinition {
  struct Join {
    std::string left;  // `[topic].[/field]` or `[type].[topic].[/field]`
    std::string right;

    bool operator==(const Join&) const = default;
  };

  std::string name;
  std::string message_type;
  std::string source;                   // one underlying topic; empty with `joins`
  std::vector<Join> joins;              // LEFT OUTER, in order
  std::vector<std::string> projection;  // `expression AS /field`
  std::vector<std::string> grouping;    // fields
  std::string filter;                   // of source messages; not with `joins`
  std::vector<FieldPathTexts> hash_indexes;

  bool operator==(const ViewDefinition&) const = default;
};

// In the order of the configuration: sources stand before what is made of them, and queries over
// several topics answer in this order. A source's name without a message type means the definition
// that has the user's message type, or else the only one of that name.
using SowDefinition = std::variant<SowTopicDefinition, ConflatedTopicDefinition, ViewDefinition>;
using SowDefinitions = std::vector<SowDefinition>;

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_DEFINITION_H_
