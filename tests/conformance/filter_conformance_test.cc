// Runs the filter cases in filter_cases.txt and the examples in docs/filters.md.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/filter/filter.h"
#include "core/filter/filter_in_parts.h"
#include "core/message/json_message_type.h"
#include "tests/conformance/filter_cases.h"

namespace fluxgate {
namespace {

using Expected = FilterCase::Expected;

// One message, with the values of the fields that a filter reads.
class Message {
 public:
  explicit Message(std::string_view text) : bytes_(text.size() + kBodyPaddingBytes) {
    std::memcpy(bytes_.data(), text.data(), text.size());
    body_ = {bytes_.data(), text.size()};
  }

  std::vector<Value> Values(const Filter& filter, const FieldTable& fields) {
    std::vector<FieldRequest> requests;
    for (const FieldSlot slot : filter.slots()) requests.push_back({fields.path(slot), slot});
    std::vector<Value> values(fields.slot_end());
    extractor_ = JsonMessageType().NewExtractor(std::move(requests));
    EXPECT_TRUE(extractor_->Extract(body_, values));
    return values;
  }

 private:
  std::vector<char> bytes_;
  std::string_view body_;
  std::unique_ptr<Extractor> extractor_;
};

bool Matches(const std::string& text, Message& message) {
  FieldTable fields;
  const auto filter = Filter::Compile(text, fields);
  if (!filter.ok()) {
    ADD_FAILURE() << text << ": " << filter.status();
    return false;
  }
  const std::vector<Value> values = message.Values(**filter, fields);
  const bool matches = (*filter)->Matches(values);
  EXPECT_EQ(MatchesInParts(**filter, values), matches) << text;

  const std::string& canonical = (*filter)->canonical();
  const auto again = Filter::Compile(canonical, fields);
  if (again.ok()) {
    EXPECT_EQ((*again)->canonical(), canonical) << text;
    EXPECT_EQ((*again)->Matches(message.Values(**again, fields)), matches) << canonical;
  } else {
    ADD_FAILURE() << canonical << ": " << again.status();
  }
  return matches;
}

void Run(const FilterCase& c) {
  SCOPED_TRACE(c.file + ":" + std::to_string(c.line) + ": " + c.filter + "   on " + c.message);
  if (c.expected == Expected::kError) {
    FieldTable fields;
    const auto filter = Filter::Compile(c.filter, fields);
    ASSERT_FALSE(filter.ok());
    EXPECT_EQ(ErrorCodeOf(filter.status()), ErrorCode::kBadFilter);
    EXPECT_NE(ErrorText(filter.status()).find(c.error), std::string::npos)
        << ErrorText(filter.status());
    EXPECT_GE(ErrorOffsetOf(filter.status()), 0);
    EXPECT_LE(ErrorOffsetOf(filter.status()), static_cast<int64_t>(c.filter.size()));
    EXPECT_EQ(fields.in_use(), 0u);
    return;
  }
  Message message(c.message);
  EXPECT_EQ(Matches(c.filter, message), c.expected == Expected::kTrue);
  EXPECT_EQ(Matches("NOT (" + c.filter + ")", message), c.expected == Expected::kFalse);
  EXPECT_EQ(Matches("(NOT (" + c.filter + ")) IS NULL", message), c.expected == Expected::kNull);
}

void RunFile(const std::string& file, size_t at_least) {
  std::string problem;
  const std::vector<FilterCase> cases = ReadFilterCases(file, problem);
  EXPECT_EQ(problem, "");
  EXPECT_GE(cases.size(), at_least);
  for (const FilterCase& c : cases) Run(c);
}

TEST(FilterConformanceTest, Cases) { RunFile("tests/conformance/filter_cases.txt", 150); }

TEST(FilterConformanceTest, ExamplesInTheManual) { RunFile("docs/filters.md", 50); }

}  // namespace
}  // namespace fluxgate
