// docs/actions.md against the registry, and what is said of options that are wrong.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "fmt/format.h"
#include "gateway/actions/action_registry.h"
#include "gateway/config/config_loader.h"
#include "gtest/gtest.h"

namespace fluxgate {
namespace {

config::LoadOptions Options() {
  config::LoadOptions options;
  options.environment = [](std::string_view) -> std::optional<std::string> { return std::nullopt; };
  options.known.message_types = {"json"};
  options.known.check_action = [](const config::Config& config,
                                  const config::ActionConfig& action) {
    return ActionRegistry().Check(config, action, {"json"});
  };
  return options;
}

std::string Document() {
  std::ifstream file("docs/actions.md");
  EXPECT_TRUE(file.is_open());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// In a configuration with a transport, what may be done being allowed as `root` says.
std::string Error(std::string_view on, std::string_view step, std::string_view root = "") {
  const auto part = [](std::string_view kind, std::string_view text) {
    const size_t space = std::min(text.find(' '), text.size());
    return fmt::format("<{0}><Module>{1}</Module><Options>{2}</Options></{0}>", kind,
                       text.substr(0, space), text.substr(space));
  };
  const std::string_view kind =
      step.substr(0, 14) == "amps-action-if" ? std::string_view("If") : std::string_view("Do");
  const std::string nothing = "<Do><Module>amps-action-do-nothing</Module></Do>";
  const std::string xml = fmt::format(
      "<FluxgateConfig><Transports><Transport><Name>t</Name><Type>tcp</Type>"
      "<InetAddr>1</InetAddr></Transport></Transports>{}<Action>{}{}{}</Action></Actions>"
      "</FluxgateConfig>",
      root.empty() ? "<Actions>" : root, part("On", on), part(kind, step), nothing);
  return ErrorText(config::LoadText(xml, "f", Options()).status());
}

constexpr std::string_view kStartup = "amps-action-on-startup";
constexpr std::string_view kNothing = "amps-action-do-nothing";

TEST(ActionsReferenceTest, TheExamplesLoad) {
  const std::string document = Document();
  const std::string open = "\n```xml\n";
  int examples = 0;
  for (size_t at = document.find(open); at != std::string::npos; at = document.find(open, at)) {
    at += open.size();
    const size_t end = document.find("```", at);
    const auto config = config::LoadText(document.substr(at, end - at), "example", Options());
    EXPECT_TRUE(config.ok()) << ErrorText(config.status()) << document.substr(at, end - at);
    at = end;
    ++examples;
  }
  EXPECT_GE(examples, 3);
}

TEST(ActionsReferenceTest, TheDocumentNamesEveryModule) {
  const std::string document = Document();
  for (const std::string& name : ActionRegistry().Names()) {
    const bool is_built = name.front() != '!';
    const std::string bare = is_built ? name : name.substr(1);
    EXPECT_NE(document.find("`" + bare + "`"), std::string::npos) << bare;
  }
}

TEST(ActionsReferenceTest, UnknownModules) {
  EXPECT_EQ(Error("amps-action-on-moon", kNothing).substr(0, 60),
            "f:1: <Module>: is unknown; allowed: amps-action-on-connect-c");
  EXPECT_EQ(Error(kStartup, "amps-action-do-magic").substr(0, 34),
            "f:1: <Module>: is unknown; allowed");
  EXPECT_EQ(Error(kStartup, "amps-action-if-magic"),
            "f:1: <Module>: is unknown; allowed: amps-action-if-condition, "
            "amps-action-if-file-system-usage");
}

TEST(ActionsReferenceTest, WhatIsNotBuiltSaysSo) {
  for (const std::string& name : ActionRegistry().Names()) {
    if (name.front() != '!') continue;
    const std::string bare = name.substr(1);
    const bool is_trigger = bare.starts_with("amps-action-on-");
    const std::string error = is_trigger ? Error(bare, kNothing) : Error(kStartup, bare);
    EXPECT_EQ(error.find(fmt::format("f:1: <Module>: '{}' is not built yet", bare)), 0u) << error;
  }
}

TEST(ActionsReferenceTest, UnknownMissingAndDoubledOptions) {
  EXPECT_EQ(Error("amps-action-on-startup <A>1</A>", kNothing),
            "f:1: <A>: is no option of amps-action-on-startup; allowed: none");
  EXPECT_EQ(Error("amps-action-on-schedule", kNothing).substr(0, 41),
            "f:1: <Module>: needs the option Every\nf:1");
  EXPECT_EQ(Error("amps-action-on-signal <Signal>TERM</Signal><Signal>INT</Signal>", kNothing),
            "f:1: <Signal>: is there twice; allowed: one");
  EXPECT_EQ(Error(kStartup, "amps-action-do-echo-message <Message/>"), "f:1: <Message>: is empty");
}

TEST(ActionsReferenceTest, ValuesOfOptions) {
  EXPECT_EQ(Error("amps-action-on-schedule <Every>often</Every>", kNothing),
            "f:1: <Every>: is no schedule; allowed: an interval (10ms to 366d), HH:MM, day at "
            "HH:MM, Saturday at HH:MM");
  EXPECT_EQ(Error("amps-action-on-signal <Signal>SIGKILL</Signal>", kNothing),
            "f:1: <Signal>: is none of them; allowed: SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, "
            "SIGQUIT");
  EXPECT_EQ(Error(kStartup, "amps-action-do-enable-transport <Transport>x</Transport>"),
            "f:1: <Transport>: is no transport of this configuration");
  EXPECT_EQ(Error("amps-action-on-publish-message <MessageType>fix</MessageType><Topic>t</Topic>",
                  kNothing),
            "f:1: <MessageType>: is unknown; allowed: json");
  EXPECT_EQ(Error("amps-action-on-publish-message <MessageType>json</MessageType><Topic>t</Topic>"
                  "<Filter>/a ==</Filter>",
                  kNothing)
                .substr(0, 15),
            "f:1: <Filter>: ");
  EXPECT_EQ(Error(kStartup, "amps-action-if-condition <Operator>=</Operator>"),
            "f:1: <Operator>: is unknown; allowed: == != < <= > >= LIKE");
  EXPECT_EQ(Error(kStartup, "amps-action-if-file-system-usage <Path>/</Path>"),
            "f:1: <Module>: needs one of the options GreaterThan and LessThan");
}

TEST(ActionsReferenceTest, FilesAndProgramsNeedPermission) {
  const std::string remove =
      "amps-action-do-remove-files <Pattern>/var/log/x/*</Pattern><Age>1d</Age>";
  EXPECT_EQ(Error(kStartup, remove),
            "f:1: <Module>: needs a Directory in Actions, below which it may touch files");
  EXPECT_EQ(Error(kStartup, remove, "<Actions><Directory>/var/log/x</Directory>"), "");
  const std::string run = "amps-action-do-execute-system <Command>/bin/true</Command>";
  EXPECT_EQ(Error(kStartup, run),
            "f:1: <Module>: needs <AllowExecuteSystem>true</AllowExecuteSystem> in the "
            "configuration");
  const std::string allow = "<AllowExecuteSystem>true</AllowExecuteSystem><Actions>";
  EXPECT_EQ(Error(kStartup, run, allow), "");
  EXPECT_EQ(Error(kStartup, "amps-action-do-execute-system <Command>true</Command>", allow),
            "f:1: <Command>: is no absolute path; allowed: /path/to/program");
}

// Options may be secrets: what is said of them does not repeat them.
TEST(ActionsReferenceTest, ValuesAreNotRepeated) {
  const std::string error =
      Error("amps-action-on-schedule <Every>s3cret</Every><Token>s3cret</Token>", kNothing);
  EXPECT_EQ(error.find("s3cret"), std::string::npos) << error;
}

}  // namespace
}  // namespace fluxgate
