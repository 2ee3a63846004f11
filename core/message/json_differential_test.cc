// The extractor, and whole bodies read, written, merged and compared, against simdjson's DOM: on
// generated documents, all their truncations, and damaged copies.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/message/json_message_type.h"
#include "core/message/json_reference.h"
#include "core/message/message_testing.h"

namespace fluxgate {
namespace {

using Random = std::mt19937_64;

size_t Below(Random& random, size_t n) { return random() % n; }

template <typename... T>
std::string OneOf(Random& random, T... choices) {
  const std::vector<std::string> all = {choices...};
  return all[Below(random, all.size())];
}

std::string Blank(Random& random) {
  return Below(random, 6) == 0 ? OneOf(random, " ", "\n", "\t", "\r\n", "    ") : "";
}

std::string Name(Random& random) {
  if (Below(random, 2) == 0) return OneOf(random, "a", "b", "c");
  return OneOf(random, "a", "b", "c", "id", "name", "price", "customer_id", "customer_nm",
               "a_rather_long_member_name", "", "\\u0061", "q\\\"q", "\u00fc", "x y", "tab\\t");
}

std::string Number(Random& random) {
  switch (Below(random, 6)) {
    case 0:
      return fmt::format("{}", Below(random, 1000));
    case 1:
      return fmt::format("{}", static_cast<int64_t>(random()) >> Below(random, 64));
    case 2:
      return fmt::format("{}", random() >> Below(random, 8));
    case 3:
      return fmt::format("{}{}.{}", OneOf(random, "", "-"), Below(random, 10000),
                         random() >> Below(random, 60));
    case 4:
      return fmt::format("{}{}{}{}{}", OneOf(random, "", "-"), Below(random, 100),
                         OneOf(random, "e", "E"), OneOf(random, "", "+", "-"), Below(random, 300));
    default:
      return fmt::format("{}", static_cast<double>(random()) / static_cast<double>(random() | 1));
  }
}

std::string String(Random& random) {
  std::string text = "\"";
  for (size_t i = Below(random, Below(random, 8) == 0 ? 90 : 9); i > 0; --i) {
    text += Below(random, 8) > 0
                ? std::string(1, static_cast<char>('a' + Below(random, 26)))
                : OneOf(random, "\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00", "\u20ac", "{",
                        "}", "[", "]", ":", ",", " ", "\\/", "\U0001F600", "\\\\\\\"");
  }
  return text + "\"";
}

std::string Json(Random& random, int depth) {
  const size_t kind = Below(random, depth > 4 ? 4 : 7);
  if (kind < 2) return Number(random);
  if (kind == 2) return String(random);
  if (kind == 3) return OneOf(random, "true", "false", "null", "\"\"", "{}", "[]", "{ }", "[ ]");
  const bool object = kind > 4;
  std::string text = object ? "{" : "[";
  for (size_t i = Below(random, 6) + 1; i > 0; --i) {
    text += Blank(random);
    if (object) {
      text.append(1, '"').append(Name(random)).append(1, '"').append(Blank(random));
      text.append(1, ':').append(Blank(random));
    }
    text.append(Json(random, depth + 1)).append(Blank(random)).append(i > 1 ? "," : "");
  }
  return text + (object ? "}" : "]");
}

std::string Object(Random& random) {
  std::string text;
  do {
    text = Json(random, 0);
  } while (text[0] != '{');
  return text;
}

FieldPath RandomPath(Random& random) {
  FieldPath path;
  for (size_t i = Below(random, 3) + 1; i > 0; --i) {
    const std::string name =
        Below(random, 2) == 0
            ? OneOf(random, "a", "b", "c")
            : OneOf(random, "a", "b", "c", "id", "name", "price", "customer_id", "customer_nm",
                    "a_rather_long_member_name", "q\"q", "\u00fc", "x y", "tab\t", "none");
    path.steps.emplace_back(name);
    for (size_t level = 0; level < 2 && Below(random, 4) == 0; ++level) {
      const auto index = static_cast<int32_t>(Below(random, 3));
      if (level == 0) {
        path.steps.back().index = index;
      } else {
        path.steps.emplace_back("", index);
      }
    }
  }
  return path;
}

struct Outcome {
  bool ok = false;
  std::string values;
};

class Comparison {
 public:
  explicit Comparison(Random& random) {
    std::vector<FieldRequest> requests;
    for (size_t i = Below(random, 7) + 1; i > 0; --i) {
      paths_.push_back(RandomPath(random));
      requests.push_back({paths_.back(), static_cast<FieldSlot>(requests.size())});
    }
    extractor_ = JsonMessageType().NewExtractor(requests);
  }

