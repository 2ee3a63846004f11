#include "core/module/loaded_message_type.h"

#include "core/base/error.h"
#include "core/module/module_scratch.h"
#include "core/module/testing/module_testing.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

using Level = MessageType::Level;

class LoadedMessageTypeTest : public testing::Test {
 protected:
  std::unique_ptr<LoadedMessageType> Make(const std::string& file,
                                          const ModuleOptions& options = {},
                                          const MessageLimits& limits = {}) {
    auto module = Module::Load({"m", file, {}}, log_.function());
    EXPECT_TRUE(module.ok()) << module.status();
    auto type = LoadedMessageType::Create("rows", *module, options, limits);
    status_ = type.status();
    return type.ok() ? *std::move(type) : nullptr;
  }
  std::unique_ptr<LoadedMessageType> Sample(const ModuleOptions& options = {}) {
    return Make(ModulePath("modules/samples/message-type/message_type.so"), options);
  }
  std::unique_ptr<LoadedMessageType> Bad(const MessageLimits& limits = {}) {
    return Make(TestModulePath("bad_message_type"), {}, limits);
  }

  // The value of one field as text, elements between commas; "-" for a body that is refused.
  std::string Field(const MessageType& type, std::string body, const FieldPath& path) {
    const size_t size = body.size();
    body.append(kBodyPaddingBytes, '\0');
    Value value = Value::String("before");
    const std::unique_ptr<Extractor> extractor = type.NewExtractor({{path, 0}});
    if (!extractor->Extract({body.data(), size}, {&value, 1})) {
      EXPECT_TRUE(value.is_null());
      return "-";
    }
    std::string text;
    for (const Value& element : value.elements()) {
      text += (text.empty() ? "" : ",") +
              (element.is_string() ? std::string(element.as_string()) : "?");
    }
    return value.is_null() ? "NULL" : text;
  }

  // The error of a parse; "" when there is none.
  std::string ParseError(const MessageType& type, std::string_view body) {
    Document document;
    const absl::Status status = type.Parse(body, document);
    if (status.ok()) return "";
    EXPECT_EQ(ErrorCodeOf(status), ErrorCode::kMalformedBody);
    return ErrorText(status);
  }

  std::string WriteError(const MessageType& type, std::string_view name) {
    Document document;
    document.AddMember(document.root(), name, Document::Node::Kind::kScalar);
    std::string body = "before";
    const absl::Status status = type.Write(document, body);
    if (status.ok()) return "";
    EXPECT_EQ(body, "before");
    return ErrorText(status);
  }

  TestLog log_;
  absl::Status status_;
};

const FieldPath kA = {{"a"}};

TEST_F(LoadedMessageTypeTest, LevelsFollowFromWhatTheModuleHas) {
  EXPECT_EQ(Sample()->level(), Level::kDelta);
  EXPECT_EQ(Make(TestModulePath("message_type_without_merge"))->level(), Level::kSerialize);
  EXPECT_EQ(Make(TestModulePath("message_type_without_serialize"))->level(), Level::kFilter);
  EXPECT_EQ(Make(ModulePath("modules/template-message-type/message_type.so"))->level(),
            Level::kRoute);
}

TEST_F(LoadedMessageTypeTest, ALevelNeedsTheOnesBeforeIt) {
  EXPECT_EQ(Make(TestModulePath("message_type_with_parse_only")), nullptr);
  EXPECT_NE(ErrorText(status_).find("defines amps_message_type_parse without "
                                    "amps_message_type_extract"),
            std::string::npos);
  EXPECT_EQ(Make(TestModulePath("message_type_with_extract_only")), nullptr);
  EXPECT_NE(ErrorText(status_).find("defines amps_message_type_extract without "
                                    "amps_message_type_parse"),
            std::string::npos);
  EXPECT_EQ(Make(TestModulePath("message_type_with_merge_only")), nullptr);
  EXPECT_NE(ErrorText(status_).find("defines amps_message_type_merge without "
                                    "amps_message_type_serialize"),
            std::string::npos);
}

