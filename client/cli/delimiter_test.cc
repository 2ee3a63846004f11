#include "client/cli/delimiter.h"

#include <gtest/gtest.h>

#include <vector>

namespace fluxgate::cli {
namespace {

using Messages = std::vector<std::string>;

Messages Split(std::string_view input, const std::string& delimiter, size_t piece) {
  Messages messages;
  MessageSplitter splitter(delimiter, [&](std::string_view message) {
    messages.emplace_back(message);
    return true;
  });
  for (size_t i = 0; i < input.size(); i += piece) {
    EXPECT_TRUE(splitter.Add(input.substr(i, piece)));
  }
  EXPECT_TRUE(splitter.Finish());
  return messages;
}

TEST(Delimiter, SplitsTheSameInPiecesOfEverySize) {
  for (size_t piece = 1; piece < 30; ++piece) {
    EXPECT_EQ(Split("one\ntwo\n\nthree\n", "\n", piece), (Messages{"one", "two", "three"}));
    EXPECT_EQ(Split("one\ntwo", "\n", piece), (Messages{"one", "two"}));
    EXPECT_EQ(Split("a--b---c--", "--", piece), (Messages{"a", "b", "-c"}));
    EXPECT_EQ(Split("abcabd", "abd", piece), (Messages{"abc"}));
    EXPECT_EQ(Split("", "\n", piece), Messages{});
  }
}

TEST(Delimiter, StopsWhenTold) {
  int taken = 0;
  MessageSplitter splitter("\n", [&](std::string_view) { return ++taken < 2; });
  EXPECT_FALSE(splitter.Add("1\n2\n3\n"));
  EXPECT_EQ(taken, 2);
}

TEST(Delimiter, Escapes) {
  EXPECT_EQ(*ParseDelimiter("\\n"), "\n");
  EXPECT_EQ(*ParseDelimiter("\\t\\r\\\\,"), "\t\r\\,");
  EXPECT_EQ(*ParseDelimiter("\\0"), std::string(1, '\0'));
  EXPECT_EQ(*ParseDelimiter("\\x01\\xfF"), "\x01\xff");
  for (const char* bad : {"", "\\", "\\q", "\\x", "\\x1", "\\xgg"}) {
    EXPECT_FALSE(ParseDelimiter(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace fluxgate::cli
