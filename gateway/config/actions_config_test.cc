// <Actions>: read, written again, and complained about.
#include <string>
#include <string_view>

#include "fmt/format.h"
#include "gateway/config/actions_schema.h"
#include "gateway/config/config_error_testing.h"
#include "gateway/config/config_writer.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

using Kind = ActionPart::Kind;

constexpr std::string_view kTransport =
    "<Transports><Transport><Name>t</Name><Type>tcp</Type><InetAddr>9007</InetAddr>"
    "<InitialState>disabled</InitialState></Transport></Transports>\n";

LoadOptions TestOptions() {
  LoadOptions options;
  options.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "TOKEN") return "s3cret";
    if (name == "BROKEN") return "\xff";
    return std::nullopt;
  };
  return options;
}

absl::StatusOr<Config> Read(std::string_view actions, const LoadOptions& options = TestOptions()) {
  return LoadText(fmt::format("<FluxgateConfig>{}{}</FluxgateConfig>", kTransport, actions), "f",
                  options);
}

std::string Error(std::string_view actions, const LoadOptions& options = TestOptions()) {
  return ErrorText(Read(actions, options).status());
}

constexpr std::string_view kOn = "<On><Module>amps-action-on-startup</Module></On>";

std::string Action(std::string_view content) {
  return fmt::format("<Actions><Action>{}</Action></Actions>", content);
}

TEST(ActionsConfigTest, ReadsPartsAndOptionsInOrderAndWritesThemAgain) {
  const auto config = Read(R"(
    <AllowExecuteSystem>true</AllowExecuteSystem>
    <Actions>
      <Directory>/var/log/a</Directory>
      <Directory>/var/log/b</Directory>
      <Action>
        <On>
          <Module>amps-action-on-schedule</Module>
          <Options><Every>Saturday at 12:00</Every></Options>
        </On>
        <Do><Module>first</Module><Options>
          <Value>A=1</Value><Value>B=&lt;2&gt; ${TOKEN} $${X}</Value><Empty/>
        </Options></Do>
        <If><Module>second</Module></If>
        <Do><Module>third</Module><Options/></Do>
      </Action>
    </Actions>)");
  ASSERT_TRUE(config.ok()) << ErrorText(config.status());
  EXPECT_TRUE(config->allow_execute_system);
  EXPECT_FALSE(config->transports[0].enabled);
  EXPECT_EQ(config->action_directories, (std::vector<std::string>{"/var/log/a", "/var/log/b"}));
  ActionConfig expected;
  expected.parts = {
      {Kind::kOn, "amps-action-on-schedule", {{"Every", "Saturday at 12:00"}}},
      {Kind::kDo, "first", {{"Value", "A=1"}, {"Value", "B=<2> s3cret ${X}"}, {"Empty", ""}}},
      {Kind::kIf, "second", {}},
      {Kind::kDo, "third", {}}};
  EXPECT_EQ(config->actions, (std::vector<ActionConfig>{expected}));
  const auto again = LoadText(Dump(*config), "dump", TestOptions());
  ASSERT_TRUE(again.ok()) << ErrorText(again.status()) << Dump(*config);
  EXPECT_EQ(*again, *config);
}

TEST(ActionsConfigTest, AnActionHasAnOnAndADo) {
  EXPECT_EQ(Error("\n" + Action("<Do><Module>x</Module></Do>")), "f:3: <Action>: has no <On>");
  EXPECT_EQ(Error("\n" + Action(kOn)), "f:3: <Action>: has no <Do>");
  EXPECT_EQ(Error("\n" + Action(std::string(kOn) + "<Do/>")), "f:3: <Do>: has no <Module>");
}

TEST(ActionsConfigTest, OptionsAreTextsOnly) {
  const auto options = [](std::string_view text) {
    return Error("\n" + Action(fmt::format("{}<Do><Module>x</Module><Options>{}</Options></Do>",
                                           kOn, text)));
  };
  EXPECT_EQ(options("text"),
            "f:3: <Options>: has text where elements are expected; allowed: elements of any name "
            "with text");
  EXPECT_EQ(options("<A><B/></A>"),
            "f:3: <A>: has the element 'B' where text is expected; allowed: elements of any name "
            "with text");
  EXPECT_EQ(options("<A b='1'/>"),
            "f:3: <A>: has the attribute 'b'; allowed: elements without attributes");
  EXPECT_EQ(options("<A>${BROKEN}</A>"), "f:3: <A>: is not valid UTF-8");
  EXPECT_EQ(options("<A>${UNSET}</A>").substr(0, 11), "f:3: <A>: e");
}

TEST(ActionsConfigTest, OptionsAreLimited) {
  const auto options = [](uint32_t count) {
    std::string text;
    for (uint32_t i = 0; i < count; ++i) text += "<A/>";
    return Error("\n" + Action(fmt::format("{}<Do><Module>x</Module><Options>{}</Options></Do>",
                                           kOn, text)));
  };
  EXPECT_EQ(options(kFreeOptionsMax), "");
  EXPECT_EQ(options(kFreeOptionsMax + 1), "f:3: <A>: is one too many; allowed: 0 to 256 of them");
}

TEST(ActionsConfigTest, DirectoriesAreAbsolute) {
  EXPECT_EQ(Error("\n<Actions><Directory>logs</Directory></Actions>"),
            "f:3: <Directory>: is no absolute path; allowed: /directory");
}

TEST(ActionsConfigTest, FlagsAreWords) {
  EXPECT_EQ(Error("\n<AllowExecuteSystem>yes</AllowExecuteSystem>"),
            "f:3: <AllowExecuteSystem>: 'yes' is unknown; allowed: true, false");
}

TEST(ActionsConfigTest, WhatIsFoundIsSaidWhereItStands) {
  LoadOptions options = TestOptions();
  options.known.check_action = [](const Config&, const ActionConfig& action) {
    EXPECT_EQ(action.parts.size(), 2u);
    return std::vector<ActionProblem>{{0, "", {"'m' is not built yet", "", true}},
                                      {1, "B", {"is no number", "numbers"}},
                                      {1, "C", {"is missing", ""}}};
  };
  EXPECT_EQ(Error(R"(
<Actions><Action>
<On>
<Module>m</Module></On>
<Do><Module>x</Module>
<Options><A>1</A>
<B>s3cret</B></Options></Do>
</Action></Actions>)",
                  options),
            "f:5: <Module>: 'm' is not built yet\n"
            "f:6: <C>: is missing\n"
            "f:8: <B>: is no number; allowed: numbers");
}

}  // namespace
}  // namespace fluxgate::config
