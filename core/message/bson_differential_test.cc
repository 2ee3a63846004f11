// Random documents: libbson's read by us, ours read by libbson.
#include <bson/bson.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/message/bson_message_type.h"
#include "core/message/bson_reference.h"
#include "core/message/extract_testing.h"

namespace fluxgate {
namespace {

constexpr int kRounds = 3000;

const std::vector<std::string>& Paths() {
  static const auto& paths = *new std::vector<std::string>{
      "/a",          "/b",         "/a/b",       "/long_name",    "/a[0]",    "/a[1]",
      "/b[1]/a",     "/b/a[0]",    "/c/c/c",     "/a[0][1]",      "/c[2]",    "/a/long_name2",
      "/b/b/b",      "/a[1]/b[0]", "/missing/a", "/c/a[0]",       "/b[0][0]", "/a/c",
      "/a[0][0][0]", "/a[1][0]",   "/b[0][0]/a", "/c[0][0][1]/b",
  };
  return paths;
}

class BsonDifferentialTest : public ::testing::Test {
 protected:
  BsonDifferentialTest() : seed_(std::random_device()()), random_(seed_) {}

  uint32_t Below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }

  std::string Name() {
    static const char* const names[] = {"a", "b", "c", "long_name", "long_name2", ""};
    return names[Below(6)];
  }

  std::string Text() {
    static const char* const texts[] = {"", "x", "text", "\xc3\xa4\xe2\x82\xac",
                                        "longer than a word"};
    return texts[Below(5)];
  }

  void Append(bson_t* parent, const std::string& key, int depth) {
    const char* const k = key.c_str();
    const int n = static_cast<int>(key.size());
    const std::string text = Text();
    const int size = static_cast<int>(text.size());
    const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
    bson_oid_t oid;
    uint8_t raw[12];
    for (uint8_t& byte : raw) byte = static_cast<uint8_t>(random_());
    bson_oid_init_from_data(&oid, raw);
    bson_t inner;
    switch (Below(depth < 4 ? 26 : 20)) {
      case 0:
        bson_append_double(parent, k, n, static_cast<double>(random_()) / 7);
        break;
      case 1:
        bson_append_utf8(parent, k, n, text.data(), size);
        break;
      case 2:
        bson_append_binary(parent, k, n,
                           Below(2) == 0 ? BSON_SUBTYPE_BINARY : BSON_SUBTYPE_BINARY_DEPRECATED,
                           bytes, text.size());
        break;
      case 3:
        bson_append_undefined(parent, k, n);
        break;
      case 4:
        bson_append_oid(parent, k, n, &oid);
        break;
      case 5:
        bson_append_bool(parent, k, n, Below(2) == 0);
        break;
      case 6:
        bson_append_date_time(parent, k, n, static_cast<int64_t>(random_()));
        break;
      case 7:
        bson_append_null(parent, k, n);
        break;
      case 8:
        bson_append_regex(parent, k, n, text.c_str(), "im");
        break;
      case 9:
        bson_append_dbpointer(parent, k, n, "db.c", &oid);
        break;
      case 10:
        bson_append_code(parent, k, n, text.c_str());
        break;
      case 11:
        bson_append_symbol(parent, k, n, text.data(), size);
        break;
      case 12: {
        bson_init(&inner);
        bson_append_int32(&inner, "s", 1, 1);
        bson_append_code_with_scope(parent, k, n, text.c_str(), &inner);
        bson_destroy(&inner);
        break;
      }
      case 13:
        bson_append_int32(parent, k, n, static_cast<int32_t>(random_()));
        break;
      case 14:
        bson_append_timestamp(parent, k, n, static_cast<uint32_t>(random_()),
                              static_cast<uint32_t>(random_()));
        break;
      case 15:
        bson_append_int64(parent, k, n, static_cast<int64_t>(random_()));
        break;
      case 16: {
        bson_decimal128_t decimal;
        const std::string digits =
            fmt::format("{}{}{}E{}", Below(2) == 0 ? "-" : "", random_(), Below(3) == 0 ? "5" : "",
                        static_cast<int>(Below(700)) - 350);
        if (Below(4) == 0 || !bson_decimal128_from_string(digits.c_str(), &decimal)) {
          decimal = {random_(), random_()};
        }
        bson_append_decimal128(parent, k, n, &decimal);
        break;
      }
      case 17:
        bson_append_maxkey(parent, k, n);
        break;
      case 18:
        bson_append_minkey(parent, k, n);
        break;
      case 19:
        bson_append_int32(parent, k, n, static_cast<int32_t>(Below(10)));
        break;
      case 20:
      case 21:
      case 22:
        bson_append_document_begin(parent, k, n, &inner);
        Fill(&inner, depth + 1, false);
        bson_append_document_end(parent, &inner);
        break;
      default:
        bson_append_array_begin(parent, k, n, &inner);
        Fill(&inner, depth + 1, true);
        bson_append_array_end(parent, &inner);
    }
  }

