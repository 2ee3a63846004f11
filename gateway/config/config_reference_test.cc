// docs/configuration.md says what the program does: its table is the schema's, its examples load.
#include "gateway/config/config_reference.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "gateway/config/config_loader.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

std::string Document() {
  std::ifstream file("docs/configuration.md");
  EXPECT_TRUE(file.is_open());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The contents of the document's blocks that start with ```language.
std::vector<std::string> Blocks(const std::string& language) {
  const std::string document = Document();
  const std::string open = "\n```" + language + "\n";
  std::vector<std::string> blocks;
  for (size_t at = document.find(open); at != std::string::npos; at = document.find(open, at)) {
    at += open.size();
    const size_t end = document.find("```", at);
    blocks.push_back(document.substr(at, end - at));
    at = end;
  }
  return blocks;
}

LoadOptions TestOptions() {
  LoadOptions options;
  options.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "FLUXGATE_PORT") return "9007";
    return std::nullopt;
  };
  return options;
}

TEST(ConfigReferenceTest, TheDocumentHasTheTable) {
  const std::string document = Document();
  const std::string begin = kReferenceBegin;
  const size_t start = document.find(begin);
  ASSERT_NE(start, std::string::npos);
  const size_t end = document.find(kReferenceEnd, start);
  ASSERT_NE(end, std::string::npos);
  EXPECT_EQ(document.substr(start + begin.size(), end - start - begin.size()), ElementReference())
      << "put the output of //gateway/config:print_reference between the marks";
}

TEST(ConfigReferenceTest, TheExamplesLoad) {
  const std::vector<std::string> examples = Blocks("xml");
  EXPECT_GE(examples.size(), 3u);
  for (const std::string& xml : examples) {
    const absl::StatusOr<Config> config = LoadText(xml, "example", TestOptions());
    EXPECT_TRUE(config.ok()) << ErrorText(config.status()) << "\n" << xml;
  }
}

// The example of a bad file is followed by what is said about it.
TEST(ConfigReferenceTest, TheErrorsAreTheOnesPrinted) {
  const std::vector<std::string> bad = Blocks("xml bad");
  const std::vector<std::string> said = Blocks("text");
  ASSERT_EQ(bad.size(), 1u);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(ErrorText(LoadText(bad[0], "gateway.xml", TestOptions()).status()) + "\n", said[0]);
}

}  // namespace
}  // namespace fluxgate::config
