#include "core/message/document.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/message/document_testing.h"
#include "core/message/message_testing.h"

namespace fluxgate {
namespace {

using Node = Document::Node;

// As JSON would have it, values as tests spell them.
std::string Text(const Node& node) {
  if (node.kind == Node::Kind::kScalar) return ValueText(node.value);
  const bool is_object = node.kind == Node::Kind::kObject;
  std::string text(1, is_object ? '{' : '[');
  for (const Document::Member& member : node.members) {
    if (text.size() > 1) text += ' ';
    text += std::string(member.name) + ":" + Text(*member.node);
  }
  for (const Node* element : node.elements) {
    if (text.size() > 1) text += ' ';
    text += Text(*element);
  }
  return text + (is_object ? '}' : ']');
}

TEST(DocumentTest, BeginsAsAnEmptyObject) {
  EXPECT_EQ(Text(Document().root()), "{}");
  EXPECT_EQ(Document().node_count(), 1u);
}

TEST(DocumentTest, SetMakesObjectsAndArraysOnTheWay) {
  Document document;
  document.Set({{"a"}}, Value::Int(1));
  document.Set({{"o", "p", "q"}}, Value::Int(2));
  document.Set({{{"l", 1}, "x"}}, Value::Int(3));
  document.Set({{{"m", 1}, {"", 2}}}, Value::Int(4));
  EXPECT_EQ(Text(document.root()), "{a:1 o:{p:{q:2}} l:[NULL {x:3}] m:[NULL [NULL NULL 4]]}");
}

TEST(DocumentTest, TheLaterValueOfAPathCounts) {
  const std::vector<Value> values = {Value::Int(3), Value::Int(4)};
  Document document;
  document.Set({{"a"}}, Value::Int(1));
  document.Set({{"a"}}, Value::Array(values));
  EXPECT_EQ(Text(document.root()), "{a:[3 4]}");
  document.Set({{"a"}}, Value::Int(5));
  EXPECT_EQ(Text(document.root()), "{a:5}");
  document.Set({{{"b", 0}}}, Value::Int(6));
  document.Set({{{"b", 0}}}, Value::Int(7));
  EXPECT_EQ(Text(document.root()), "{a:5 b:[7]}");
}

TEST(DocumentTest, AValueAndMembersAreKeptInEitherOrder) {
  Document document;
  document.Set({{"a"}}, Value::String("x"));
  document.Set({{"a", "b"}}, Value::Int(2));
  EXPECT_EQ(DocumentText(document.root()), "{a:{'x' b:2}}");
  document.Set({{"c", "d"}}, Value::Int(3));
  document.Set({{"c"}}, Value::String("y"));
  EXPECT_EQ(DocumentText(document.root()), "{a:{'x' b:2} c:{'y' d:3}}");
  document.Set({{"c"}}, Value::String("z"));
  EXPECT_EQ(DocumentText(document.root()), "{a:{'x' b:2} c:{'z' d:3}}");
}

TEST(DocumentTest, AnArrayIsNothingElseAsWell) {
  const std::vector<Value> two = {Value::Int(8), Value::Int(9)};
  const Value array = Value::Array(two);
  const FieldPath element{{{"a", 0}}};
  const FieldPath member{{"a", "b"}};
  const FieldPath plain{{"a"}};
  const auto both = [](const FieldPath& first, const Value& value, const FieldPath& second,
                       const Value& other) {
    Document document;
    EXPECT_EQ(document.Set(first, value), Document::SetResult::kDone);
    const std::string before = DocumentText(document.root());
    const Document::SetResult result = document.Set(second, other);
    if (result != Document::SetResult::kDone) {
      EXPECT_EQ(DocumentText(document.root()), before);
    }
    return result;
  };
  const Value one = Value::Int(1);
  constexpr auto kInTheWay = Document::SetResult::kInTheWay;
  EXPECT_EQ(both(plain, one, element, one), kInTheWay);
  EXPECT_EQ(both(element, one, plain, one), kInTheWay);
  EXPECT_EQ(both(member, one, element, one), kInTheWay);
  EXPECT_EQ(both(element, one, member, one), kInTheWay);
  EXPECT_EQ(both(plain, array, element, one), kInTheWay);
  EXPECT_EQ(both(element, one, plain, array), kInTheWay);
  EXPECT_EQ(both(plain, array, member, one), kInTheWay);
  EXPECT_EQ(both(member, one, plain, array), kInTheWay);
  EXPECT_EQ(both(plain, Value::Null(), element, one), Document::SetResult::kDone);
}

TEST(DocumentTest, SetOfAnArrayMakesScalars) {
  const std::vector<Value> values = {Value::Int(1), Value::Null(), Value::String("x")};
  Document document;
  document.Set({{"a"}}, Value::Array(values));
  EXPECT_EQ(Text(document.root()), "{a:[1 NULL 'x']}");
}

TEST(DocumentTest, SetCopiesNamesAndText) {
  Document document;
  {
    const std::string text = "a text too long for a string's own room";
    const std::vector<Value> values = {Value::String(text), Value::String("x")};
    document.Set({{text}}, Value::String(text));
    document.Set({{"l"}}, Value::Array(values));
  }
  EXPECT_EQ(Text(document.root()),
            "{a text too long for a string's own room:'a text too long for a string's own room' "
            "l:['a text too long for a string's own room' 'x']}");
}

TEST(DocumentTest, SetLeavesOutWhatHasNoPlace) {
  Document document;
  EXPECT_EQ(document.Set({.envelope = EnvelopeField::kMessageSize}, Value::Int(1)),
            Document::SetResult::kDone);
  EXPECT_EQ(document.Set(FieldPath(), Value::Int(1)), Document::SetResult::kDone);
  EXPECT_EQ(Text(document.root()), "{}");
}

TEST(DocumentTest, SubscriptAtTheLimitAndOneMore) {
  constexpr auto kMax = static_cast<int32_t>(Document::kElementsMax);
  Document document;
  EXPECT_EQ(document.Set({{"b", {"a", kMax}}}, Value::Int(1)), Document::SetResult::kTooFar);
  EXPECT_EQ(Text(document.root()), "{}");
  EXPECT_EQ(document.Set({{{"a", kMax - 1}}}, Value::Int(1)), Document::SetResult::kDone);
  EXPECT_EQ(document.root().Find("a")->elements.size(), Document::kElementsMax);
}

TEST(DocumentTest, ClearForgetsEverything) {
  Document document;
  document.Set({{"a", "b"}}, Value::String("x"));
  document.root().value = Value::Int(1);
  document.Clear();
  EXPECT_EQ(Text(document.root()), "{}");
  EXPECT_TRUE(document.root().value.is_null());
  EXPECT_EQ(document.node_count(), 1u);
}

TEST(DocumentTest, NodesStayWhereTheyAreWhenADocumentMoves) {
  Document document;
  document.Set({{"a"}}, Value::String("text that is kept by the document"));
  const Node* const root = &document.root();
  const Document moved = std::move(document);
  EXPECT_EQ(&moved.root(), root);
  EXPECT_EQ(Text(moved.root()), "{a:'text that is kept by the document'}");
}

Node Scalar(const Value& value, std::string_view raw = "", uint32_t raw_type = 0) {
  Node node;
  node.value = value;
  node.raw = raw;
  node.raw_type = raw_type;
  return node;
}

TEST(SameContentTest, SpellingsWhereBothHaveOne) {
  EXPECT_TRUE(SameContent(Scalar(Value::Int(1), "1"), Scalar(Value::Int(1), "1")));
  EXPECT_FALSE(SameContent(Scalar(Value::Double(1), "1.0"), Scalar(Value::Double(1), "1.00")));
  EXPECT_FALSE(SameContent(Scalar(Value::Int(1), "1", 16), Scalar(Value::Int(1), "1", 18)));
}

TEST(SameContentTest, ValuesWhereOneHasNoSpelling) {
  EXPECT_TRUE(SameContent(Scalar(Value::Double(1), "1.00"), Scalar(Value::Double(1))));
  EXPECT_FALSE(SameContent(Scalar(Value::Int(1)), Scalar(Value::Double(1))));
  EXPECT_FALSE(SameContent(Scalar(Value::Int(1)), Scalar(Value::Int(2))));
  EXPECT_FALSE(SameContent(Scalar(Value::Double(0.0)), Scalar(Value::Double(-0.0))));
  EXPECT_TRUE(SameContent(Scalar(Value::Double(__builtin_nan(""))),
                          Scalar(Value::Double(__builtin_nan("")))));
  EXPECT_TRUE(SameContent(Scalar(Value::String("x")), Scalar(Value::String("x"))));
  EXPECT_FALSE(SameContent(Scalar(Value::String("x")), Scalar(Value::String("y"))));
  EXPECT_TRUE(SameContent(Scalar(Value::Uint(UINT64_MAX)), Scalar(Value::Uint(UINT64_MAX))));
  EXPECT_FALSE(SameContent(Scalar(Value::Bool(true)), Scalar(Value::Bool(false))));
  EXPECT_TRUE(SameContent(Scalar(Value::Null()), Scalar(Value::Null())));
}

bool AreSame(const std::vector<std::pair<FieldPath, int>>& a,
             const std::vector<std::pair<FieldPath, int>>& b) {
  Document documents[2];
  for (const auto& [path, value] : a) documents[0].Set(path, Value::Int(value));
  for (const auto& [path, value] : b) documents[1].Set(path, Value::Int(value));
  return SameContent(documents[0].root(), documents[1].root());
}

TEST(SameContentTest, ObjectsAndArrays) {
  const FieldPath a{{"a"}};
  const FieldPath b{{"b"}};
  const FieldPath inner{{"a", "x"}};
  const FieldPath first{{{"a", 0}}};
  const FieldPath second{{{"a", 1}}};
  EXPECT_TRUE(AreSame({}, {}));
  EXPECT_TRUE(AreSame({{a, 1}, {b, 2}}, {{a, 1}, {b, 2}}));
  EXPECT_FALSE(AreSame({{a, 1}}, {{a, 1}, {b, 2}}));
  EXPECT_FALSE(AreSame({{a, 1}}, {{b, 1}}));
  EXPECT_FALSE(AreSame({{inner, 1}}, {{inner, 2}}));
  EXPECT_FALSE(AreSame({{inner, 1}}, {{a, 1}}));
  EXPECT_TRUE(AreSame({{first, 1}, {second, 2}}, {{first, 1}, {second, 2}}));
  EXPECT_FALSE(AreSame({{first, 1}}, {{first, 1}, {second, 2}}));
  EXPECT_FALSE(AreSame({{first, 1}, {second, 2}}, {{first, 1}, {second, 3}}));
}

}  // namespace
}  // namespace fluxgate
