// Deltas of every message type that has them: the difference of two bodies, laid over the first,
// says what the second says. Bodies are made at random; the second has the fields of the first,
// some of them changed, and new ones.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/message/bson_message_type.h"
#include "core/message/document_testing.h"
#include "core/message/fix_message_type.h"
#include "core/message/json_message_type.h"
#include "core/message/message_type.h"
#include "core/message/msgpack_message_type.h"
#include "core/message/xml_message_type.h"

namespace fluxgate {
namespace {

using Node = Document::Node;

constexpr int kRounds = 2'000;

// Members by name; those of one name in their order.
std::string ContentText(Node node) {
  std::stable_sort(
      node.members.begin(), node.members.end(),
      [](const Document::Member& a, const Document::Member& b) { return a.name < b.name; });
  std::string text;
  for (const Document::Member& member : node.members) {
    text += fmt::format("{}:{} ", member.name, ContentText(*member.node));
  }
  for (const Node* element : node.elements) text += ContentText(*element) + ", ";
  Node own;
  own.value = node.value;
  return fmt::format("{}{}({})", static_cast<int>(node.kind), DocumentText(own), text);
}

class MessageDeltaPropertyTest : public testing::Test {
 protected:
  size_t Below(size_t n) { return random_() % n; }

  std::string Content(const MessageType& type, std::string_view body) {
    Document document;
    const absl::Status status = type.Parse(body, document);
    EXPECT_TRUE(status.ok()) << status << " in " << body;
    return ContentText(document.root());
  }

  void Check(const MessageType& type, const std::string& before, const std::string& after) {
    SCOPED_TRACE(fmt::format("seed {}\nbefore {}\nafter {}", seed_, before, after));
    std::string delta;
    bool changed = false;
    absl::Status status = type.Diff(before, after, {}, delta, changed);
    ASSERT_TRUE(status.ok()) << status;
    const std::string wanted = Content(type, after);
    EXPECT_EQ(changed, wanted != Content(type, before)) << delta;
    if (!changed) return;
    ++changed_;
    merged_.clear();
    status = type.Merge(before, delta, merged_);
    ASSERT_TRUE(status.ok()) << status << " of " << delta;
    ASSERT_EQ(Content(type, merged_), wanted) << delta << "\nmerged " << merged_;
  }

  Value Scalar(bool text_only) {
    static const std::string texts[] = {"x", "y z", "<&>", "187.25", "\u20ac"};
    switch (text_only ? 0 : Below(4)) {
      case 0:
        return Value::String(texts[Below(std::size(texts))]);
      case 1:
        return Value::Int(static_cast<int64_t>(Below(300)) - 100);
      case 2:
        return Value::Double(static_cast<double>(Below(9)) / 4);
      default:
        return Below(2) == 0 ? Value::Null() : Value::Bool(Below(2) == 0);
    }
  }

  // A name's first letter is the kind of what it names: objects may have text where the type knows
  // it, arrays have at least one element.
  using Fields = std::map<std::string, FieldValue>;
  void Add(bool xml, Fields& fields) {
    FieldPath path;
    if (xml) path.steps.emplace_back("root");
    for (size_t i = Below(3); i > 0; --i) path.steps.emplace_back(fmt::format("o{}", Below(3)));
    Value value = Scalar(xml);
    const size_t kind = Below(xml ? 4 : 2);
    if (kind == 0) {
      path.steps.emplace_back(fmt::format("s{}", Below(4)));
    } else if (kind == 1) {
      path.steps.emplace_back(fmt::format("l{}", Below(2)));
      std::vector<Value>& elements = arrays_.emplace_back();
      for (size_t i = Below(3) + 1; i > 0; --i) elements.push_back(Scalar(xml));
      value = Value::Array(elements);
    } else if (kind == 2) {
      path.steps.emplace_back(fmt::format("@a{}", Below(2)));
    }  // else an object's own text
    const std::string name = path.ToString();
    fields[name] = {std::move(path), value};
  }

  void CheckFields(const MessageType& type, bool xml) {
    for (int i = 0; i < kRounds; ++i) {
      arrays_.clear();
      Fields fields;
      for (size_t n = Below(8) + 1; n > 0; --n) Add(xml, fields);
      const std::string before = Serialized(type, fields);
      for (size_t n = Below(5); n > 0; --n) Add(xml, fields);
      const std::string after = Serialized(type, fields);
      Check(type, before, after);
      if (HasFatalFailure()) return;
    }
    EXPECT_GT(changed_, kRounds / 2);
  }

