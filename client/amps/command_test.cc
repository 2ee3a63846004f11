#include "amps/command.h"

#include <gtest/gtest.h>

#include "amps/exceptions.h"

namespace AMPS {
namespace {

TEST(CommandTest, KeepsWhatIsSet) {
  Command command("sow_and_subscribe");
  command.setTopic("orders").setFilter("/price > 100").setBatchSize(100).setTopN(5);
  command.setOptions("oof").setOrderBy("/id").setSubId("mine").setTimeout(50);
  EXPECT_EQ(command.getCommand(), "sow_and_subscribe");
  EXPECT_EQ(command.getTopic(), "orders");
  EXPECT_EQ(command.getFilter(), "/price > 100");
  EXPECT_EQ(command.getBatchSize(), 100u);
  EXPECT_EQ(command.getTopN(), 5u);
  EXPECT_EQ(command.getOptions(), "oof");
  EXPECT_EQ(command.getOrderBy(), "/id");
  EXPECT_EQ(command.getSubId(), "mine");
  EXPECT_EQ(command.getTimeout(), 50);
  EXPECT_LT(command.getExpiration(), 0);
}

TEST(CommandTest, AckTypesAddUpByBitAndByName) {
  Command command("publish");
  EXPECT_EQ(command.getAckTypes(), 0u);
  command.addAckType(Message::Completed);
  command.addAckType("persisted,stats");
  EXPECT_EQ(command.getAckTypes(),
            static_cast<uint32_t>(Message::Completed | Message::Persisted | Message::Stats));
  command.addAckType("none");
  EXPECT_EQ(command.getAckTypes(),
            static_cast<uint32_t>(Message::Completed | Message::Persisted | Message::Stats));
}

TEST(CommandTest, AnAckThatDoesNotExistIsNamedAndNothingIsAdded) {
  for (const char* names : {"persistent", "processed,", "", "processed persisted"}) {
    Command command("publish");
    EXPECT_THROW(command.addAckType(names), InvalidOptionsException) << names;
    EXPECT_EQ(command.getAckTypes(), 0u);
  }
  try {
    Command("publish").addAckType("processed,persistent");
    FAIL();
  } catch (const InvalidOptionsException& e) {
    EXPECT_EQ(e.toString(), "InvalidOptionsException: no ack is called \"persistent\"");
  }
}

}  // namespace
}  // namespace AMPS
