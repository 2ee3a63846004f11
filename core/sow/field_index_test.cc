#include "core/sow/field_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/sow/sow_testing.h"

namespace fluxgate {
namespace {

const char* const kValues[] = {"1",      "2",     "10",       "1.0",           "\"1\"",
                               "\"10\"", "\"a\"", "\"ab\"",   "\"abcdefghi\"", "\"abcdefghj\"",
                               "true",   "false", "\"true\"", "null",          "[1,\"a\"]",
                               "[]",     "-3.5",  "1e300",    "\"1e2\"",       "9007199254740993"};

std::string RandomBody(std::mt19937_64& random, int id) {
  const auto value = [&] { return std::string(kValues[random() % std::size(kValues)]); };
  return "{\"id\":" + std::to_string(id) + ",\"a\":" + value() + ",\"b\":" + value() + "}";
}

// With an index a query has the same answer as without, whatever is asked and however the records
// change.
TEST(FieldIndexTest, LeavesNothingOut) {
  const std::vector<std::string> filters = {"/a = 1",
                                            "/a = '1'",
                                            "/a = 'a'",
                                            "/a IN (1, 'a', 10)",
                                            "/a = 'true'",
                                            "/a > 1",
                                            "/a >= -3.5",
                                            "/a < 10",
                                            "/a BETWEEN 1 AND 2",
                                            "/a = 1 AND /b = 1",
                                            "/b = 'ab'",
                                            "/a = 'abcdefghi'",
                                            "/a > 1 AND /b = 'a'",
                                            "/a IN (1,2) AND /b IN ('1','a')",
                                            "/a = 9007199254740993",
                                            "/a = 1e300"};
  std::mt19937_64 random(20261122);
  for (int round = 0; round < 20; ++round) {
    SowTopicDefinition definition = TestTopic::ById();
    definition.memo_indexes_max = 0;
    TestTopic plain(definition);
    definition.hash_indexes = {{"/a"}, {"/b", "/a"}};
    TestTopic hashed(definition);
    definition.hash_indexes.clear();
    definition.ordered_indexes = {"/a", "/b"};
    TestTopic ordered(definition);
    definition.ordered_indexes.clear();
    definition.memo_indexes_max = 2;
    TestTopic memo(definition);
    for (int change = 0; change < 150; ++change) {
      const int id = static_cast<int>(random() % 40);
      const std::string body = RandomBody(random, id);
      const bool removes = random() % 4 == 0;
      for (TestTopic* topic : {&plain, &hashed, &ordered, &memo}) {
        const auto put = topic->Put(body);
        ASSERT_TRUE(put.ok()) << put.status();
        if (removes) topic->Remove(put->current->key);
        topic->topic().RunSlice();
      }
      if (change % 10 != 0) continue;
      for (const std::string& text : filters) {
        std::vector<std::vector<std::string>> answers;
        for (TestTopic* topic : {&plain, &hashed, &ordered, &memo}) {
          SowQuerySpec spec;
          spec.filter = topic->Compile(text);
          answers.push_back(topic->All(std::move(spec)));
          std::ranges::sort(answers.back());
        }
        ASSERT_EQ(answers[1], answers[0]) << "hash index: " << text;
        ASSERT_EQ(answers[2], answers[0]) << "ordered index: " << text;
        ASSERT_EQ(answers[3], answers[0]) << "memo index: " << text;
      }
    }
    EXPECT_EQ(memo.topic().index_count(), 2u) << "made on first use, no more than allowed";
  }
}

TEST(FieldIndexTest, TheFirstOfAnOrderAreTheSameWithAnIndex) {
  std::mt19937_64 random(7);
  for (const char* order : {"/a", "/a DESC", "/a DESC, /b", "/b, /a DESC"}) {
    SowTopicDefinition definition = TestTopic::ById();
    definition.memo_indexes_max = 0;
    TestTopic plain(definition);
    definition.ordered_indexes = {"/a", "/b"};
    TestTopic indexed(definition);
    for (int id = 0; id < 300; ++id) {
      std::string body = RandomBody(random, id);
      if (body.find('[') != std::string::npos) continue;  // has no one place in the order
      ASSERT_TRUE(plain.Put(body).ok());
      ASSERT_TRUE(indexed.Put(body).ok());
    }
    for (const uint32_t top_n : {1u, 5u, 100u}) {
      std::vector<std::vector<std::string>> answers;
      for (TestTopic* topic : {&plain, &indexed}) {
        SowQuerySpec spec;
        spec.filter = topic->Compile("/id > 50");
        spec.order_by = topic->Order(order);
        spec.top_n = top_n;
        spec.skip_n = 3;
        answers.push_back(topic->All(std::move(spec)));
      }
      EXPECT_EQ(answers[1], answers[0]) << order << " " << top_n;
      EXPECT_EQ(answers[0].size(), top_n);
    }
  }
}

}  // namespace
}  // namespace fluxgate