  Outcome Extracted(std::string_view text) {
    // A block of its own, so that a sanitizer sees reading too far.
    const std::unique_ptr<char[]> bytes(new char[text.size() + kBodyPaddingBytes]);
    std::copy(text.begin(), text.end(), bytes.get());
    std::fill_n(bytes.get() + text.size(), kBodyPaddingBytes, '"');
    std::vector<Value> values(paths_.size());
    Outcome outcome;
    outcome.ok = extractor_->Extract({bytes.get(), text.size()}, values);
    for (const Value& value : values) outcome.values += ValueText(value) + " ";
    return outcome;
  }

  Outcome Expected(const std::string& text) {
    simdjson::dom::element root;
    Outcome outcome;
    outcome.ok = parser_.parse(text).get(root) == simdjson::SUCCESS;
    std::vector<Value> elements;
    for (const FieldPath& path : paths_) {
      outcome.values += ValueText(outcome.ok ? LookUpInDom(root, path, elements) : Value()) + " ";
    }
    return outcome;
  }

 private:
  std::vector<FieldPath> paths_;
  std::unique_ptr<Extractor> extractor_;
  simdjson::dom::parser parser_;
};

class JsonDifferentialTest : public testing::Test {
 protected:
  uint64_t seed_ = std::random_device()();
  Random random_{seed_};
};

TEST_F(JsonDifferentialTest, GeneratedDocuments) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  int found = 0;
  int arrays = 0;
  for (int i = 0; i < 10'000; ++i) {
    Comparison comparison(random_);
    const std::string text = Blank(random_) + Object(random_) + Blank(random_);
    const Outcome expected = comparison.Expected(text);
    ASSERT_TRUE(expected.ok) << text;
    const Outcome extracted = comparison.Extracted(text);
    ASSERT_TRUE(extracted.ok) << text;
    ASSERT_EQ(extracted.values, expected.values) << text;
    arrays += extracted.values.find('[') != std::string::npos ? 1 : 0;
    found += extracted.values.find_first_of("0123456789'") != std::string::npos ? 1 : 0;
  }
  // The generator does hit what is asked for.
  EXPECT_GT(found, 1'000);
  EXPECT_GT(arrays, 250);
}

TEST_F(JsonDifferentialTest, EveryTruncation) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  for (int i = 0; i < 300; ++i) {
    Comparison comparison(random_);
    const std::string text = Object(random_);
    const Outcome whole = comparison.Extracted(text);
    for (size_t size = 0; size < text.size(); ++size) {
      // Either it is noticed, or everything had been found before.
      const Outcome part = comparison.Extracted(std::string_view(text).substr(0, size));
      if (part.ok) {
        ASSERT_EQ(part.values, whole.values) << text.substr(0, size);
      }
    }
  }
}

// One to three bytes changed, added or taken out.
std::string Damaged(Random& random, std::string text) {
  for (size_t damage = Below(random, 3) + 1; damage > 0; --damage) {
    const size_t at = Below(random, text.size());
    switch (Below(random, 4)) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text[at] = R"({}[]:,"\0129.e- n)"[Below(random, 17)];
        break;
      case 2:
        if (text.size() > 1) text.erase(at, 1);
        break;
      default:
        text.insert(at, 1, R"({}[]:,"\0129.e- n)"[Below(random, 17)]);
    }
  }
  return text;
}

TEST_F(JsonDifferentialTest, DamagedDocuments) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  for (int i = 0; i < 15'000; ++i) {
    Comparison comparison(random_);
    const std::string text = Damaged(random_, Object(random_));
    const Outcome expected = comparison.Expected(text);
    const Outcome extracted = comparison.Extracted(text);
    if (expected.ok) {
      ASSERT_TRUE(extracted.ok) << text;
      ASSERT_EQ(extracted.values, expected.values) << text;
    }
  }
}

class JsonDocumentDifferentialTest : public JsonDifferentialTest {
 protected:
  simdjson::error_code ParseDom(const std::string& text) { return parser_.parse(text).get(dom_); }

