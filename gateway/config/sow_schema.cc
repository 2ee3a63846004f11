#include "gateway/config/sow_schema.h"

#include <string>
#include <utility>
#include <variant>

#include "gateway/config/env_substitution.h"
#include "gateway/config/sow_value.h"

namespace fluxgate::config {
namespace {

using SowTopic = SowTopicDefinition;
using Conflated = ConflatedTopicDefinition;
using View = ViewDefinition;

constexpr uint64_t kMb = 1ull << 20;
constexpr uint64_t kTb = 1ull << 40;
constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kDay = 86'400'000 * kMillisecond;

// Definitions of one kind; written in the order of all of them.
template <typename Definition>
constexpr Container kDefinitions = {
    [](Target parent) -> Target {
      SowDefinitions& sow = std::get<Config*>(parent)->sow;
      return &std::get<Definition>(sow.emplace_back(std::in_place_type<Definition>));
    },
    [](Source parent) {
      std::vector<Item> items;
      const SowDefinitions& sow = std::get<const Config*>(parent)->sow;
      for (size_t i = 0; i < sow.size(); ++i) {
        if (const auto* found = std::get_if<Definition>(&sow[i])) items.emplace_back(found, i);
      }
      return items;
    },
};

// A list whose items the children add.
template <typename S, auto list>
constexpr Container kItemsOf = {
    [](Target parent) -> Target { return &(std::get<S*>(parent)->*list); },
    [](Source parent) { return std::vector<Item>{Source(&(std::get<const S*>(parent)->*list))}; },
};

template <typename S>
constexpr Container kHashIndexes = {
    [](Target parent) -> Target { return &std::get<S*>(parent)->hash_indexes.emplace_back(); },
    [](Source parent) {
      std::vector<Item> items;
      for (const FieldPathTexts& fields : std::get<const S*>(parent)->hash_indexes) {
        items.emplace_back(&fields);
      }
      return items;
    },
};

constexpr Container kHistory = {
    kSameStructure.enter,
    [](Source parent) {
      if (std::get<const SowTopic*>(parent)->history_window_ns == 0) return std::vector<Item>();
      return std::vector<Item>{parent};
    },
};

constexpr Container kKeyGenerator = {
    kSameStructure.enter,
    [](Source parent) {
      using KeySource = SowTopic::KeySource;
      const KeySource source = std::get<const SowTopic*>(parent)->key_source;
      const bool has_one = source == KeySource::kGenerated || source == KeySource::kModule;
      return has_one ? std::vector<Item>{parent} : std::vector<Item>();
    },
};

constexpr FreeOptions kKeyGeneratorOptions = {
    [](Target parent) { return &std::get<SowTopic*>(parent)->key_generator.options; },
    [](Source parent) -> const Options* {
      return &std::get<const SowTopic*>(parent)->key_generator.options;
    },
};

// A view has either these or an underlying topic.
constexpr Container kJoins = {
    kItemsOf<View, &View::joins>.enter,
    [](Source parent) {
      const View& view = *std::get<const View*>(parent);
      return view.joins.empty() ? std::vector<Item>() : std::vector<Item>{Source(&view.joins)};
    },
};

constexpr Synonym kSynonyms[] = {
    {kSowName, "TopicDefinition", "Topic"},
    {kSowName, "TopicMetaData", "Topic"},
    {kSowName, "ReplicaDefinition", "ConflatedTopic"},
    {kSowName, "ViewDefinition", "View"},
    {"Topic", "Topic", "Name"},
    {"Topic", "Duration", "Durability"},
    {"ConflatedTopic", "Topic", "Name"},
    {"View", "Topic", "Name"},
};

constexpr uint64_t kIntervalMin = kMillisecond;
constexpr std::string_view kIndexDoc =
    "fields that queries compare with strings for equality, found without a search";

void AddTopicRows(std::vector<Element>& rows) {
  const std::vector<Element> topic = {
      {kSowName, "Topic", UpTo(kStoredTopicsMax), kDefinitions<SowTopic>,
       "a stored topic: the last message of each key"},
      {"Topic", "Name", kRequired, Text(&SowTopic::name, kExpandedBytesMax),
       "name of the topic; with Pattern of the group of topics; no two alike of one message type"},
      {"Topic", "MessageType", kRequired, Text(&SowTopic::message_type, kNameBytesMax),
       "format of the messages"},
      {"Topic", "Key", UpTo(kKeyFieldsMax), CheckedTexts(&SowTopic::key_fields, kFieldPath),
       "field that is a part of the key; without Key and KeyGenerator every publish names its key"},
      {"Topic", "KeyGenerator", kOptional, kKeyGenerator, "who makes the keys; not with Key"},
      {"KeyGenerator", "Module", kRequired, KeyGeneratorModule(),
       "sequence: every publish is a record of its own, under the next number"},
      {"KeyGenerator", "Options", kOptional, kKeyGeneratorOptions,
       "what the module is to know; not with sequence"},
      {"KeyGenerator", "Field", UpTo(kKeyFieldsMax),
       CheckedTexts(
           +[](SowTopic& topic) { return &topic.key_generator.fields; }, kFieldPath),
       "field that the module is handed; not with sequence"},
      {"Topic", "KeyDomain", kOptional, Text(&SowTopic::key_domain, kExpandedBytesMax),
       "part of keys that are made of fields, without it the name of the topic: topics of one "
       "domain have the same keys"},
      {"Topic", "FileName", kOptional, StoreFile(),
       "file that keeps the records, one topic each; %n in it is the name of the topic, %% is %; "
       "without it records are gone when the process ends"},
      {"Topic", "Durability", kOptional, Durability(),
       "persistent needs FileName and is the default with it, transient is the default without"},
      {"Topic", "Recovery", kOptional, Recovery(),
       "what to do at start when the file is damaged: end, or keep what stands before the damage; "
       "only with FileName",
       "refuse"},
      {"Topic", "Expiration", kOptional, Expiration(),
       "whether messages may say when their record goes; an interval is for messages that do not; "
       "not with History"},
      {"Topic", "HashIndex", UpTo(kStoredIndexesMax), kHashIndexes<SowTopic>, kIndexDoc},
      {"HashIndex", "Key", OneTo(kKeyFieldsMax), CheckedTexts(kFieldPath), "field of the index"},
      {"Topic", "Index", UpTo(kStoredIndexesMax),
       CheckedTexts(&SowTopic::ordered_indexes, kFieldPath),
       "field whose index is made at start; others are made when a query first uses them"},
      {"Topic", "MemoIndexesMax", kOptional, Count(&SowTopic::memo_indexes_max, 0, kMemoIndexesMax),
       "indexes that are made because a query uses their field"},
      {"Topic", "ExpectedKeyCountHint", kOptional,
       Unless(uint64_t{0}, &SowTopic::expected_keys,
              Count(&SowTopic::expected_keys, 1, kExpectedKeysMax)),
       "records to make room for at start"},
      {"Topic", "MemoryMax", kOptional,
       Unless(uint64_t{UINT64_MAX}, &SowTopic::memory_bytes_max,
              Size(&SowTopic::memory_bytes_max, kMb, 16 * kTb)),
       "memory of records and indexes together, without it no limit"},
      {"Topic", "History", kOptional, kHistory, "queries may ask for the past"},
      {"History", "Window", kRequired,
       Interval(&SowTopic::history_window_ns, kIntervalMin, kStoredIntervalMaxNs), "how far back"},
      {"History", "Granularity", kOptional,
       Unless(int64_t{0}, &SowTopic::history_granularity_ns,
              Interval(&SowTopic::history_granularity_ns, kIntervalMin, kStoredIntervalMaxNs)),
       "of each record one version is kept for each of these, without it every version; at most "
       "Window"},
      {"Topic", "Preprocessing", kOptional, kItemsOf<SowTopic, &SowTopic::preprocessing>,
       "fields made of a message before its key"},
      {"Preprocessing", "Field", OneTo(kConstructedFieldsMax), CheckedTexts(kPreprocessing),
       "one field"},
      {"Topic", "Enrichment", kOptional, kItemsOf<SowTopic, &SowTopic::enrichment>,
       "fields made of a message and its record as it was"},
      {"Enrichment", "Field", OneTo(kConstructedFieldsMax), CheckedTexts(kEnrichment), "one field"},
      {"Topic", "Pattern", kOptional, CheckedText(&SowTopic::pattern, kTopicRegex),
       "every topic whose whole name matches is stored here, each by itself"},
  };
  rows.insert(rows.end(), topic.begin(), topic.end());
}

void AddConflatedTopicRows(std::vector<Element>& rows) {
  const std::vector<Element> conflated = {
      {kSowName, "ConflatedTopic", UpTo(kConflatedTopicsMax), kDefinitions<Conflated>,
       "a copy of a stored topic whose records change once per interval at most"},
      {"ConflatedTopic", "Name", kRequired, Text(&Conflated::name, kExpandedBytesMax),
       "name of the topic"},
      {"ConflatedTopic", "UnderlyingTopic", kRequired, Text(&Conflated::source, kExpandedBytesMax),
       "the topic it is a copy of: a Topic, ConflatedTopic or View further up"},
      {"ConflatedTopic", "MessageType", kOptional, Text(&Conflated::message_type, kNameBytesMax),
       "message type of UnderlyingTopic"},
      {"ConflatedTopic", "Interval", kOptional,
       Interval(&Conflated::interval_ns, 100 * kMillisecond, kDay),
       "time between two changes of one record"},
      {"ConflatedTopic", "Filter", kOptional, CheckedText(&Conflated::filter, kFilter),
       "records of the copy, without it all"},
      {"ConflatedTopic", "HashIndex", UpTo(kStoredIndexesMax), kHashIndexes<Conflated>, kIndexDoc},
  };
  rows.insert(rows.end(), conflated.begin(), conflated.end());
}

void AddViewRows(std::vector<Element>& rows) {
  const std::vector<Element> view = {
      {kSowName, "View", UpTo(kViewsMax), kDefinitions<View>,
       "records made of groups of other topics' records"},
      {"View", "Name", kRequired, Text(&View::name, kExpandedBytesMax), "name of the topic"},
      {"View", "MessageType", kRequired, Text(&View::message_type, kNameBytesMax),
       "format of the records"},
      {"View", "UnderlyingTopic", kOptional, Text(&View::source, kExpandedBytesMax),
       "the topic it is made of: a Topic, ConflatedTopic or View further up; not with Joins"},
      {"View", "Joins", kOptional, kJoins,
       "the topics it is made of; every record of the left topic of the first Join is there"},
      {"Joins", "Join", OneTo(kJoinsMax), JoinPair(),
       "two topics whose records belong together where these fields are equal"},
      {"View", "Projection", kRequired, kItemsOf<View, &View::projection>, "fields of a record"},
      {"Projection", "Field", OneTo(kConstructedFieldsMax), CheckedTexts(kProjection), "one field"},
      {"View", "Grouping", kRequired, kItemsOf<View, &View::grouping>,
       "source records that are alike in these are one group: a record of the view"},
      {"Grouping", "Field", OneTo(kGroupingFieldsMax), CheckedTexts(kGrouping), "one field"},
      {"View", "Filter", kOptional, CheckedText(&View::filter, kFilter),
       "records of UnderlyingTopic that count, without it all; not with Joins"},
      {"View", "HashIndex", UpTo(kStoredIndexesMax), kHashIndexes<View>, kIndexDoc},
      {"View", "Conflation", kOptional, OnlyWord("none", {"inline"}),
       "whether changes in quick succession count as one", "none"},
      {"View", "JoinNullEquivalency", kOptional, OnlyWord("disabled", {"enabled"}),
       "whether fields that are missing on both sides are equal", "disabled"},
  };
  rows.insert(rows.end(), view.begin(), view.end());
}

struct NotBuiltRow {
  std::string_view parent, name, doc;
};
constexpr NotBuiltRow kNotBuilt[] = {
    {kSowName, "Queue", "messages for one consumer each"},
    {kSowName, "LocalQueue", "messages for one consumer each"},
    {kSowName, "GroupLocalQueue", "messages for one consumer each"},
    {"Topic", "RecoveryPoint", "rebuilding from the journal"},
    {"Topic", "SlabSize", "memory is managed by size classes"},
    {"Topic", "InitialSlabCount", "memory is managed by size classes"},
    {"ConflatedTopic", "Enrichment", "fields of the copy"},
    {"ConflatedTopic", "TopicFormat", "copies of topics with a Pattern"},
};

}  // namespace

std::vector<Element> SowRows() {
  std::vector<Element> rows = {{kRootName, kSowName, kOptional, kSameStructure,
                                "topics that keep records; what one is made of stands before it"}};
  AddTopicRows(rows);
  AddConflatedTopicRows(rows);
  AddViewRows(rows);
  for (const NotBuiltRow& row : kNotBuilt) {
    rows.push_back({row.parent, row.name, kOptional, NotBuilt{}, row.doc});
  }
  return rows;
}

std::span<const Synonym> SowSynonyms() { return kSynonyms; }

}  // namespace fluxgate::config
