// Deltas: laid over a body, and taken between two. Bodies are JSON, where a case is easy to read;
// what JSON does not have is built by hand.
#include "core/message/message_delta.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/message/json_message_type.h"

namespace fluxgate {
namespace {

using Node = Document::Node;

std::string Merged(std::string_view base, std::string_view delta) {
  std::string merged;
  const absl::Status status = JsonMessageType().Merge(base, delta, merged);
  return status.ok() ? merged : ErrorText(status);
}

// The delta, with a '*' before it when something has changed.
std::string Difference(std::string_view before, std::string_view after,
                       const std::vector<FieldPath>& keys = {}) {
  std::string delta;
  bool changed = false;
  const absl::Status status = JsonMessageType().Diff(before, after, keys, delta, changed);
  if (!status.ok()) return ErrorText(status);
  return changed ? "*" + delta : delta;
}

TEST(MergeDeltaTest, MembersAreReplacedAddedAndLeft) {
  EXPECT_EQ(Merged(R"({"a":1,"b":2,"c":3})", R"({"b":20,"d":40})"),
            R"({"a":1,"b":20,"c":3,"d":40})");
  EXPECT_EQ(Merged(R"({"a":1})", "{}"), R"({"a":1})");
  EXPECT_EQ(Merged("{}", R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(Merged("{}", "{}"), "{}");
}

TEST(MergeDeltaTest, ObjectsAreMergedMemberByMember) {
  EXPECT_EQ(Merged(R"({"o":{"x":1,"p":{"y":2,"z":3}},"b":4})", R"({"o":{"p":{"z":30,"n":5}}})"),
            R"({"o":{"x":1,"p":{"y":2,"z":30,"n":5}},"b":4})");
  EXPECT_EQ(Merged(R"({"o":{"x":1}})", R"({"o":{}})"), R"({"o":{"x":1}})");
}

TEST(MergeDeltaTest, AnythingElseIsReplacedWhole) {
  EXPECT_EQ(Merged(R"({"a":[1,2,3]})", R"({"a":[4]})"), R"({"a":[4]})");
  EXPECT_EQ(Merged(R"({"a":[{"x":1,"y":2}]})", R"({"a":[{"x":3}]})"), R"({"a":[{"x":3}]})");
  EXPECT_EQ(Merged(R"({"a":[1]})", R"({"a":[]})"), R"({"a":[]})");
  EXPECT_EQ(Merged(R"({"a":{"x":1}})", R"({"a":5})"), R"({"a":5})");
  EXPECT_EQ(Merged(R"({"a":5})", R"({"a":{"x":1}})"), R"({"a":{"x":1}})");
  EXPECT_EQ(Merged(R"({"a":5})", R"({"a":null})"), R"({"a":null})");
  EXPECT_EQ(Merged(R"({"a":5})", R"({"a":""})"), R"({"a":""})");
}

TEST(MergeDeltaTest, RepeatedMembersAreReplacedTogether) {
  EXPECT_EQ(Merged(R"({"a":1,"b":0,"a":2})", R"({"a":3})"), R"({"a":3,"b":0})");
  EXPECT_EQ(Merged(R"({"a":1,"b":0})", R"({"a":3,"a":4})"), R"({"a":3,"a":4,"b":0})");
  EXPECT_EQ(Merged(R"({"b":0})", R"({"a":3,"c":1,"a":4})"), R"({"b":0,"a":3,"c":1,"a":4})");
  EXPECT_EQ(Merged(R"({"a":{"x":1},"a":{"x":2}})", R"({"a":{"y":3}})"), R"({"a":{"y":3}})");
}

TEST(MergeDeltaTest, AsManyRepetitionsKeepTheirPlaces) {
  EXPECT_EQ(Merged(R"({"a":1,"b":1,"a":2,"b":2})", R"({"b":3,"b":4})"),
            R"({"a":1,"b":3,"a":2,"b":4})");
}

TEST(MergeDeltaTest, OtherNumbersOfRepetitionsComeInTheirOrderWithWhatIsBetween) {
  EXPECT_EQ(Merged(R"({"x":0,"a":1,"b":1,"y":0})", R"({"a":2,"b":2,"n":5,"a":3,"b":3})"),
            R"({"x":0,"a":2,"b":2,"n":5,"a":3,"b":3,"y":0})");
  EXPECT_EQ(Merged(R"({"a":1,"o":{"p":1},"a":2})", R"({"a":3,"o":{"q":2},"a":4,"a":5})"),
            R"({"a":3,"o":{"p":1,"q":2},"a":4,"a":5})");
}

TEST(MergeDeltaTest, SpellingOfWhatIsLeftStays) {
  EXPECT_EQ(Merged(R"({ "a" : 1.00, "t" : "\u0041" })", R"({"b":2.0e1})"),
            R"({"a":1.00,"t":"\u0041","b":2.0e1})");
}

TEST(MergeDeltaTest, TextOfAnObjectIsReplacedOnlyByText) {
  Document base;
  Node& element = base.AddMember(base.root(), "e", Node::Kind::kObject);
  element.value = Value::String("old");
  base.AddMember(element, "@id", Node::Kind::kScalar).value = Value::Int(1);
  Document delta;
  Node& change = delta.AddMember(delta.root(), "e", Node::Kind::kObject);
  delta.AddMember(change, "@id", Node::Kind::kScalar).value = Value::Int(2);
  MergeDelta(base, delta);
  EXPECT_EQ(base.root().Find("e")->value.as_string(), "old");
  EXPECT_EQ(base.root().Find("e")->Find("@id")->value.as_int(), 2);
  change.value = Value::String("new");
  MergeDelta(base, delta);
  EXPECT_EQ(base.root().Find("e")->value.as_string(), "new");
}

TEST(MergeDeltaTest, MalformedBodiesAreNotMerged) {
  EXPECT_EQ(Merged("{", "{}"), "JSON body: not closed at byte 1");
  EXPECT_EQ(Merged("{}", "[]"), "JSON body: expected an object at byte 0");
}

TEST(DiffDocumentsTest, HasWhatIsNewOrDifferent) {
  EXPECT_EQ(Difference(R"({"a":1,"b":2})", R"({"a":1,"b":3,"c":4})"), R"(*{"b":3,"c":4})");
  EXPECT_EQ(Difference(R"({"a":1,"b":2})", R"({"a":1,"b":2})"), "{}");
  EXPECT_EQ(Difference(R"({"a":1,"b":2})", R"({"b":2,"a":1})"), "{}");
  EXPECT_EQ(Difference("{}", R"({"a":{}})"), R"(*{"a":{}})");
}

TEST(DiffDocumentsTest, WhatIsGoneIsNoDifference) {
  EXPECT_EQ(Difference(R"({"a":1,"b":2})", R"({"a":1})"), "{}");
  EXPECT_EQ(Difference(R"({"o":{"x":1}})", R"({"o":{}})"), "{}");
}

TEST(DiffDocumentsTest, ObjectsMemberByMemberTheRestWhole) {
  EXPECT_EQ(Difference(R"({"o":{"x":1,"p":{"y":2}},"z":0})", R"({"o":{"x":1,"p":{"y":3}},"z":0})"),
            R"(*{"o":{"p":{"y":3}}})");
  EXPECT_EQ(Difference(R"({"a":[1,2]})", R"({"a":[1,3]})"), R"(*{"a":[1,3]})");
  EXPECT_EQ(Difference(R"({"a":[1,2]})", R"({"a":[1,2]})"), "{}");
  EXPECT_EQ(Difference(R"({"a":[{"x":1}]})", R"({"a":[{"x":1,"y":2}]})"),
            R"(*{"a":[{"x":1,"y":2}]})");
  EXPECT_EQ(Difference(R"({"a":{"x":1}})", R"({"a":7})"), R"(*{"a":7})");
  EXPECT_EQ(Difference(R"({"a":1,"a":2})", R"({"a":1,"a":3})"), R"(*{"a":1,"a":3})");
}

TEST(DiffDocumentsTest, IsInTheOrderOfTheNewBody) {
  EXPECT_EQ(Difference(R"({"z":0})", R"({"a":1,"b":1,"a":2,"b":2,"z":0})"),
            R"(*{"a":1,"b":1,"a":2,"b":2})");
}

TEST(DiffDocumentsTest, MixedRepetitionsAreToldWholeWhenTheirNumberChanges) {
  EXPECT_EQ(Difference(R"({"a":1,"b":1,"a":2})", R"({"a":1,"b":1,"a":2,"b":2})"),
            R"(*{"a":1,"b":1,"a":2,"b":2})");
  EXPECT_EQ(Difference(R"({"a":1,"b":1,"a":2,"b":2})", R"({"a":1,"b":1,"a":2,"b":3})"),
            R"(*{"b":1,"b":3})");
}

TEST(DiffDocumentsTest, KeysAreAlwaysThere) {
  const std::vector<FieldPath> keys = {{.steps = {"id"}}, {.steps = {"o", "key"}}};
  const std::string before = R"({"id":7,"o":{"key":8,"x":1},"b":2})";
  EXPECT_EQ(Difference(before, before, keys), R"({"id":7,"o":{"key":8}})");
  EXPECT_EQ(Difference(before, R"({"id":7,"o":{"key":8,"x":1},"b":3})", keys),
            R"(*{"id":7,"o":{"key":8},"b":3})");
  EXPECT_EQ(Difference(before, R"({"id":9,"b":2})", keys), R"(*{"id":9})");
  EXPECT_EQ(Difference("{}", R"({"b":2})", keys), R"(*{"b":2})");
}

TEST(DiffDocumentsTest, TextOfAnObjectCounts) {
  Document before;
  before.AddMember(before.root(), "e", Node::Kind::kObject).value = Value::String("old");
  Document after;
  after.AddMember(after.root(), "e", Node::Kind::kObject).value = Value::String("new");
  Document delta;
  EXPECT_TRUE(DiffDocuments(before, after, {}, delta));
  ASSERT_NE(delta.root().Find("e"), nullptr);
  EXPECT_EQ(delta.root().Find("e")->value.as_string(), "new");
  EXPECT_FALSE(DiffDocuments(after, after, {}, delta));
  EXPECT_TRUE(delta.root().members.empty());
}

TEST(MessageDeltaTest, DifferenceLaidOverTheOldBodyGivesTheNewOne) {
  const std::string before = R"({"id":1,"a":{"x":1,"l":[1,2]},"b":"t"})";
  const std::string after = R"({"id":1,"a":{"x":2,"l":[3],"n":null},"b":"t","c":1.5})";
  std::string delta;
  bool changed = false;
  ASSERT_TRUE(JsonMessageType().Diff(before, after, {}, delta, changed).ok());
  EXPECT_TRUE(changed);
  EXPECT_EQ(Merged(before, delta), R"({"id":1,"a":{"x":2,"l":[3],"n":null},"b":"t","c":1.5})");
}

TEST(MessageDeltaTest, FieldsOfTheMergedBodyAreLimited) {
  const JsonMessageType type({.fields_max = 3});
  std::string merged = "x";
  EXPECT_TRUE(type.Merge(R"({"a":1,"b":2})", R"({"b":3,"c":4})", merged).ok());
  EXPECT_EQ(merged, R"(x{"a":1,"b":3,"c":4})");
  const absl::Status status = type.Merge(R"({"a":1,"b":2,"c":3})", R"({"d":4})", merged);
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kMalformedBody);
  EXPECT_EQ(merged, R"(x{"a":1,"b":3,"c":4})") << "as it was";
}

TEST(MessageDeltaTest, ManyMembersDoNotTakeLong) {
  std::string base = "{";
  std::string delta = "{";
  for (int i = 0; i < 60'000; ++i) {
    base += fmt::format(R"("same_length_{:06}":1,)", i);
    delta += fmt::format(R"("same_length_{:06}":2,)", 60'000 - i);
  }
  base.back() = delta.back() = '}';
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Merged(base, delta).size(),
            base.size() + std::string(R"("same_length_060000":2,)").size());
  EXPECT_FALSE(Difference(base, delta).empty());
  // Comparing each with each takes minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace fluxgate
