#include "core/sow/conflated_topic.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

using Seen = std::vector<std::string>;
constexpr int64_t kInterval = 1'000'000'000;

// Enters what it gets and writes it down: "+body", and "-body" with why.
class Records final : public DerivedOutput {
 public:
  void Put(RecordRef record) override {
    seen.push_back("+" + std::string(record->body()));
    RecordReaders readers;
    EXPECT_TRUE(topic->PutRecord(std::move(record), topic->name(), readers, false, scratch_).ok());
  }
  void Remove(uint64_t key, OutOfFocusReason reason) override {
    const Record* record = topic->store().Find(key);
    if (record == nullptr) return;
    seen.push_back((reason == OutOfFocusReason::kExpired ? "expired " : "-") +
                   std::string(record->body()));
    RecordReaders readers;
    topic->Remove(key, reason, readers, false, scratch_);
  }

  SowTopic* topic = nullptr;
  Seen seen;

 private:
  SowScratch scratch_;
};

class ConflatedTopicTest : public ::testing::Test {
 protected:
  ConflatedTopicTest() {
    SowTopicDefinition definition;
    definition.name = "source";
    definition.message_type = "json";
    definition.key_fields = {"/id"};
    source_ = *SowTopic::Create(definition, context_);
    definition_.name = "slow";
    definition_.source = "source";
    definition_.message_type = "json";
    definition_.interval_ns = kInterval;
  }

  void Make() {
    output_ = *SowTopic::Create(*ConflatedTopic::OutputDefinition(definition_, *source_), context_,
                                SowTopic::Kind::kConflatedTopic);
    records_.topic = output_.get();
    auto topic = ConflatedTopic::Create(definition_, *source_, *output_);
    ASSERT_TRUE(topic.ok()) << topic.status();
    topic_ = *std::move(topic);
  }

  uint64_t Put(std::string body) {
    const size_t size = body.size();
    body.append(kBodyPaddingBytes, '\0');
    RecordReaders readers{FieldReader(json_, fields_, source_->slots()), {}};
    SowPublish publish;
    publish.topic = "source";
    publish.body = std::string_view(body).substr(0, size);
    return source_->Put(publish, readers, false, scratch_)->current->key;
  }
  void Remove(uint64_t key, OutOfFocusReason reason = OutOfFocusReason::kDeleted) {
    RecordReaders readers;
    source_->Remove(key, reason, readers, false, scratch_);
  }
  // What is announced `ns` later.
  Seen After(int64_t ns) {
    clock_.Advance(ns);
    while (topic_->RunSlice(records_)) {
    }
    return std::exchange(records_.seen, {});
  }

  JsonMessageType json_;
  ManualClock clock_;
  FieldTable fields_;
  uint64_t sequence_ = 0;
  SowContext context_{json_, fields_, clock_, {}, "here", sequence_};
  SowScratch scratch_;
  ConflatedTopicDefinition definition_;
  std::unique_ptr<SowTopic> source_, output_;
  std::unique_ptr<ConflatedTopic> topic_;
  Records records_;
};

TEST_F(ConflatedTopicTest, TheIntervalOfAKeyBeginsWithItsFirstChange) {
  Make();
  const uint64_t key = Put(R"({"id":1,"n":1})");
  EXPECT_EQ(After(kInterval / 2), Seen());
  Put(R"({"id":2,"n":1})");
  Put(R"({"id":1,"n":2})");
  EXPECT_FALSE(topic_->HasWork());
  EXPECT_EQ(After(kInterval / 2 - 1), Seen());
  EXPECT_EQ(After(1), Seen({R"(+{"id":1,"n":2})"}));
  EXPECT_EQ(output_->store().Find(key)->body(), R"({"id":1,"n":2})");  // under the same key
  EXPECT_EQ(After(kInterval / 2), Seen({R"(+{"id":2,"n":1})"}));
  EXPECT_EQ(After(10 * kInterval), Seen());
}

TEST_F(ConflatedTopicTest, ARecordThatCameAndWentNeverWas) {
  Make();
  Remove(Put(R"({"id":1})"));
  EXPECT_EQ(After(kInterval), Seen());
}

TEST_F(ConflatedTopicTest, ARecordThatGoesIsRemovedForTheSameReason) {
  Make();
  const uint64_t one = Put(R"({"id":1})");
  const uint64_t two = Put(R"({"id":2})");
  After(kInterval);
  Remove(one);
  Remove(two, OutOfFocusReason::kExpired);
  EXPECT_EQ(After(kInterval), Seen({R"(-{"id":1})", R"(expired {"id":2})"}));
}

TEST_F(ConflatedTopicTest, TheFilterTakesOutWhatNoLongerMatches) {
  definition_.filter = "/n > 1";
  Make();
  Put(R"({"id":1,"n":1})");
  Put(R"({"id":2,"n":2})");
  EXPECT_EQ(After(kInterval), Seen({R"(+{"id":2,"n":2})"}));
  Put(R"({"id":2,"n":0})");
  EXPECT_EQ(After(kInterval), Seen({R"(-{"id":2,"n":2})"}));
}

TEST_F(ConflatedTopicTest, WhatIsThereIsTakenOverAtOnceAndInSlices) {
  const size_t records = 3 * ConflatedTopic::kRecordsPerSlice;
  for (size_t i = 0; i < records; ++i) Put(fmt::format(R"({{"id":{}}})", i));
  Make();
  EXPECT_TRUE(topic_->HasWork());
  topic_->RunSlice(records_);
  EXPECT_EQ(output_->store().size(), ConflatedTopic::kRecordsPerSlice);
  EXPECT_EQ(After(0).size(), records);
  EXPECT_EQ(output_->store().size(), records);
}

TEST_F(ConflatedTopicTest, IntervalsAtTheLimitsAndBeyond) {
  const auto error = [this](int64_t interval_ns) {
    definition_.interval_ns = interval_ns;
    return ErrorCodeOf(ConflatedTopic::OutputDefinition(definition_, *source_).status());
  };
  EXPECT_EQ(error(ConflatedTopic::kIntervalMinNs), ErrorCode::kNone);
  EXPECT_EQ(error(ConflatedTopic::kIntervalMinNs - 1), ErrorCode::kBadOption);
  EXPECT_EQ(error(ConflatedTopic::kIntervalMaxNs), ErrorCode::kNone);
  EXPECT_EQ(error(ConflatedTopic::kIntervalMaxNs + 1), ErrorCode::kBadOption);
}

TEST_F(ConflatedTopicTest, DefinitionsThatCannotBe) {
  definition_.message_type = "fix";
  EXPECT_EQ(ErrorCodeOf(ConflatedTopic::OutputDefinition(definition_, *source_).status()),
            ErrorCode::kMessageType);
  definition_.message_type = "json";
  Make();
  definition_.filter = "/n >";
  EXPECT_EQ(ErrorCodeOf(ConflatedTopic::Create(definition_, *source_, *output_).status()),
            ErrorCode::kBadFilter);
}

}  // namespace
}  // namespace fluxgate
