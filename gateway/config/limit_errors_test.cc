// Values out of range: every limit at its ends and beyond, and what limits demand of each other.
#include <iterator>
#include <string>

#include "core/base/error.h"
#include "fmt/format.h"
#include "gateway/config/config_error_testing.h"
#include "gateway/config/config_schema.h"
#include "gtest/gtest.h"

namespace fluxgate::config {
namespace {

TEST(LimitErrorsTest, Units) {
  EXPECT_EQ(LimitError("ConnectionsMax", "10 kb"),
            "f:2: <ConnectionsMax>: '10 kb' has the unknown unit 'kb'; allowed: 1 to 1M (units: k, "
            "M)");
  EXPECT_EQ(LimitError("MessageSizeMax", "10k"),
            "f:2: <MessageSizeMax>: '10k' has the unknown unit 'k'; allowed: 1 to 1GB (bytes; "
            "units: kb, mb, gb, tb)");
  EXPECT_EQ(LimitError("LogonTimeout", "10"),
            "f:2: <LogonTimeout>: '10' has no unit; allowed: 1ms to 1h (with unit: ns, us, ms, s, "
            "m, h, d, w)");
  EXPECT_EQ(LimitError("FieldsMax", "many"),
            "f:2: <FieldsMax>: 'many' is not a whole number; allowed: 1 to 1M (units: k, M)");
}

struct Range {
  const char* name;
  const char* least;
  const char* below;
  const char* most;
  const char* above;
};

class LimitRangeTest : public testing::TestWithParam<Range> {};

TEST_P(LimitRangeTest, ItsEndsAndTheValuesBeyond) {
  const Range& range = GetParam();
  const std::string name = range.name;
  EXPECT_EQ(LimitError(name, range.least), "");
  const auto refusal = [&name](const char* text, const char* how) {
    return fmt::format("f:2: <{}>: '{}' is too {}; allowed: ", name, text, how);
  };
  EXPECT_TRUE(LimitError(name, range.below).starts_with(refusal(range.below, "small")));
  EXPECT_EQ(LimitError(name, range.most), "");
  EXPECT_TRUE(LimitError(name, range.above).starts_with(refusal(range.above, "large")));
}

// MessageSizeMax and GrpcMessageSizeMax depend on each other: below.

constexpr Range kRanges[] = {
    {"ConnectionsMax", "1", "0", "1M", "1000001"},
    {"ConnectionsPerAddressMax", "1", "0", "1M", "1000001"},
    {"HeaderSizeMax", "1kb", "1023", "16mb", "16777217"},
    {"SubscriptionsPerClientMax", "1", "0", "10M", "10000001"},
    {"TopicNameSizeMax", "1", "0", "64kb", "65537"},
    {"TopicsRememberedMax", "1", "0", "100M", "100000001"},
    {"FieldsMax", "1", "0", "1M", "1000001"},
    {"FilterSizeMax", "1", "0", "16mb", "16777217"},
    {"FilterDepthMax", "1", "0", "512", "513"},
    {"BodyDepthMax", "1", "0", "1024", "1025"},
    {"GrpcStreamsPerConnectionMax", "1", "0", "1M", "1000001"},
    {"QueriesPerClientMax", "1", "0", "1M", "1000001"},
    {"QueryHeldSizeMax", "1kb", "1023", "1tb", "1099511627777"},
    {"RecordsPerBatchMax", "1", "0", "1M", "1000001"},
    {"StoreBacklogMax", "1kb", "1023", "1tb", "1099511627777"},
    {"SelectListSizeMax", "1", "0", "16mb", "16777217"},
    {"SubscriptionPageMax", "1", "0", "1M", "1000001"},
    {"LogonTimeout", "1ms", "999us", "1h", "3600001ms"},
    {"CredentialSizeMax", "1", "0", "1mb", "1048577"},
    {"TlsHandshakeTimeout", "1ms", "999us", "1h", "3600001ms"},
    {"FrameTimeout", "1ms", "999us", "1h", "3600001ms"},
    {"UserNameSizeMax", "1", "0", "64kb", "65537"},
    {"LogonsWaitingMax", "1", "0", "1M", "1000001"},
    {"EntitlementTopicsMax", "1", "0", "100M", "100000001"},
    {"AdministrationTimeout", "1ms", "999us", "1h", "3600001ms"},
    {"EmbeddedClientsMax", "1", "0", "1M", "1000001"},
    {"EmbeddedCommandsMax", "1", "0", "10M", "10000001"},
    {"EmbeddedCommandsSizeMax", "1kb", "1023", "1tb", "1099511627777"},
    {"ModuleOutputMax", "1kb", "1023", "1gb", "1073741825"},
};

INSTANTIATE_TEST_SUITE_P(All, LimitRangeTest, testing::ValuesIn(kRanges),
                         [](const testing::TestParamInfo<Range>& info) {
                           return std::string(info.param.name);
                         });

TEST(LimitErrorsTest, EveryLimitHasARangeCase) {
  EXPECT_EQ(BuiltChildren("Limits").size(), std::size(kRanges) + 4);
}

TEST(LimitErrorsTest, LogonCacheTime) {
  EXPECT_EQ(LimitError("LogonCacheTime", "0s"), "");
  EXPECT_EQ(LimitError("LogonCacheTime", "1h"), "");
  EXPECT_EQ(LimitError("LogonCacheTime", "3600001ms"),
            "f:2: <LogonCacheTime>: '3600001ms' is too large; allowed: 0ns to 1h (with unit: ns, "
            "us, ms, s, m, h, d, w)");
}

TEST(LimitErrorsTest, LogonChallengesMax) {
  EXPECT_EQ(LimitError("LogonChallengesMax", "0"), "");
  EXPECT_EQ(LimitError("LogonChallengesMax", "15"), "");
  EXPECT_TRUE(LimitError("LogonChallengesMax", "16").find("'16' is too large; allowed: 0 to 15") !=
              std::string::npos);
}

TEST(LimitErrorsTest, MessageSizes) {
  const auto sizes = [](const std::string& message, const std::string& grpc) {
    return ErrorOf(With("<Limits>\n<MessageSizeMax>" + message +
                        "</MessageSizeMax>\n<GrpcMessageSizeMax>" + grpc +
                        "</GrpcMessageSizeMax></Limits>"));
  };
  EXPECT_EQ(sizes("1", "65kb"), "");
  EXPECT_EQ(sizes("1kb", "65kb"), "");
  EXPECT_EQ(sizes("1gb", "2047mb"), "");
  EXPECT_EQ(sizes("1kb", "66559"),
            "f:4: <GrpcMessageSizeMax>: '66559' is too small; allowed: 65KB to 2047MB (bytes; "
            "units: kb, mb, gb, tb)");
  EXPECT_EQ(sizes("1", "2gb"),
            "f:4: <GrpcMessageSizeMax>: '2gb' is too large; allowed: 65KB to 2047MB (bytes; units: "
            "kb, mb, gb, tb)");
  EXPECT_EQ(sizes("0", "65kb"),
            "f:3: <MessageSizeMax>: '0' is too small; allowed: 1 to 1GB (bytes; units: kb, mb, gb, "
            "tb)");
  EXPECT_EQ(sizes("1073741825", "2047mb"),
            "f:3: <MessageSizeMax>: '1073741825' is too large; allowed: 1 to 1GB (bytes; units: "
            "kb, mb, gb, tb)");
  // Together.
  EXPECT_EQ(sizes("1mb", "1088kb"), "");
  EXPECT_EQ(sizes("1mb", "1114111"),
            "f:4: <GrpcMessageSizeMax>: GrpcMessageSizeMax 1114111 is too small for MessageSizeMax "
            "1MB; allowed: GrpcMessageSizeMax of at least 1088KB");
  EXPECT_EQ(LimitError("MessageSizeMax", "20416kb"), "");
  EXPECT_EQ(LimitError("MessageSizeMax", "20mb"),
            "f:2: <MessageSizeMax>: GrpcMessageSizeMax 20MB is too small for MessageSizeMax 20MB; "
            "allowed: GrpcMessageSizeMax of at least 20544KB");
}

TEST(LimitErrorsTest, SlowClientItems) {
  const auto memory = [](const std::string& text) {
    return ErrorOf(With("<MessageMemoryLimit>" + text + "</MessageMemoryLimit>"));
  };
  const std::string allowed =
      "; allowed: 1MB to 16TB (bytes; units: kb, mb, gb, tb), or 1% to 100% of the machine's "
      "memory";
  EXPECT_EQ(memory("1%"), "");
  EXPECT_EQ(memory("100%"), "");
  EXPECT_EQ(memory("0%"), "f:2: <MessageMemoryLimit>: '0%' is too small" + allowed);
  EXPECT_EQ(memory("101%"), "f:2: <MessageMemoryLimit>: '101%' is too large" + allowed);
  EXPECT_EQ(memory("1mb"), "");
  EXPECT_EQ(memory("16tb"), "");
  EXPECT_EQ(memory("1048575"), "f:2: <MessageMemoryLimit>: '1048575' is too small" + allowed);
  EXPECT_EQ(memory("17592186044417"),
            "f:2: <MessageMemoryLimit>: '17592186044417' is too large" + allowed);
  EXPECT_EQ(memory("10k"), "f:2: <MessageMemoryLimit>: '10k' has the unknown unit 'k'" + allowed);

  const auto share = [](const std::string& text) {
    return ErrorOf(With("<ClientMaxCapacity>" + text + "</ClientMaxCapacity>"));
  };
  EXPECT_EQ(share("1%"), "");
  EXPECT_EQ(share("100%"), "");
  EXPECT_EQ(share("0%"),
            "f:2: <ClientMaxCapacity>: '0%' is too small; allowed: 1% to 100% (with %)");
  EXPECT_EQ(share("101%"),
            "f:2: <ClientMaxCapacity>: '101%' is too large; allowed: 1% to 100% (with %)");
  EXPECT_EQ(share("50"),
            "f:2: <ClientMaxCapacity>: '50' has no unit; allowed: 1% to 100% (with %)");
}

TEST(LimitErrorsTest, DrainTimeout) {
  const auto drain = [](const std::string& text) {
    return ErrorOf(With("<DrainTimeout>" + text + "</DrainTimeout>"));
  };
  EXPECT_EQ(drain("0s"), "");
  EXPECT_EQ(drain("1h"), "");
  EXPECT_EQ(drain("3600001ms"),
            "f:2: <DrainTimeout>: '3600001ms' is too large; allowed: 0ns to 1h (with unit: ns, us, "
            "ms, s, m, h, d, w)");
}

TEST(LimitErrorsTest, ThreadMonitorThreshold) {
  const auto threshold = [](const std::string& text) {
    return ErrorOf(With("<ThreadMonitorThreshold>" + text + "</ThreadMonitorThreshold>"));
  };
  EXPECT_EQ(threshold("0s"), "");
  EXPECT_EQ(threshold("1h"), "");
  EXPECT_EQ(threshold("3600001ms"),
            "f:2: <ThreadMonitorThreshold>: '3600001ms' is too large; allowed: 0ns to 1h (with "
            "unit: ns, us, ms, s, m, h, d, w)");
}

}  // namespace
}  // namespace fluxgate::config
