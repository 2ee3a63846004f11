// Sources, views of them and what they announce, for tests.
#ifndef FLUXGATE_CORE_SOW_VIEW_TESTING_H_
#define FLUXGATE_CORE_SOW_VIEW_TESTING_H_

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/message/binary_message_type.h"
#include "core/message/fix_message_type.h"
#include "core/message/json_message_type.h"
#include "core/sow/view.h"

namespace fluxgate {

// Enters what a view makes and writes it down: "+body" and "-body".
class ViewRecords final : public DerivedOutput {
 public:
  ViewRecords(SowTopic& topic, uint64_t& sequence) : topic_(topic), sequence_(sequence) {}

  void Put(RecordRef record) override {
    record.mutable_record()->sequence = ++sequence_;
    seen.push_back("+" + std::string(record->body()));
    RecordReaders readers;
    EXPECT_TRUE(topic_.PutRecord(std::move(record), topic_.name(), readers, false, scratch_).ok());
  }
  void Remove(uint64_t key, OutOfFocusReason reason) override {
    const Record* record = topic_.store().Find(key);
    if (record == nullptr) return;
    EXPECT_EQ(reason, OutOfFocusReason::kDeleted);
    seen.push_back("-" + std::string(record->body()));
    RecordReaders readers;
    topic_.Remove(key, reason, readers, false, scratch_);
  }
  std::vector<std::string> Take() { return std::exchange(seen, {}); }

  std::vector<std::string> seen;

 private:
  SowTopic& topic_;
  uint64_t& sequence_;
  SowScratch scratch_;
};

class ViewTest : public ::testing::Test {
 protected:
  using Seen = std::vector<std::string>;

  SowTopic& Source(const std::string& name, const MessageType* type = nullptr) {
    SowTopicDefinition definition;
    definition.name = name;
    definition.key_fields = {type == &fix_ ? "/1" : "/id"};
    auto topic = SowTopic::Create(definition, type == &fix_ ? fix_context_ : context_);
    EXPECT_TRUE(topic.ok()) << topic.status();
    sources_.push_back(*std::move(topic));
    return *sources_.back();
  }

  absl::StatusOr<std::unique_ptr<ViewPlan>> Plan(const ViewDefinition& definition) {
    return ViewPlan::Compile(
        definition, context_,
        [this](std::string_view topic, std::string_view) -> absl::StatusOr<SowTopic*> {
          for (const auto& source : sources_) {
            if (source->name() == topic) return source.get();
          }
          return MakeError(ErrorCode::kBadTopic, "no such topic");
        });
  }
  ErrorCode PlanError(const ViewDefinition& definition) {
    return ErrorCodeOf(Plan(definition).status());
  }

  struct Made {
    std::unique_ptr<SowTopic> topic;
    std::unique_ptr<View> view;
    std::unique_ptr<ViewRecords> records;

    // What is announced until the view has nothing more to do.
    Seen Drain() {
      while (view->RunSlice(*records)) {
      }
      return records->Take();
    }
    // The bodies, by key.
    std::map<uint64_t, std::string> Bodies() const {
      std::map<uint64_t, std::string> bodies;
      for (uint32_t slot = 0; slot < topic->store().slot_end(); ++slot) {
        const Record* record = topic->store().at(slot);
        if (record != nullptr) bodies[record->key] = std::string(record->body());
      }
      return bodies;
    }
    std::multiset<std::string> Sorted() const {
      std::multiset<std::string> sorted;
      for (const auto& [key, body] : Bodies()) sorted.insert(body);
      return sorted;
    }
  };
  Made Make(const ViewDefinition& definition) {
    Made made;
    auto plan = Plan(definition);
    EXPECT_TRUE(plan.ok()) << plan.status();
    auto topic = SowTopic::Create((*plan)->OutputDefinition(), context_, SowTopic::Kind::kView);
    EXPECT_TRUE(topic.ok()) << topic.status();
    made.topic = *std::move(topic);
    made.view = std::make_unique<View>(*std::move(plan), *made.topic);
    made.records = std::make_unique<ViewRecords>(*made.topic, sequence_);
    return made;
  }

  void Put(SowTopic& topic, std::string body) {
    const size_t size = body.size();
    body.append(kBodyPaddingBytes, '\0');
    RecordReaders readers{FieldReader(topic.context().type, topic.context().fields, topic.slots()),
                          {}};
    SowPublish publish;
    publish.topic = topic.name();
    publish.body = std::string_view(body).substr(0, size);
    const auto change = topic.Put(publish, readers, false, scratch_);
    EXPECT_TRUE(change.ok()) << change.status();
  }
  void Remove(SowTopic& topic, std::string_view id) {
    std::string body = fmt::format(R"({{"id":{}}})", id);
    const size_t size = body.size();
    body.append(kBodyPaddingBytes, '\0');
    RecordReaders readers{FieldReader(json_, fields_, topic.slots()), {}};
    const auto key =
        topic.KeyOf(topic.name(), std::string_view(body).substr(0, size), readers, scratch_);
    ASSERT_TRUE(key.ok());
    topic.Remove(*key, OutOfFocusReason::kDeleted, readers, false, scratch_);
  }

  static ViewDefinition Single(std::vector<std::string> projection,
                               std::vector<std::string> grouping = {"/g"}) {
    ViewDefinition definition;
    definition.name = "view";
    definition.source = "a";
    definition.projection = std::move(projection);
    definition.grouping = std::move(grouping);
    return definition;
  }
  static ViewDefinition Joined(std::vector<ViewDefinition::Join> joins,
                               std::vector<std::string> projection,
                               std::vector<std::string> grouping) {
    ViewDefinition definition = Single(std::move(projection), std::move(grouping));
    definition.source.clear();
    definition.joins = std::move(joins);
    return definition;
  }

  JsonMessageType json_;
  FixMessageType fix_{FixMessageType::Names::kTags};
  BinaryMessageType binary_;
  ManualClock clock_;
  FieldTable fields_, fix_fields_;
  uint64_t sequence_ = 0;
  SowContext context_{json_, fields_, clock_, {}, "here", sequence_};
  SowContext fix_context_{fix_, fix_fields_, clock_, {}, "here", sequence_};
  SowScratch scratch_;
  std::vector<std::unique_ptr<SowTopic>> sources_;
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_SOW_VIEW_TESTING_H_
