// For tests: a stored topic of JSON records with all that it needs, and bodies with padding.
#ifndef FLUXGATE_CORE_SOW_SOW_TESTING_H_
#define FLUXGATE_CORE_SOW_SOW_TESTING_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/message/json_message_type.h"
#include "core/sow/sow_query.h"
#include "core/sow/sow_topic.h"

namespace fluxgate {

class TestTopic {
 public:
  // A topic "t" with key field /id, unless `definition` says otherwise.
  static SowTopicDefinition ById() {
    SowTopicDefinition definition;
    definition.name = "t";
    definition.message_type = "json";
    definition.key_fields = {"/id"};
    return definition;
  }
  static SowTopicDefinition Named() {
    SowTopicDefinition definition = ById();
    definition.key_fields.clear();
    definition.key_source = SowTopicDefinition::KeySource::kPublisher;
    return definition;
  }

  explicit TestTopic(const SowTopicDefinition& definition = ById()) {
    auto made = SowTopic::Create(definition, context_);
    status_ = made.status();
    if (made.ok()) topic_ = *std::move(made);
  }

  const absl::Status& status() const { return status_; }
  SowTopic& topic() { return *topic_; }
  ManualClock& clock() { return clock_; }
  FieldTable& fields() { return fields_; }
  SowScratch& scratch() { return scratch_; }

  absl::StatusOr<RecordChange> Put(std::string_view body, std::string_view key = {},
                                   bool is_delta = false, int64_t expiration_s = -1) {
    return Put(SowPublish{.topic = topic_->name(),
                          .body = Padded(body),
                          .correlation_id = {},
                          .key_text = key,
                          .expiration_s = expiration_s,
                          .is_delta = is_delta});
  }
  absl::StatusOr<RecordChange> Put(SowPublish publish) {
    publish.body = Padded(publish.body);
    return topic_->Put(publish, Readers(), true, scratch_);
  }
  RecordChange Remove(uint64_t key) {
    return topic_->Remove(key, OutOfFocusReason::kDeleted, Readers(), true, scratch_);
  }

  std::shared_ptr<const Filter> Compile(std::string_view text) {
    auto filter = Filter::Compile(text, fields_);
    EXPECT_TRUE(filter.ok()) << text << ": " << filter.status();
    return filter.ok() ? *filter : nullptr;
  }
  std::shared_ptr<const OrderBy> Order(std::string_view text) {
    auto order = OrderBy::Compile(text, fields_, {}, {});
    EXPECT_TRUE(order.ok()) << text << ": " << order.status();
    return order.ok() ? *order : nullptr;
  }
  std::unique_ptr<SowQuery> Query(SowQuerySpec spec) {
    spec.topic = topic_->name();
    return std::make_unique<SowQuery>(std::move(spec), std::vector<SowTopic*>{topic_.get()});
  }
  // Runs to the end in slices of one record; the bodies.
  static std::vector<std::string> Drain(SowQuery& query) {
    std::vector<std::string> bodies;
    const auto take = [&](const SowQuery::Result& result) {
      bodies.emplace_back(result.record->body());
      return true;
    };
    while (query.Run(1, SIZE_MAX, take) != SowQuery::Progress::kDone) {
    }
    return bodies;
  }
  std::vector<std::string> All(SowQuerySpec spec) { return Drain(*Query(std::move(spec))); }

  RecordReaders& Readers() {
    if (readers_version_ != topic_->slots_version()) {
      readers_.message = FieldReader(type_, fields_, topic_->slots());
      readers_.previous = FieldReader(type_, fields_, topic_->slots());
      readers_version_ = topic_->slots_version();
    }
    return readers_;
  }

 private:
  std::string_view Padded(std::string_view body) {
    body_.assign(body);
    body_.append(kBodyPaddingBytes, '\0');
    return std::string_view(body_).substr(0, body.size());
  }

  ManualClock clock_;
  JsonMessageType type_;
  FieldTable fields_;
  uint64_t sequence_ = 0;
  SowContext context_{type_, fields_, clock_, {}, "test", sequence_, UINT64_MAX};
  absl::Status status_;
  std::unique_ptr<SowTopic> topic_;
  RecordReaders readers_;
  uint64_t readers_version_ = 0;
  SowScratch scratch_;
  std::string body_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_SOW_TESTING_H_
