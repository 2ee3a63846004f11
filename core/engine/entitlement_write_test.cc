// What users may publish and delete.
#include "core/engine/entitlement_testing.h"

namespace fluxgate {
namespace {

TEST_F(EntitlementTest, PublishersWriteWithinTheirFilter) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/t/w", "/owner = 'ann'");
  rules_.Allow("ann/stored/w", "/owner = 'ann'");
  EXPECT_EQ(Publish(ann, "t", R"({"owner":"ann"})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "t", R"({"owner":"bob"})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "t", "no json"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"owner":"bob"})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":2,"owner":"ann"})"), ErrorCode::kNone);
  // Neither by taking over a record, nor by giving one away, nor by a delta that hides whose it is.
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"owner":"ann"})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":2,"owner":"bob"})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"a":1})", true), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"owner":"ann"})", true), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":2,"a":1})", true), ErrorCode::kNone);
  EXPECT_EQ(Query(free_, "stored"), ErrorCode::kNone);
  EXPECT_EQ(free_.Take(), Lines({R"(sow stored {"id":1,"owner":"bob"})",
                                 R"(sow stored {"id":2,"owner":"ann","a":1})"}));
}

TEST_F(EntitlementTest, PublishersWriteTheirFieldsOnly) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/w", "", "-/rating");
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"a":1})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"rating":9})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"rating":9})", true), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(free_, "stored", R"({"id":1,"rating":3})", true), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"a":2})", true), ErrorCode::kNone);
  // It would take the rating away.
  EXPECT_EQ(Publish(ann, "stored", R"({"id":1,"a":3})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Query(free_, "stored"), ErrorCode::kNone);
  EXPECT_EQ(free_.Take(), Lines({R"(sow stored {"id":1,"a":2,"rating":3})"}));
}

TEST_F(EntitlementTest, WhatIsAllowedOnOneTopicSaysNothingOfTheNext) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/free/w");
  rules_.Allow("ann/narrow/w", "/a = 1");
  EXPECT_EQ(Publish(ann, "narrow", R"({"a":2})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "free", R"({"a":2})"), ErrorCode::kNone);
  EXPECT_EQ(Publish(ann, "denied", R"({"a":2})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "narrow", R"({"a":2})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "denied", R"({"a":1})"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Publish(ann, "narrow", R"({"a":1})"), ErrorCode::kNone);
}

TEST_F(EntitlementTest, DeletesReachWhatMayBeWrittenAndSeen) {
  EntitledClient ann;
  Connect(ann, "ann");
  rules_.Allow("ann/stored/w", "/owner = 'ann'");
  for (int id = 1; id <= 4; ++id) {
    const std::string owner = id < 3 ? "ann" : "bob";
    EXPECT_EQ(Publish(free_, "stored", fmt::format(R"({{"id":{},"owner":"{}"}})", id, owner)),
              ErrorCode::kNone);
  }
  // By what is in the records: they have to be visible as well.
  EXPECT_EQ(Ask(ann, CommandType::kSowDelete, "stored", "/id > 0"), ErrorCode::kNotEntitled);
  EntitledClient cat;
  Connect(cat, "cat");
  rules_.Allow("cat/stored/w", "/owner = 'ann'");
  rules_.Allow("cat/stored/r", "/id < 4", "-/pin");
  EXPECT_EQ(Ask(cat, CommandType::kSowDelete, "stored", "/pin = 1"), ErrorCode::kNotEntitled);
  EXPECT_EQ(Ask(cat, CommandType::kSowDelete, "stored", "/id > 1"), ErrorCode::kNone);
  EXPECT_EQ(Query(free_, "stored"), ErrorCode::kNone);
  EXPECT_EQ(free_.Take(),
            Lines({R"(sow stored {"id":1,"owner":"ann"})", R"(sow stored {"id":3,"owner":"bob"})",
                   R"(sow stored {"id":4,"owner":"bob"})"}));
}

}  // namespace
}  // namespace fluxgate