TEST_F(LoadedMessageTypeTest, AContextThatIsRefusedIsAnError) {
  EXPECT_EQ(Sample({{"FieldSeparator", "="}}), nullptr);
  EXPECT_NE(ErrorText(status_).find("(amps_message_type_create_context)"), std::string::npos);
}

TEST_F(LoadedMessageTypeTest, RoutingLooksIntoNothing) {
  const auto type = Make(ModulePath("modules/template-message-type/message_type.so"));
  EXPECT_EQ(Field(*type, "a=1", kA), "NULL");
  Document document;
  ASSERT_TRUE(type->Parse("anything", document).ok());
  std::string body;
  ASSERT_TRUE(type->Write(document, body).ok());
  EXPECT_EQ(body, "anything");
}

TEST_F(LoadedMessageTypeTest, FieldsAreExtracted) {
  const auto type = Sample();
  EXPECT_EQ(Field(*type, "a=1;b=2", kA), "1");
  EXPECT_EQ(Field(*type, "b=2", kA), "NULL");
  EXPECT_EQ(Field(*type, "a=1;b=2;a=3", kA), "1,3");
  EXPECT_EQ(Field(*type, "a=1;b=2;a=3", {{FieldStep("a", 1)}}), "3");
  EXPECT_EQ(Field(*type, "a=x\\;y;b=2", kA), "x;y");
  EXPECT_EQ(Field(*type, "a=1;b", kA), "-");
  EXPECT_EQ(Field(*type, "", kA), "NULL");
  EXPECT_EQ(Field(*Sample({{"FieldSeparator", "|"}}), "a=1;2|b=2", kA), "1;2");
}

TEST_F(LoadedMessageTypeTest, BodiesAreWrittenMergedAndCompared) {
  const auto type = Sample();
  std::string body;
  const FieldValue fields[] = {{{{"a"}}, Value::Int(-1)},
                               {{{"b"}}, Value::String("x;y")},
                               {{{"c"}}, Value::Double(0.5)},
                               {{{"d"}}, Value::Bool(true)},
                               {{{"e"}}, Value::Uint(UINT64_MAX)}};
  ASSERT_TRUE(type->Serialize(fields, body).ok());
  EXPECT_EQ(body, "a=-1;b=x\\;y;c=0.5;d=true;e=18446744073709551615");
  std::string merged;
  ASSERT_TRUE(type->Merge("a=1;b=2;c=3;b=4", "b=5;d=6", merged).ok());
  EXPECT_EQ(merged, "a=1;b=5;c=3;d=6");
  std::string delta;
  bool changed = false;
  const FieldPath keys[] = {kA};
  ASSERT_TRUE(type->Diff("a=1;b=2;c=3", "a=1;b=5;c=3", keys, delta, changed).ok());
  EXPECT_TRUE(changed);
  EXPECT_EQ(delta, "a=1;b=5");
  EXPECT_EQ(ErrorText(type->Merge("a=1", "b", merged)), "a field is not name=value");
  const FieldPath inner = {{"a", "b"}};
  const FieldValue nested[] = {{inner, Value::Int(1)}};
  EXPECT_EQ(ErrorText(type->Serialize(nested, body)), "a field holds fields of its own");
}

TEST_F(LoadedMessageTypeTest, WithoutMergeThereAreNoDeltas) {
  std::string merged;
  EXPECT_EQ(ErrorText(Make(TestModulePath("message_type_without_merge"))->Merge("", "", merged)),
            "bodies of type rows cannot be merged");
}

