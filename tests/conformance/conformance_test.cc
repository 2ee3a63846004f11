// Runs the cases in *_cases.txt and the examples in the manual. A case that is written down for
// json runs for every message type that can say the same: its message is taken apart and written
// anew.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/filter/aggregate_expression.h"
#include "core/filter/compare.h"
#include "core/filter/filter.h"
#include "core/filter/filter_in_parts.h"
#include "core/filter/lexer.h"
#include "core/filter/select_list.h"
#include "core/message/bson_message_type.h"
#include "core/message/composite_message_type.h"
#include "core/message/extract_testing.h"
#include "core/message/fix_message_type.h"
#include "core/message/json_message_type.h"
#include "core/message/message_testing.h"
#include "core/message/msgpack_message_type.h"
#include "core/message/xml_message_type.h"
#include "tests/conformance/cases.h"

namespace fluxgate {
namespace {

using Expected = ConformanceCase::Expected;
using Node = Document::Node;

constexpr double kNow = 1'700'000'000.25;

const std::map<std::string, std::unique_ptr<MessageType>>& Types() {
  static const auto& types = *[] {
    auto* all = new std::map<std::string, std::unique_ptr<MessageType>>;
    const auto add = [all](std::unique_ptr<MessageType> type) {
      const std::string name(type->name());
      all->emplace(name, std::move(type));
    };
    add(std::make_unique<JsonMessageType>());
    add(std::make_unique<BsonMessageType>());
    add(std::make_unique<MsgpackMessageType>());
    add(std::make_unique<XmlMessageType>());
    add(std::make_unique<FixMessageType>(FixMessageType::Names::kTags));
    add(std::make_unique<FixMessageType>(FixMessageType::Names::kText));
    const std::vector<const MessageType*> parts(2, all->at("json").get());
    add(std::make_unique<CompositeLocalMessageType>("composite-local", parts));
    add(std::make_unique<CompositeGlobalMessageType>("composite-global", parts));
    return all;
  }();
  return types;
}

ExpressionScope Scope() {
  static const ClientFacts client{"reader", "anna", "127.0.0.1:4711", "1.0", "tcp-1"};
  ExpressionScope scope;
  scope.client = &client;
  scope.instance_name = "fluxgate";
  return scope;
}

// Whether another type keeps everything that json says: no name twice in an object, and where a
// type has nothing but text, nothing but text that is no number and no arrays in arrays.
bool CanSay(const Node& node, bool text_only, bool in_array = false) {
  if (node.kind == Node::Kind::kScalar) {
    return !text_only || (node.value.is_string() && !ParseNumber(node.value.as_string()) &&
                          node.value.as_string() != "true" && node.value.as_string() != "false");
  }
  if (node.kind == Node::Kind::kArray) {
    if (text_only && (in_array || node.elements.empty())) return false;
    return std::all_of(node.elements.begin(), node.elements.end(),
                       [&](const Node* e) { return CanSay(*e, text_only, true); });
  }
  if (text_only && node.members.empty()) return false;
  for (const Document::Member& member : node.members) {
    if (node.Find(member.name) != member.node || !CanSay(*member.node, text_only)) return false;
  }
  return true;
}

// How a value is spelled in one type means nothing in another.
void DropSpelling(Node& node) {
  node.raw = {};
  node.raw_type = 0;
  for (const Document::Member& member : node.members) DropSpelling(*member.node);
  for (Node* element : node.elements) DropSpelling(*element);
}

// The body in another message type; false when that cannot say it.
bool Translate(const std::string& json, const MessageType& type, std::string& body) {
  Document document;
  if (!Types().at("json")->Parse(json, document).ok()) return false;
  const std::string_view name = type.name();
  const bool text_only = name != "bson" && name != "msgpack";
  if (!CanSay(document.root(), text_only)) return false;
  DropSpelling(document.root());
  return type.Write(document, body).ok();
}

void FillEnvelope(const FieldPath& path, const std::string& body, Value& value) {
  if (path.envelope == EnvelopeField::kMessageSize) value = Value::Uint(body.size());
  if (path.envelope == EnvelopeField::kTopicName) value = Value::String("cases");
  if (path.envelope == EnvelopeField::kNow) value = Value::Double(kNow);
}

// One body, with the values of the fields that an expression reads.
class Message {
 public:
  Message(const MessageType& type, const std::string& body)
      : type_(type), text_(body), body_(body) {}

