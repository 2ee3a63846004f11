// FIX bodies against QuickFIX, both ways: generated ones, the same damaged, and ours read by it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/message/fix_message_type.h"
#include "core/message/message_testing.h"
#include "core/message/quickfix_reference.h"

namespace fluxgate {
namespace {

using Random = std::mt19937_64;

class FixDifferentialTest : public testing::Test {
 protected:
  size_t Below(size_t n) { return random_() % n; }

  std::string Text() {
    std::string text;
    for (size_t i = Below(Below(8) == 0 ? 90 : 9) + 1; i > 0; --i) {
      text += static_cast<char>(Below(20) == 0 ? 1 + Below(255) : 32 + Below(95));
    }
    std::erase(text, '\x01');
    return text.empty() ? "x" : text;
  }

  // Tags of QuickFIX's header and trailer, which it reads apart from the others, are left out.
  int Tag() {
    constexpr int kTags[] = {1,  11, 15, 38, 40, 44, 54,  55,  58,   59,    60,
                             75, 96, 91, 22, 48, 65, 106, 107, 5001, 20062, 123456789};
    return kTags[Below(std::size(kTags))];
  }

  const uint64_t seed_ = std::random_device()();
  Random random_{seed_};
  const FixMessageType fix_{FixMessageType::Names::kTags};
};

// What the extractor finds for all the tags, in the same form as QuickFIX's fields.
bool ReadWithExtractor(const FixMessageType& fix, const std::string& body,
                       const std::vector<int>& tags, QuickfixFields& fields) {
  std::vector<FieldRequest> requests;
  for (const int tag : tags) {
    requests.push_back({{{std::to_string(tag)}}, static_cast<FieldSlot>(requests.size())});
  }
  std::vector<Value> values(requests.size());
  const PaddedBody padded(body);
  const auto extractor = fix.NewExtractor(requests);
  if (!extractor->Extract(padded.view(), values)) return false;
  for (size_t i = 0; i < tags.size(); ++i) {
    for (const Value& value : values[i].elements()) {
      fields[tags[i]].emplace_back(value.is_null() ? "" : value.as_string());
    }
    if (values[i].is_array()) std::sort(fields[tags[i]].begin(), fields[tags[i]].end());
  }
  return true;
}

std::vector<int> TagsOf(const QuickfixFields& fields) {
  std::vector<int> tags;
  for (const auto& [tag, values] : fields) tags.push_back(tag);
  return tags;
}

TEST_F(FixDifferentialTest, ReadsWhatQuickfixWrites) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  for (int i = 0; i < 3'000; ++i) {
    std::vector<std::pair<int, std::string>> fields;
    for (size_t n = Below(30) + 1; n > 0; --n) fields.emplace_back(Tag(), Text());
    if (Below(2) == 0) {
      // QuickFIX writes fields in the order of tags, so that 95 stands directly before 96.
      const std::string data = Text() +
                               "\x01"
                               "55=none\x01" +
                               Text();
      std::erase_if(fields, [](const auto& field) { return field.first == 96; });
      fields.emplace_back(95, std::to_string(data.size()));
      fields.emplace_back(96, data);
    }
    const std::string body = WriteWithQuickfix("D", fields);
    std::map<int, std::vector<std::string>> expected;
    for (const auto& [tag, text] : fields) expected[tag] = {text};  // the last one counts
    expected[8] = {"FIX.4.4"};
    expected[35] = {"D"};
    QuickfixFields found;
    ASSERT_TRUE(ReadWithExtractor(fix_, body, TagsOf(expected), found)) << body;
    ASSERT_EQ(found, expected) << body;
  }
}

TEST_F(FixDifferentialTest, QuickfixReadsWhatIsWritten) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  for (int i = 0; i < 3'000; ++i) {
    std::vector<FieldValue> fields = {{{{"8"}}, Value::String("FIX.4.4")},
                                      {{{"35"}}, Value::String("D")}};
    std::vector<std::string> texts;
    texts.reserve(30);
    QuickfixFields expected = {{8, {"FIX.4.4"}}, {35, {"D"}}};
    for (size_t n = Below(30) + 1; n > 0; --n) {
      const int tag = Tag();
      if (expected.contains(tag)) continue;
      texts.push_back(Text());
      expected[tag] = {texts.back()};
      fields.push_back({{{std::to_string(tag)}}, Value::String(texts.back())});
    }
    std::string body;
    ASSERT_TRUE(fix_.Serialize(fields, body).ok());
    QuickfixFields found;
    ASSERT_TRUE(ReadWithQuickfix(body, found)) << body;
    ASSERT_EQ(found, expected) << body;
  }
}

TEST_F(FixDifferentialTest, RepeatedDamagedAndCutBodies) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  int accepted = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::string body =
        "8=FIX.4.4\x01"
        "9=5\x01"
        "35=D\x01";
    for (size_t n = Below(20) + 1; n > 0; --n) body += fmt::format("{}={}\x01", Tag(), Text());
    for (size_t damage = Below(3); damage > 0; --damage) {
      // The header stays: without it QuickFIX refuses everything.
      const size_t at = 21 + Below(body.size() - 21);
      constexpr std::string_view kBytes("\x01=0159x", 7);
      if (Below(2) == 0) {
        body[at] = kBytes[Below(kBytes.size())];
      } else {
        body.insert(at, 1, kBytes[Below(kBytes.size())]);
      }
    }
    Document document;
    const bool ok = fix_.Parse(body, document).ok();
    QuickfixFields extracted;
    ASSERT_EQ(ReadWithExtractor(fix_, body, {1, 55, 96, 5001}, extracted), ok) << body;
    QuickfixFields expected;
    // QuickFIX wants a separator behind the last field too, and takes tags with zeros before them.
    const bool theirs = ReadWithQuickfix(body, expected);
    if (!ok) continue;
    if (body.back() != '\x01') continue;
    ++accepted;
    QuickfixFields ours;
    for (const Document::Member& member : document.root().members) {
      int64_t tag = 0;
      std::from_chars(member.name.data(), member.name.data() + member.name.size(), tag);
      ours[static_cast<int>(tag)].emplace_back(
          member.node->value.is_null() ? "" : member.node->value.as_string());
    }
    for (auto& [tag, values] : ours) std::sort(values.begin(), values.end());
    ASSERT_TRUE(theirs) << body;
    ASSERT_EQ(ours, expected) << body;
    for (const auto& [tag, values] : extracted) ASSERT_EQ(values, expected[tag]) << body;
  }
  EXPECT_GT(accepted, 10'000);
}

}  // namespace
}  // namespace fluxgate