  std::string Serialized(const MessageType& type, const Fields& fields) {
    std::vector<FieldValue> all;
    for (const auto& [name, field] : fields) all.push_back(field);
    std::shuffle(all.begin(), all.end(), random_);
    std::string body;
    const absl::Status status = type.Serialize(all, body);
    EXPECT_TRUE(status.ok()) << status;
    return body;
  }

  // Single fields, a data field with its length, and a repeating group, which may grow and shrink.
  struct FixBody {
    std::map<std::string, std::string> singles;
    std::vector<std::pair<std::string, std::string>> group;
    std::vector<std::string> data;

    std::string Text(bool has_tags) const {
      std::string text;
      for (const auto& [name, value] : singles) text += fmt::format("{}={}\x01", name, value);
      for (const std::string& value : data) {
        if (has_tags)
          text += fmt::format(
              "95={}\x01"
              "96={}\x01",
              value.size(), value);
      }
      if (!group.empty()) text += fmt::format("453={}\x01", group.size());
      for (const auto& [id, role] : group)
        text += fmt::format(
            "448={}\x01"
            "447={}\x01",
            id, role);
      return text;
    }
  };

  std::string Short() { return std::string(Below(3), static_cast<char>('a' + Below(3))); }

  void Change(FixBody& body) {
    for (size_t n = Below(4); n > 0; --n) body.singles[std::to_string(50 + Below(6))] = Short();
    if (Below(2) == 0) {
      body.group.resize(std::max<size_t>(body.group.empty() ? 0 : 1, Below(4)));
      for (auto& [id, role] : body.group) {
        if (id.empty() || Below(3) == 0) id = "P" + Short();
        if (Below(3) == 0) role = Short();
      }
    }
    if (Below(2) == 0) {
      body.data.resize(std::max<size_t>(body.data.empty() ? 0 : 1, Below(3)));
      for (std::string& value : body.data)
        value = Short() + (Below(2) == 0 ? "\x01" : "") + Short();
    }
  }

  // The fields of the group, in their order.
  static std::string Group(const MessageType& type, std::string_view body) {
    Document document;
    EXPECT_TRUE(type.Parse(body, document).ok());
    std::string text;
    for (const Document::Member& member : document.root().members) {
      if (member.name != "448" && member.name != "447") continue;
      text += fmt::format("{}={} ", member.name, DocumentText(*member.node));
    }
    return text;
  }

  void CheckFix(FixMessageType::Names names) {
    const FixMessageType type(names);
    const bool has_tags = names == FixMessageType::Names::kTags;
    for (int i = 0; i < kRounds; ++i) {
      FixBody body;
      Change(body);
      const std::string before = body.Text(has_tags);
      Change(body);
      const std::string after = body.Text(has_tags);
      merged_ = before;
      Check(type, before, after);
      if (HasFatalFailure()) return;
      ASSERT_EQ(Group(type, merged_), Group(type, after)) << before << "\n"
                                                          << after << " " << seed_;
    }
    EXPECT_GT(changed_, kRounds / 2);
  }

  const uint64_t seed_ = std::random_device()();
  std::mt19937_64 random_{seed_};
  std::deque<std::vector<Value>> arrays_;
  std::string merged_;
  int changed_ = 0;
};

TEST_F(MessageDeltaPropertyTest, Json) { CheckFields(JsonMessageType(), false); }
TEST_F(MessageDeltaPropertyTest, Bson) { CheckFields(BsonMessageType(), false); }
TEST_F(MessageDeltaPropertyTest, Msgpack) { CheckFields(MsgpackMessageType(), false); }
TEST_F(MessageDeltaPropertyTest, Xml) { CheckFields(XmlMessageType(), true); }
TEST_F(MessageDeltaPropertyTest, Fix) { CheckFix(FixMessageType::Names::kTags); }
TEST_F(MessageDeltaPropertyTest, Nvfix) { CheckFix(FixMessageType::Names::kText); }

}  // namespace
}  // namespace fluxgate
