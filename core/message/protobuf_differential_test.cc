// Random messages: libprotobuf's read by us, ours read by libprotobuf.
#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/message/extract_testing.h"
#include "core/message/protobuf_message_type.h"
#include "core/message/protobuf_testing.h"

namespace fluxgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kRounds = 1500;

// Maps are left out where the order of entries, which nothing promises, would show.
const std::vector<std::string>& Paths() {
  static const auto& paths = *new std::vector<std::string>{
      "/id",
      "/price",
      "/rate",
      "/i32",
      "/i64",
      "/u32",
      "/u64",
      "/s32",
      "/s64",
      "/f32",
      "/f64",
      "/sf32",
      "/sf64",
      "/open",
      "/blob",
      "/side",
      "/leg",
      "/leg/symbol",
      "/leg/fills",
      "/leg/fills[1]",
      "/leg/note",
      "/legs/symbol",
      "/legs/price",
      "/legs[1]/price",
      "/legs/fills",
      "/legs/note",
      "/legs[0]/fills[0]",
      "/tags",
      "/tags[1]",
      "/sizes",
      "/sides",
      "/sides[0]",
      "/text",
      "/number",
      "/choice_leg/symbol",
      "/maybe",
      "/unpacked",
      "/unpacked[2]",
      "/far",
      "/leg/inner/inner/price",
      "/none",
      "/price/none",
      "/leg[0]/price",
      "/price[0]",
      "/price[1]",
      "/qty",
      "/packed",
      "/part/a",
      "/part/b",
      "/parts/a",
      "/names/key",
      "/counts/key",
      "/legs/inner/fills",
      "/choice_leg/fills",
      "/choice_leg/note",
      "/choice_leg",
      "/price[0][0]",
      "/price[0][1]",
      "/price[1][0]",
      "/tags[1][0]",
      "/tags[1][1]",
      "/leg[0][0]/symbol",
      "/legs",
      "/legs[1]",
      "/legs[1][0]/price",
      "/legs[0][0][0]/fills[1][0]",
      "/legs[0][1]/price",
      "/legs/inner",
      "/counts",
      "/parts",
      "/parts[1][0]/a",
  };
  return paths;
}

class ProtobufDifferentialTest
    : public ::testing::TestWithParam<const google::protobuf::FileDescriptor*> {
 protected:
  ProtobufDifferentialTest() : seed_(std::random_device()()), random_(seed_), files_(*GetParam()) {
    type_ =
        *ProtobufMessageType::Make("orders", files_.descriptor_set(), files_.package() + "Order");
  }

  uint32_t Below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }

  std::string Text(bool any) {
    static const char* const texts[] = {"", "x", "text", "\xc3\xa4\xe2\x82\xac", "a longer text"};
    return any && Below(3) == 0 ? "\xff\xfe" : texts[Below(5)];
  }

  void SetScalar(Message& message, const FieldDescriptor& field) {
    const Reflection& r = *message.GetReflection();
    const bool many = field.is_repeated();
    const uint64_t bits = Below(6) == 0 ? 0 : random_() >> Below(64);
    const auto put = [&](auto one, auto element, auto value) {
      if (many) {
        (r.*element)(&message, &field, value);
      } else {
        (r.*one)(&message, &field, value);
      }
    };
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        put(&Reflection::SetInt32, &Reflection::AddInt32, static_cast<int32_t>(bits));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        put(&Reflection::SetInt64, &Reflection::AddInt64, static_cast<int64_t>(bits));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        put(&Reflection::SetUInt32, &Reflection::AddUInt32, static_cast<uint32_t>(bits));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        put(&Reflection::SetUInt64, &Reflection::AddUInt64, bits);
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        put(&Reflection::SetDouble, &Reflection::AddDouble, static_cast<double>(bits) / 3);
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        put(&Reflection::SetFloat, &Reflection::AddFloat, static_cast<float>(bits) / 3);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        put(&Reflection::SetBool, &Reflection::AddBool, bits % 2 == 0);
        break;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto& names = *field.enum_type();
        int number = names.value(static_cast<int>(Below(names.value_count())))->number();
        if (Below(5) == 0 && GetParam() == &Proto3File()) number = 77;
        put(&Reflection::SetEnumValue, &Reflection::AddEnumValue, number);
        break;
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = Text(field.type() == FieldDescriptor::TYPE_BYTES);
        if (many) {
          r.AddString(&message, &field, text);
        } else {
          r.SetString(&message, &field, text);
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        break;
    }
  }

  void Fill(Message& message, int depth) {
    const auto& descriptor = *message.GetDescriptor();
    const Reflection& r = *message.GetReflection();
    const bool is_entry = descriptor.options().map_entry();
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const FieldDescriptor& field = *descriptor.field(i);
      if (!is_entry && Below(3) == 0) continue;
      uint32_t count = 1;
      if (field.is_repeated()) count = Below(field.is_map() ? 2 : 4);
      for (; count != 0; --count) {
        if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
          SetScalar(message, field);
        } else if (depth < 4) {
          Fill(field.is_repeated() ? *r.AddMessage(&message, &field)
                                   : *r.MutableMessage(&message, &field),
               depth + 1);
        }
      }
    }
  }

  // Two messages one behind the other are one message that has the fields of both.
  std::string RandomBody() {
    std::string body;
    for (uint32_t i = 1 + Below(2); i != 0; --i) {
      const auto message = files_.New("Order");
      Fill(*message, 1);
      body += message->SerializePartialAsString();
    }
    return body;
  }

  std::string Expected(const Message& message) {
    std::string text;
    for (const std::string& path : Paths()) {
      text += (text.empty() ? "" : " ") + LookUpText(message, path);
    }
    return text;
  }

  // A map's entries, whose order nothing promises, stand in none of the paths more than once.
  static bool HasLongMap(const Message& message) {
    const Reflection& r = *message.GetReflection();
    for (const char* name : {"counts", "names"}) {
      const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(name);
      if (field != nullptr && r.FieldSize(message, field) > 1) return true;
    }
    return false;
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  const ProtobufTesting files_;
  std::unique_ptr<ProtobufMessageType> type_;
};

