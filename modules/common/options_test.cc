#include "modules/common/options.h"

#include <gtest/gtest.h>

namespace fluxgate::modules {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;

constexpr OptionName kKnown[] = {{"File"}, {"Count"}, {"Wait"}, {"Argument", true}};

absl::StatusOr<Options> Read(const std::vector<std::pair<std::string, std::string>>& values) {
  std::vector<amps_option> raw;
  for (const auto& [key, value] : values) raw.push_back({key.c_str(), value.c_str()});
  raw.push_back({nullptr, nullptr});
  return Options::Read(raw.data(), kKnown);
}

std::string ReadFailure(const std::vector<std::pair<std::string, std::string>>& values) {
  return FailureText(Read(values).status());
}

TEST(Options, UnknownAndDoubledOnesAreNamed) {
  EXPECT_EQ(ReadFailure({{"Fiel", "x"}}),
            "unknown option 'Fiel' (known are File, Count, Wait, Argument)");
  EXPECT_EQ(ReadFailure({{"File", "x"}, {"File", "y"}}), "option 'File' is given twice");
  const auto repeated = Read({{"Argument", "a"}, {"Argument", "b"}});
  ASSERT_TRUE(repeated.ok());
  EXPECT_EQ(repeated->All("Argument"), (std::vector<std::string>{"a", "b"}));
}

TEST(Options, LongestValue) {
  EXPECT_TRUE(Read({{"File", std::string(Options::kValueMax, 'x')}}).ok());
  EXPECT_EQ(ReadFailure({{"File", std::string(Options::kValueMax + 1, 'x')}}),
            "option 'File' is longer than 65536 bytes");
}

TEST(Options, NoneAtAll) {
  EXPECT_TRUE(Options::Read(nullptr, kKnown).ok());
  auto options = *Read({});
  EXPECT_EQ(options.Text("File", "otherwise"), "otherwise");
  EXPECT_EQ(options.Number("Count", 7, 1, 9), 7);
  EXPECT_EQ(options.Time("Wait", 3s, 1s, 9s), 3s);
  EXPECT_TRUE(options.status().ok());
  EXPECT_EQ(options.Required("File"), "");
  EXPECT_EQ(FailureText(options.status()), "option 'File' is missing");
}

TEST(Options, EmptyIsNotEnough) {
  auto options = *Read({{"File", ""}});
  options.Required("File");
  EXPECT_EQ(FailureText(options.status()), "option 'File' is empty");
}

TEST(Options, Numbers) {
  for (const auto& [text, right] : std::vector<std::pair<std::string, bool>>{{"1", true},
                                                                             {"9", true},
                                                                             {"0", false},
                                                                             {"10", false},
                                                                             {"", false},
                                                                             {"3x", false},
                                                                             {" 3", false},
                                                                             {"3.0", false}}) {
    auto options = *Read({{"Count", text}});
    options.Number("Count", 5, 1, 9);
    EXPECT_EQ(options.status().ok(), right) << text;
  }
  auto options = *Read({{"Count", "10"}});
  options.Number("Count", 5, 1, 9);
  EXPECT_EQ(FailureText(options.status()), "option 'Count' is '10', not a number from 1 to 9");
}

TEST(Options, Times) {
  EXPECT_EQ((*Read({{"Wait", "250ms"}})).Time("Wait", 1s, 1ms, 24h), 250ms);
  EXPECT_EQ((*Read({{"Wait", "2m"}})).Time("Wait", 1s, 1ms, 24h), 120s);
  EXPECT_EQ((*Read({{"Wait", "24h"}})).Time("Wait", 1s, 1ms, 24h), 24h);
  for (const char* text : {"25h", "0ms", "5", "s", "", "-1s", "1d", "99999999999999999999s"}) {
    auto options = *Read({{"Wait", text}});
    EXPECT_EQ(options.Time("Wait", 1s, 1ms, 24h), 1s) << text;
    EXPECT_FALSE(options.status().ok()) << text;
  }
}

TEST(Options, ContextWinsOverModule) {
  const auto module = *Read({{"File", "a"}, {"Argument", "1"}, {"Argument", "2"}});
  auto merged = module.OverriddenBy(*Read({{"Argument", "3"}}));
  EXPECT_EQ(merged.Text("File"), "a");
  EXPECT_EQ(merged.All("Argument"), (std::vector<std::string>{"3"}));
}

TEST(Options, TheFirstProblemIsKept) {
  auto options = *Read({{"Count", "x"}});
  options.Number("Count", 1, 1, 9);
  options.Required("File");
  EXPECT_NE(FailureText(options.status()).find("'Count'"), std::string::npos);
}

}  // namespace
}  // namespace fluxgate::modules