  void Fill(bson_t* parent, int depth, bool is_array) {
    const uint32_t size = Below(6);
    for (uint32_t i = 0; i < size; ++i) {
      Append(parent, is_array ? std::to_string(i) : Name(), depth);
    }
  }

  std::string RandomBody() {
    bson_t* const bson = bson_new();
    Fill(bson, 1, false);
    std::string body(reinterpret_cast<const char*>(bson_get_data(bson)), bson->len);
    bson_destroy(bson);
    return body;
  }

  std::string Expected(const Document& document) {
    std::string text;
    for (const std::string& path : Paths()) {
      text += (text.empty() ? "" : " ") + LookUpText(document, path);
    }
    return text;
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  const BsonMessageType type_;
};

TEST_F(BsonDifferentialTest, WhatLibbsonWritesIsReadTheSame) {
  for (int round = 0; round < kRounds; ++round) {
    const std::string body = RandomBody();
    SCOPED_TRACE(fmt::format("seed {}, round {}", seed_, round));
    Document theirs;
    Document ours;
    ASSERT_TRUE(ReadWithLibbson(body, theirs));
    ASSERT_TRUE(type_.Parse(body, ours).ok());
    ASSERT_EQ(ValuesText(ours.root()), ValuesText(theirs.root()));
    ASSERT_EQ(ExtractText(type_, body, Paths()), Expected(theirs));
    ASSERT_EQ(Rewritten(type_, body), body);
  }
}

TEST_F(BsonDifferentialTest, WhatWeWriteLibbsonReads) {
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(fmt::format("seed {}, round {}", seed_, round));
    std::vector<std::pair<std::string, Value>> fields;
    std::vector<std::string> texts;
    Document expected;
    for (uint32_t i = Below(8); i != 0; --i) {
      const Value values[] = {Value::Null(),
                              Value::Bool(Below(2) == 0),
                              Value::Int(static_cast<int64_t>(random_())),
                              Value::Int(static_cast<int32_t>(random_())),
                              Value::Double(static_cast<double>(random_()) / 3),
                              Value::String("text \xc3\xa4"),
                              Value::String("\xff\xfe")};
      fields.emplace_back(Paths()[Below(static_cast<uint32_t>(Paths().size()))], values[Below(7)]);
      // Without those that have no place beside the others.
      if (SerializeText(type_, fields).find(" cannot be ") != std::string::npos) fields.pop_back();
    }
    for (const auto& [path, value] : fields) expected.Set(PathOf(path), value);
    const std::string body = SerializeText(type_, fields);
    Document theirs;
    ASSERT_TRUE(ReadWithLibbson(body, theirs)) << body;
    ASSERT_EQ(ValuesText(theirs.root()), ValuesText(expected.root()));
  }
}

TEST_F(BsonDifferentialTest, DamagedBodiesAreTakenOnlyWhereLibbsonTakesThem) {
  for (int round = 0; round < kRounds; ++round) {
    std::string body = RandomBody();
    for (uint32_t i = 1 + Below(2); i != 0; --i) {
      body[Below(static_cast<uint32_t>(body.size()))] = static_cast<char>(random_());
    }
    if (Below(4) == 0) body.resize(Below(static_cast<uint32_t>(body.size())));
    SCOPED_TRACE(fmt::format("seed {}, round {}", seed_, round));
    const std::string extracted = ExtractText(type_, body, Paths());
    ASSERT_NE(extracted, "outside");
    Document ours;
    if (!type_.Parse(body, ours).ok()) continue;
    ASSERT_EQ(extracted, Expected(ours));
    Document theirs;
    ASSERT_TRUE(ReadWithLibbson(body, theirs));
    ASSERT_EQ(ValuesText(ours.root()), ValuesText(theirs.root()));
  }
}

}  // namespace
}  // namespace fluxgate