TEST_P(ProtobufDifferentialTest, WhatLibprotobufWritesIsReadTheSame) {
  for (int round = 0; round < kRounds; ++round) {
    const std::string body = RandomBody();
    SCOPED_TRACE(fmt::format("seed {}, round {}", seed_, round));
    const auto theirs = files_.New("Order");
    ASSERT_TRUE(theirs->ParsePartialFromString(body));
    if (!HasLongMap(*theirs)) {
      ASSERT_EQ(ExtractText(*type_, body, Paths()), Expected(*theirs));
    }
    // Another order of fields, but the same message.
    const std::string rewritten = Rewritten(*type_, body);
    const auto again = files_.New("Order");
    ASSERT_TRUE(again->ParsePartialFromString(rewritten)) << rewritten;
    ASSERT_EQ(again->ShortDebugString(), theirs->ShortDebugString());
  }
}

TEST_P(ProtobufDifferentialTest, DamagedBodiesAreTakenOnlyWhereLibprotobufTakesThem) {
  for (int round = 0; round < kRounds; ++round) {
    std::string body = RandomBody();
    for (uint32_t i = 1 + Below(2); i != 0 && !body.empty(); --i) {
      body[Below(static_cast<uint32_t>(body.size()))] = static_cast<char>(random_());
    }
    if (Below(4) == 0 && !body.empty()) body.resize(Below(static_cast<uint32_t>(body.size())));
    SCOPED_TRACE(fmt::format("seed {}, round {}", seed_, round));
    const std::string extracted = ExtractText(*type_, body, Paths());
    ASSERT_NE(extracted, "outside");
    const auto theirs = files_.New("Order");
    const bool they_take_it = theirs->ParsePartialFromString(body);
    Document ours;
    const absl::Status parsed = type_->Parse(body, ours);
    ASSERT_EQ(parsed.ok(), they_take_it) << parsed.ToString();
    if (!they_take_it || HasLongMap(*theirs)) continue;
    ASSERT_EQ(extracted, Expected(*theirs));
  }
}

INSTANTIATE_TEST_SUITE_P(Files, ProtobufDifferentialTest,
                         ::testing::Values(&Proto3File(), &Proto2File()),
                         [](const auto& info) { return info.index == 0 ? "Proto3" : "Proto2"; });

}  // namespace
}  // namespace fluxgate