  std::vector<Value> Values(std::span<const FieldSlot> slots, const FieldTable& fields) {
    std::vector<FieldRequest> requests;
    std::vector<Value> values(fields.slot_end());
    for (const FieldSlot slot : slots) {
      const FieldPath& path = fields.path(slot);
      if (path.envelope == EnvelopeField::kNone) {
        requests.push_back({path, slot});
      } else {
        FillEnvelope(path, text_, values[slot]);
      }
    }
    if (requests.empty()) return values;
    extractor_ = type_.NewExtractor(std::move(requests));
    EXPECT_TRUE(extractor_->Extract(body_.view(), values));
    return values;
  }

 private:
  const MessageType& type_;
  const std::string text_;
  const PaddedBody body_;
  std::unique_ptr<Extractor> extractor_;
};

bool Matches(const std::string& text, Message& message) {
  FieldTable fields;
  const auto filter = Filter::Compile(text, fields, {}, Scope());
  if (!filter.ok()) {
    ADD_FAILURE() << text << ": " << filter.status();
    return false;
  }
  const std::vector<Value> values = message.Values((*filter)->slots(), fields);
  const bool matches = (*filter)->Matches(values);
  EXPECT_EQ(MatchesInParts(**filter, values), matches) << text;

  const std::string& canonical = (*filter)->canonical();
  const auto again = Filter::Compile(canonical, fields, {}, Scope());
  if (again.ok()) {
    EXPECT_EQ((*again)->canonical(), canonical) << text;
    EXPECT_EQ((*again)->Matches(message.Values((*again)->slots(), fields)), matches) << canonical;
  } else {
    ADD_FAILURE() << canonical << ": " << again.status();
  }
  return matches;
}

void RunExpression(const ConformanceCase& c, const MessageType& type, const std::string& body) {
  Message message(type, body);
  EXPECT_EQ(Matches(c.text, message), c.expected == Expected::kTrue);
  EXPECT_EQ(Matches("NOT (" + c.text + ")", message), c.expected == Expected::kFalse);
  EXPECT_EQ(Matches("(NOT (" + c.text + ")) IS NULL", message), c.expected == Expected::kNull);
}

void RunError(const ConformanceCase& c) {
  FieldTable fields;
  absl::Status status;
  if (c.has_group) {
    status = AggregateExpression::Compile(c.text, fields).status();
  } else {
    status = Filter::Compile(c.text, fields, {}, Scope()).status();
  }
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kBadFilter);
  EXPECT_NE(ErrorText(status).find(c.wanted), std::string::npos) << ErrorText(status);
  EXPECT_GE(ErrorOffsetOf(status), 0);
  EXPECT_LE(ErrorOffsetOf(status), static_cast<int64_t>(c.text.size()));
  EXPECT_EQ(fields.in_use(), 0u);
}

// The rows of a group: literals, with NULL for a row without the field.
std::vector<Value> Rows(const std::string& text, std::vector<std::unique_ptr<Token>>& tokens) {
  std::vector<Value> rows;
  Lexer lexer(text);
  for (Token token = lexer.Next(); token.kind != TokenKind::kEnd; token = lexer.Next()) {
    if (token.kind == TokenKind::kComma) continue;
    tokens.push_back(std::make_unique<Token>(std::move(token)));
    const Token& kept = *tokens.back();
    rows.push_back(kept.kind == TokenKind::kNumber   ? kept.number
                   : kept.kind == TokenKind::kString ? Value::String(kept.string)
                                                     : Value::Null());
  }
  return rows;
}

void RunGroup(const ConformanceCase& c) {
  FieldTable fields;
  const auto expression = AggregateExpression::Compile(c.text, fields);
  ASSERT_TRUE(expression.ok()) << expression.status();
  EvaluationContext context;
  std::vector<std::unique_ptr<Token>> tokens;
  AggregateExpression::Group group = (*expression)->NewGroup();
  std::vector<Value> row(fields.slot_end());
  for (const Value& value : Rows(c.group, tokens)) {
    std::fill(row.begin(), row.end(), value);
    (*expression)->Add(group, row, context);
  }
  const Truth truth = TruthOf((*expression)->Result(group, row, context));
  const Truth wanted = c.expected == Expected::kTrue    ? Truth::kTrue
                       : c.expected == Expected::kFalse ? Truth::kFalse
                                                        : Truth::kNull;
  EXPECT_EQ(truth, wanted);
}

absl::Status Build(const ConformanceCase& c, const MessageType& type, std::string& body) {
  std::vector<FieldValue> fields;
  std::vector<std::string> texts;
  for (const absl::string_view field : absl::StrSplit(ToAbsl(c.text), ' ', absl::SkipEmpty())) {
    texts.emplace_back(field);
  }
  for (const std::string& text : texts) {
    const std::string_view field = text;
    const size_t sign = field.find('=');
    fields.push_back({PathOf(field.substr(0, sign)), Value::String(field.substr(sign + 1))});
  }
  return type.Serialize(fields, body);
}

void RunBody(const ConformanceCase& c, const MessageType& type) {
  std::string result;
  if (c.expected == Expected::kInvalid) {
    const absl::Status status = type.Validate(c.message);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kMalformedBody);
    EXPECT_NE(ErrorText(status).find(c.wanted), std::string::npos) << ErrorText(status);
    return;
  }
  absl::Status status;
  bool changed = false;
  if (c.expected == Expected::kMerge) {
    status = type.Merge(c.message, c.text, result);
  } else if (c.expected == Expected::kSelect) {
    const auto list = SelectList::Parse(c.text);
    ASSERT_TRUE(list.ok()) << list.status();
    status = (*list)->Apply(type, c.message, result);
  } else if (c.expected == Expected::kBuild) {
    status = Build(c, type, result);
    if (c.wanted.starts_with("! ")) {
      EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kMalformedBody);
      EXPECT_NE(ErrorText(status).find(c.wanted.substr(2)), std::string::npos) << status;
      return;
    }
  } else {
    status = type.Diff(c.message, c.text, {}, result, changed);
  }
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(result, c.wanted);
}

