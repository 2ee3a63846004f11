// Random maps: msgpack-c's read by us, ours read by msgpack-c.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <msgpack.h>

#include <random>
#include <string>
#include <vector>

#include "core/message/extract_testing.h"
#include "core/message/msgpack_message_type.h"
#include "core/message/msgpack_reference.h"

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

class MsgpackDifferentialTest : public ::testing::Test {
 protected:
  MsgpackDifferentialTest() : seed_(std::random_device()()), random_(seed_) {
    msgpack_sbuffer_init(&buffer_);
    msgpack_packer_init(&packer_, &buffer_, msgpack_sbuffer_write);
  }
  ~MsgpackDifferentialTest() override { msgpack_sbuffer_destroy(&buffer_); }

  uint32_t Below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }

  void PackText(std::string_view text) {
    msgpack_pack_str_with_body(&packer_, text.data(), text.size());
  }

  std::string Text() {
    const uint32_t sizes[] = {0, 1, 7, 31, 32, 255, 256, 70000};
    return std::string(sizes[Below(Below(20) == 0 ? 8 : 5)], static_cast<char>('a' + Below(26)));
  }

  void PackInteger() {
    const uint64_t bits = random_() >> Below(64);
    if (Below(2) == 0) {
      msgpack_pack_uint64(&packer_, bits);
    } else {
      msgpack_pack_int64(&packer_, -static_cast<int64_t>(bits >> 1));
    }
  }

  void PackExtension() {
    if (Below(2) == 0) {
      const msgpack_timestamp time = {static_cast<int64_t>(random_()) >> Below(64),
                                      Below(2) == 0 ? 0 : Below(1'000'000'000)};
      msgpack_pack_timestamp(&packer_, &time);
      return;
    }
    const uint32_t sizes[] = {1, 2, 3, 4, 8, 16, 17, 300};
    const std::string content(sizes[Below(8)], 'e');
    msgpack_pack_ext_with_body(&packer_, content.data(), content.size(), 5);
  }

  void PackValue(int depth) {
    const std::string text = Text();
    switch (Below(depth < 4 ? 14 : 9)) {
      case 0:
        msgpack_pack_nil(&packer_);
        break;
      case 1:
        if (Below(2) == 0) {
          msgpack_pack_true(&packer_);
        } else {
          msgpack_pack_false(&packer_);
        }
        break;
      case 2:
      case 3:
        PackInteger();
        break;
      case 4:
        msgpack_pack_float(&packer_, static_cast<float>(random_()) / 7);
        break;
      case 5:
        msgpack_pack_double(&packer_, static_cast<double>(random_()) / 7);
        break;
      case 6:
        PackText(text);
        break;
      case 7:
        msgpack_pack_bin_with_body(&packer_, text.data(), text.size());
        break;
      case 8:
        PackExtension();
        break;
      case 9:
      case 10:
      case 11: {
        const uint32_t size = Below(30) == 0 ? 20 : Below(5);
        msgpack_pack_array(&packer_, size);
        for (uint32_t i = 0; i < size; ++i) PackValue(depth + 1);
        break;
      }
      default:
        PackMap(depth + 1);
    }
  }

  void PackMap(int depth) {
    static const char* const names[] = {"a", "b", "c", "long_name", "long_name2", ""};
    const uint32_t size = Below(40) == 0 ? 20 : Below(6);
    msgpack_pack_map(&packer_, size);
    for (uint32_t i = 0; i < size; ++i) {
      if (Below(20) == 0) {
        PackValue(4);
      } else {
        PackText(names[Below(6)]);
      }
      PackValue(depth);
    }
  }

  std::string RandomBody() {
    msgpack_sbuffer_clear(&buffer_);
    PackMap(1);
    return std::string(buffer_.data, buffer_.size);
  }

  static std::string Expected(const Document& document) {
    std::string text;
    for (const std::string& path : Paths()) {
      text += (text.empty() ? "" : " ") + LookUpText(document, path);
    }
    return text;
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  msgpack_sbuffer buffer_;
  msgpack_packer packer_;
  const MsgpackMessageType type_;
};

TEST_F(MsgpackDifferentialTest, WhatMsgpackCWritesIsReadTheSame) {
  for (int round = 0; round < kRounds; ++round) {
    const std::string body = RandomBody();
    SCOPED_TRACE(fmt::format("seed {}, round {}", seed_, round));
    Document theirs;
    ASSERT_TRUE(ReadWithMsgpackC(body, theirs));
    ASSERT_EQ(ExtractText(type_, body, Paths()), Expected(theirs));
    ASSERT_EQ(Rewritten(type_, body), body);
  }
}

TEST_F(MsgpackDifferentialTest, WhatWeWriteMsgpackCReads) {
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(fmt::format("seed {}, round {}", seed_, round));
    const std::string text = Text();
    std::vector<std::pair<std::string, Value>> fields;
    Document expected;
    for (uint32_t i = Below(8); i != 0; --i) {
      const uint64_t bits = random_() >> Below(64);
      const Value values[] = {Value::Null(),
                              Value::Bool(Below(2) == 0),
                              Value::Uint(bits),
                              Value::Int(-static_cast<int64_t>(bits >> 1)),
                              Value::Double(static_cast<double>(bits) / 3),
                              Value::String(text),
                              Value::String("\xff\xfe")};
      fields.emplace_back(Paths()[Below(static_cast<uint32_t>(Paths().size()))], values[Below(7)]);
      // Without those that have no place beside the others.
      if (SerializeText(type_, fields).find(" cannot be ") != std::string::npos) fields.pop_back();
    }
    for (const auto& [path, value] : fields) expected.Set(PathOf(path), value);
    const std::string body = SerializeText(type_, fields);
    Document theirs;
    ASSERT_TRUE(ReadWithMsgpackC(body, theirs)) << body;
    ASSERT_EQ(ValuesText(theirs.root()), ValuesText(expected.root()));
  }
}

TEST_F(MsgpackDifferentialTest, DamagedBodiesAreTakenOnlyWhereMsgpackCTakesThem) {
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
    ASSERT_TRUE(ReadWithMsgpackC(body, theirs));
    ASSERT_EQ(extracted, Expected(theirs));
  }
}

}  // namespace
}  // namespace fluxgate