TEST_F(LoadedMessageTypeTest, ValuesThatMakeNoSenseCountAsMalformed) {
  const auto type = Bad();
  EXPECT_EQ(Field(*type, "good", kA), "NULL");
  for (const char* const what : {"fail", "throw", "type", "nothing", "nested"}) {
    EXPECT_EQ(Field(*type, what, kA), "-") << what;
  }
  EXPECT_TRUE(log_.Has("amps_message_type_extract was left by an exception"));
  EXPECT_TRUE(log_.Has("amps_message_type_extract gave a value of a type that there is not"));
  EXPECT_TRUE(log_.Has("gave an array of nothing"));
  EXPECT_TRUE(log_.Has("gave an element of a type that there is not"));
}

TEST_F(LoadedMessageTypeTest, ElementsAreLimited) {
  const auto type = Bad();
  EXPECT_NE(Field(*type, "most", kA), "-");
  EXPECT_EQ(Field(*type, "many", kA), "-");
}

TEST_F(LoadedMessageTypeTest, NodesThatMakeNoSenseCountAsMalformed) {
  const auto type = Bad();
  EXPECT_EQ(ParseError(*type, "good"), "");
  EXPECT_EQ(ParseError(*type, "fail"), "as it should?be");
  EXPECT_EQ(ParseError(*type, "throw"), "is not of type rows");
  for (const auto& [what, said] : {
           std::pair("no root", "a node outside of the memory for it"),
           std::pair("fixed", "a node outside of the memory for it"),
           std::pair("child", "a node outside of the memory for it"),
           std::pair("small", "a node that is too small"),
           std::pair("kind", "a node of a kind that there is not"),
           std::pair("array", "a root that is no object"),
           std::pair("children", "children outside of the memory for them"),
           std::pair("type", "a value of a type that there is not"),
           std::pair("name", "a member without a name"),
           std::pair("scalar", "a scalar with children"),
       }) {
    EXPECT_EQ(ParseError(*type, what), "the module of type rows cannot read it") << what;
    EXPECT_TRUE(log_.Has(std::string("amps_message_type_parse gave ") + said)) << what;
  }
  EXPECT_EQ(ParseError(*type, "cycle"), "nested too deeply");
  EXPECT_EQ(ParseError(*type, "count"), "more fields than allowed");
}

TEST_F(LoadedMessageTypeTest, DepthIsLimited) {
  const auto type = Bad({.depth_max = 10});
  EXPECT_EQ(ParseError(*type, "depth 10"), "");
  EXPECT_EQ(ParseError(*type, "depth 11"), "nested too deeply");
}

TEST_F(LoadedMessageTypeTest, WhatAModuleWritesIsChecked) {
  const auto type = Bad();
  EXPECT_EQ(WriteError(*type, "good"), "");
  EXPECT_EQ(WriteError(*type, "fail"), "cannot");
  EXPECT_EQ(WriteError(*type, "throw"), "type rows has no way to write this");
  EXPECT_EQ(WriteError(*type, "unreadable"), "as it should?be");
  EXPECT_TRUE(log_.Has("amps_message_type_serialize made a body that it cannot read"));
  EXPECT_EQ(WriteError(*type, "foreign"), "the module of type rows cannot write it");
  EXPECT_EQ(WriteError(*type, "too long"), "the module of type rows cannot write it");
  std::string merged = "before ";
  ASSERT_TRUE(type->Merge("good", "x", merged).ok());
  EXPECT_EQ(merged, "before good");
  EXPECT_EQ(ErrorText(type->Merge("fail", "x", merged)), "as it should?be");
}

TEST_F(LoadedMessageTypeTest, MemoryForOneBodyIsLimited) {
  EXPECT_EQ(ParseError(*Bad(), "memory"), "");
  ModuleScratch scratch;
  EXPECT_NE(scratch.Allocate(ModuleScratch::kBytesMax), nullptr);
  EXPECT_EQ(scratch.Allocate(1), nullptr);
  scratch.Reset();
  EXPECT_EQ(scratch.Allocate(ModuleScratch::kBytesMax + 1), nullptr);
  EXPECT_NE(scratch.Allocate(0), nullptr);
}

}  // namespace
}  // namespace fluxgate
