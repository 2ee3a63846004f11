#include "client/amps/outbox.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <string>
#include <thread>

namespace AMPS::internal {
namespace {

constexpr size_t kBytesMax = 100;

bool IsWoken(const Outbox& outbox) {
  pollfd event{outbox.wake_fd(), POLLIN, 0};
  return poll(&event, 1, 0) == 1;
}

bool Add(Outbox& outbox, size_t bytes, std::atomic<int>* waits = nullptr) {
  return outbox.Add([bytes](std::string& out) { out.append(bytes, 'x'); },
                    [waits](bool begins) {
                      if (waits != nullptr && begins) ++*waits;
                    });
}

TEST(OutboxTest, WakesOnlyAReaderThatSleeps) {
  Outbox outbox;
  outbox.Open();
  outbox.OpenToAll();
  std::string bytes;
  EXPECT_TRUE(Add(outbox, 1));
  EXPECT_FALSE(IsWoken(outbox));
  EXPECT_TRUE(outbox.Take(&bytes));
  EXPECT_TRUE(Add(outbox, 2));
  EXPECT_TRUE(Add(outbox, 3));
  EXPECT_TRUE(outbox.Take(&bytes));
  EXPECT_EQ(bytes, "xxxxx");
  EXPECT_FALSE(IsWoken(outbox));
  EXPECT_FALSE(outbox.Take(&bytes));
  EXPECT_TRUE(Add(outbox, 1));
  EXPECT_TRUE(IsWoken(outbox));
  outbox.DrainWake();
  EXPECT_TRUE(Add(outbox, 1));
  EXPECT_FALSE(IsWoken(outbox));
}

TEST(OutboxTest, WaitsWhileMoreThanTheLimitIsWaiting) {
  Outbox outbox;
  outbox.set_bytes_max(kBytesMax);
  outbox.Open();
  outbox.OpenToAll();
  std::atomic<int> waits{0};
  EXPECT_TRUE(Add(outbox, kBytesMax, &waits));
  // At the limit: one more goes in without waiting, and then it is over the limit.
  EXPECT_TRUE(Add(outbox, 1, &waits));
  EXPECT_EQ(waits, 0);
  std::thread adding([&] { EXPECT_TRUE(Add(outbox, 5, &waits)); });
  while (waits == 0) std::this_thread::yield();
  // What nobody may wait with goes in.
  EXPECT_TRUE(outbox.AddAtOnce(false, [](std::string& out) { out += 'y'; }));
  std::string bytes;
  EXPECT_TRUE(outbox.Take(&bytes));
  EXPECT_EQ(bytes.size(), kBytesMax + 2);
  // Taken is not sent: only the next Take says that it has been.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(outbox.Take(&bytes));
  adding.join();
  EXPECT_TRUE(outbox.Take(&bytes));
  EXPECT_EQ(bytes, "xxxxx");
}

TEST(OutboxTest, ClosingEndsWaits) {
  Outbox outbox;
  outbox.set_bytes_max(0);
  outbox.Open();
  outbox.OpenToAll();
  EXPECT_TRUE(Add(outbox, 1));
  std::atomic<int> waits{0};
  std::thread adding([&] { EXPECT_FALSE(Add(outbox, 1, &waits)); });
  std::thread waiting([&] { EXPECT_FALSE(outbox.AwaitRoom()); });
  while (waits == 0) std::this_thread::yield();
  outbox.Close();
  adding.join();
  waiting.join();
  EXPECT_FALSE(Add(outbox, 1));
  outbox.Open();
  std::string bytes;
  EXPECT_FALSE(outbox.Take(&bytes));
}

TEST(OutboxTest, BeforeItIsOpenToAllOnlyWhatGoesAhead) {
  Outbox outbox;
  const auto write = [](std::string& out) { out += 'x'; };
  EXPECT_FALSE(outbox.AddAtOnce(true, write));
  outbox.OpenToAll();  // closed: nothing comes of it
  EXPECT_FALSE(outbox.AddAtOnce(true, write));
  outbox.Open();
  EXPECT_FALSE(Add(outbox, 1));
  EXPECT_FALSE(outbox.AddAtOnce(false, write));
  EXPECT_TRUE(outbox.AddAtOnce(true, write));
  outbox.OpenToAll();
  EXPECT_TRUE(Add(outbox, 1));
}

}  // namespace
}  // namespace AMPS::internal