// How many cases ran, by message type.
using Counts = std::map<std::string, size_t>;

void Run(const ConformanceCase& c, Counts& counts) {
  SCOPED_TRACE(fmt::format("{}:{}: {}   on {} {}", c.file, c.line, c.text, c.type, c.message));
  const auto type = Types().find(c.type);
  ASSERT_TRUE(type != Types().end()) << "unknown message type";
  ++counts[c.type];
  switch (c.expected) {
    case Expected::kError:
      return RunError(c);
    case Expected::kInvalid:
    case Expected::kMerge:
    case Expected::kDiff:
    case Expected::kBuild:
    case Expected::kSelect:
      return RunBody(c, *type->second);
    default:
      break;
  }
  if (c.has_group) return RunGroup(c);
  RunExpression(c, *type->second, c.message);
  // How long a body is depends on the type.
  if (c.type != "json" || c.text.find("MESSAGE_SIZE") != std::string::npos) return;
  for (const auto& [name, other] : Types()) {
    std::string body;
    if (name == "json" || !Translate(c.message, *other, body)) continue;
    SCOPED_TRACE(fmt::format("as {}", name));
    RunExpression(c, *other, body);
    ++counts[name];
  }
}

Counts RunFile(const std::string& file) {
  std::string problem;
  Counts counts;
  for (const ConformanceCase& c : ReadCases(file, problem)) Run(c, counts);
  EXPECT_EQ(problem, "");
  return counts;
}

TEST(ConformanceTest, Filters) {
  Counts counts = RunFile("tests/conformance/filter_cases.txt");
  EXPECT_GE(counts["json"], 400u);
  EXPECT_GE(counts["bson"], 300u);
  EXPECT_GE(counts["msgpack"], 300u);
  for (const char* type : {"fix", "nvfix", "xml"}) EXPECT_GE(counts[type], 10u) << type;
}

TEST(ConformanceTest, MessageTypes) {
  Counts counts = RunFile("tests/conformance/message_cases.txt");
  for (const auto& [name, type] : Types()) EXPECT_GE(counts[name], 10u) << name;
}

TEST(ConformanceTest, ExamplesInTheManual) {
  Counts counts = RunFile("docs/expressions.md");
  EXPECT_GE(counts["json"], 200u);
}

}  // namespace
}  // namespace fluxgate
