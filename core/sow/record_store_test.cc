#include "core/sow/record_store.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

#include "core/sow/record_memory.h"

namespace fluxgate {
namespace {

RecordRef Make(RecordMemory& memory, uint64_t key, std::string_view body, uint64_t sequence = 0) {
  RecordRef record = memory.New({}, body);
  record.mutable_record()->key = key;
  record.mutable_record()->sequence = sequence;
  return record;
}

TEST(RecordMemoryTest, KeepsKeysAndBodiesOfAllSizes) {
  RecordMemory memory;
  std::vector<RecordRef> records;
  for (size_t size : {0, 1, 15, 16, 100, 1000, 5000, 8000, 8100, 8192, 8200, 70'000}) {
    records.push_back(memory.New("key", std::string(size, 'x')));
    EXPECT_EQ(records.back()->key_text(), "key");
    EXPECT_EQ(records.back()->body(), std::string(size, 'x'));
  }
  EXPECT_GT(memory.bytes(), 0u);
  records.clear();
  EXPECT_EQ(memory.bytes(), 0u) << "all of it goes back";
}

TEST(RecordMemoryTest, BlocksAreUsedAgain) {
  RecordMemory memory;
  std::vector<RecordRef> records;
  for (int i = 0; i < 5000; ++i) records.push_back(memory.New({}, std::string(200, 'a')));
  const uint64_t full = memory.bytes();
  for (int round = 0; round < 10; ++round) {
    for (size_t i = 0; i < records.size(); i += 2) records[i] = RecordRef();
    for (size_t i = 0; i < records.size(); i += 2)
      records[i] = memory.New({}, std::string(200, 'b'));
  }
  EXPECT_LE(memory.bytes(), full + RecordMemory::kSlabBytes);
  // 64 bytes of header and rounding up at most, for a record of 200 bytes.
  EXPECT_LT(full / records.size(), 200u + 80);
}

TEST(RecordMemoryTest, RecordsOutliveIt) {
  RecordRef small, large;
  {
    RecordMemory memory;
    small = memory.New({}, "small");
    large = memory.New({}, std::string(100'000, 'l'));
  }
  EXPECT_EQ(small->body(), "small");
  EXPECT_EQ(large->body().size(), 100'000u);
}

TEST(RecordStoreTest, PutFindRemove) {
  RecordMemory memory;
  RecordStore store;
  EXPECT_EQ(store.Find(1), nullptr);
  EXPECT_FALSE(store.Put(Make(memory, 1, "a")));
  const RecordRef replaced = store.Put(Make(memory, 1, "bc"));
  EXPECT_EQ(replaced->body(), "a");
  EXPECT_EQ(store.Find(1)->body(), "bc");
  EXPECT_EQ(store.size(), 1u);
  EXPECT_EQ(store.text_bytes(), 2u);
  EXPECT_EQ(store.Remove(1)->body(), "bc");
  EXPECT_FALSE(store.Remove(1));
  EXPECT_EQ(store.size(), 0u);
  EXPECT_EQ(store.text_bytes(), 0u);
}

// Whatever happens while it goes on, a scan sees every record as it was when it began, once.
TEST(RecordStoreTest, AScanSeesOneState) {
  std::mt19937_64 random(20261122);
  for (int round = 0; round < 200; ++round) {
    RecordMemory memory;
    RecordStore store;
    uint64_t sequence = 0;
    std::map<uint64_t, std::string> model;
    const auto change = [&] {
      const uint64_t key = random() % 20;
      ++sequence;
      if (random() % 3 == 0) {
        store.Remove(key);
        model.erase(key);
      } else {
        const std::string body = std::to_string(sequence);
        store.Put(Make(memory, key, body, sequence));
        model[key] = body;
      }
    };
    for (int i = 0; i < 30; ++i) change();
    RecordScan scan(store, sequence);
    const std::map<uint64_t, std::string> then = model;
    std::multiset<std::pair<uint64_t, std::string>> seen;
    for (;;) {
      for (uint64_t i = random() % 4; i > 0; --i) change();
      const Record* record = scan.Next();
      if (record == nullptr) break;
      seen.emplace(record->key, record->body());
      EXPECT_EQ(scan.Share().get(), record);
    }
    const std::multiset<std::pair<uint64_t, std::string>> expected(then.begin(), then.end());
    ASSERT_EQ(seen, expected) << "round " << round;
    EXPECT_TRUE(scan.done());
  }
}

}  // namespace
}  // namespace fluxgate