  const JsonMessageType json_;
  simdjson::dom::parser parser_;
  simdjson::dom::element dom_;
};

TEST_F(JsonDocumentDifferentialTest, ReadAndWritten) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  for (int i = 0; i < 4'000; ++i) {
    const std::string text = Blank(random_) + Object(random_) + Blank(random_);
    Document document;
    ASSERT_TRUE(json_.Parse(text, document).ok()) << text;
    ASSERT_EQ(ParseDom(text), simdjson::SUCCESS);
    ASSERT_TRUE(SameAsDom(document.root(), dom_)) << text;

    std::string written;
    ASSERT_TRUE(json_.Write(document, written).ok()) << text;
    Document again;
    ASSERT_TRUE(json_.Parse(written, again).ok()) << written;
    ASSERT_TRUE(SameContent(document.root(), again.root())) << written;
    ASSERT_EQ(ParseDom(written), simdjson::SUCCESS) << written;
    ASSERT_TRUE(SameAsDom(document.root(), dom_)) << written;
  }
}

// The same document without the spelling of its body: everything is written anew.
void ForgetSpelling(Document::Node& node) {
  node.raw = {};
  for (const Document::Member& member : node.members) ForgetSpelling(*member.node);
  for (Document::Node* element : node.elements) ForgetSpelling(*element);
}

TEST_F(JsonDocumentDifferentialTest, WrittenFromValues) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  for (int i = 0; i < 4'000; ++i) {
    const std::string text = Object(random_);
    Document document;
    ASSERT_TRUE(json_.Parse(text, document).ok()) << text;
    ForgetSpelling(document.root());
    std::string written;
    ASSERT_TRUE(json_.Write(document, written).ok()) << text;
    ASSERT_EQ(ParseDom(written), simdjson::SUCCESS) << written;
    ASSERT_TRUE(SameAsDom(document.root(), dom_)) << text << " as " << written;
  }
}

TEST_F(JsonDocumentDifferentialTest, WhatIsNoJsonIsRefused) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  int refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = Damaged(random_, Object(random_));
    Document document;
    const bool ok = json_.Parse(text, document).ok();
    const simdjson::error_code error = ParseDom(text);
    // Numbers beyond simdjson's range are valid JSON.
    if (error == simdjson::NUMBER_ERROR) continue;
    ASSERT_EQ(ok, error == simdjson::SUCCESS && dom_.is_object()) << text << ": " << error;
    if (ok) {
      ASSERT_TRUE(SameAsDom(document.root(), dom_)) << text;
    }
    refused += ok ? 0 : 1;
  }
  EXPECT_GT(refused, 3'000);
}

// Members sorted by name; those of the same name stay in their order.
std::string SortedText(const Document::Node& node) {
  if (node.kind == Document::Node::Kind::kScalar) return std::string(node.raw);
  std::string text = "[";
  for (const Document::Node* element : node.elements) text += SortedText(*element) + ",";
  std::vector<Document::Member> members = node.members;
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const Document::Member& member : members) {
    text += std::string(member.name) + ":" + SortedText(*member.node) + ",";
  }
  return text + "]";
}

TEST_F(JsonDocumentDifferentialTest, DifferenceLaidOverTheOldBodyGivesTheNewOne) {
  SCOPED_TRACE(fmt::format("seed {}", seed_));
  for (int i = 0; i < 4'000; ++i) {
    const std::string before = Object(random_);
    // What a delta cannot say is left out: that something is gone.
    std::string after;
    ASSERT_TRUE(json_.Merge(before, Object(random_), after).ok());
    std::string delta;
    bool changed = false;
    ASSERT_TRUE(json_.Diff(before, after, {}, delta, changed).ok());
    std::string merged;
    ASSERT_TRUE(json_.Merge(before, delta, merged).ok());
    // New members may come in another order.
    Document merged_document;
    Document after_document;
    ASSERT_TRUE(json_.Parse(merged, merged_document).ok());
    ASSERT_TRUE(json_.Parse(after, after_document).ok());
    ASSERT_EQ(SortedText(merged_document.root()), SortedText(after_document.root()))
        << before << " and " << delta;
    EXPECT_EQ(changed, delta != "{}") << delta;
    ASSERT_EQ(ParseDom(delta), simdjson::SUCCESS) << delta;
  }
}

}  // namespace
}  // namespace fluxgate
