#include "tests/simulation/protocol_client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdlib>
#include <utility>

namespace fluxgate::testing {
namespace {

constexpr int kReceiveBufferBytes = 32 * 1024;
constexpr std::string_view kEndOfAllId = "end-of-all";

// A header's value; those of this test have neither quotes nor braces inside.
std::string_view ValueOf(std::string_view header, std::string_view name) {
  const std::string quoted = fmt::format("\"{}\":", name);
  const size_t found = header.find(quoted);
  if (found == std::string_view::npos) return {};
  std::string_view value = header.substr(found + quoted.size());
  if (value.starts_with('"')) {
    value.remove_prefix(1);
    return value.substr(0, value.find('"'));
  }
  return value.substr(0, value.find_first_of(",}"));
}

size_t NumberOf(std::string_view header, std::string_view name) {
  return std::strtoull(std::string(ValueOf(header, name)).c_str(), nullptr, 10);
}

// Up to the closing brace, which is cut off from `rest` with it.
std::string_view TakeHeader(std::string_view& rest) {
  const size_t end = rest.find('}') + 1;
  const std::string_view header = rest.substr(0, end);
  rest.remove_prefix(end);
  return header;
}

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return parts;
}

}  // namespace

AmpsProtocolClient::AmpsProtocolClient(uint16_t port) : client_(RawClient::Tcp(port)) {
  setsockopt(client_.fd(), SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof kReceiveBufferBytes);
  client_.Logon();
}

void AmpsProtocolClient::Subscribe(const SubscriptionPlan& plan, int batch) {
  const char* name = plan.snapshot ? plan.delta ? "sow_and_delta_subscribe" : "sow_and_subscribe"
                     : plan.delta  ? "delta_subscribe"
                                   : "subscribe";
  std::string options = plan.out_of_focus ? "oof" : "none";
  if (plan.no_empties) options += ",no_empties";
  if (plan.page) options += fmt::format(",top_n={},skip_n={}", plan.top, plan.skip);
  // The id of the answer is the command's; it is that of the subscription here.
  EXPECT_TRUE(client_.SendFrame(
      fmt::format(R"({{"c":"{}","cid":"{}","sub_id":"{}","t":"{}","f":"{}","o":"{}",)"
                  R"("orderby":"{}","bs":{}}})",
                  name, plan.id, plan.id, plan.topic, plan.filter, options, plan.order, batch)));
}

void AmpsProtocolClient::EndAll() {
  EXPECT_TRUE(client_.SendFrame(fmt::format(
      R"({{"c":"unsubscribe","cid":"{}","sub_id":"all","a":"processed"}})", kEndOfAllId)));
}

bool AmpsProtocolClient::TakeFrame() {
  constexpr size_t kPrefix = 4;
  if (received_.size() < kPrefix) return false;
  size_t size = 0;
  for (size_t i = 0; i < kPrefix; ++i) {
    size = size << 8 | static_cast<unsigned char>(received_[i]);
  }
  if (received_.size() < kPrefix + size) return false;
  OnFrame(std::string_view(received_).substr(kPrefix, size));
  received_.erase(0, kPrefix + size);
  return true;
}

void AmpsProtocolClient::OnFrame(std::string_view frame) {
  using Kind = ReceivedEvent::Kind;
  const std::string_view header = TakeHeader(frame);
  const std::string_view command = ValueOf(header, "c");
  const std::string query(ValueOf(header, "query_id"));
  const std::string topic(ValueOf(header, "t"));
  if (command == "group_begin") {
    events_.push_back({Kind::kBegin, {query}});
  } else if (command == "group_end") {
    events_.push_back({Kind::kEnd, {query}});
  } else if (command == "sow") {
    const size_t records = NumberOf(header, "bs");
    for (size_t i = 0; i < records; ++i) {
      const std::string_view record = TakeHeader(frame);
      const size_t size = NumberOf(record, "l");
      events_.push_back({Kind::kRecord,
                         {query},
                         {topic, std::string(ValueOf(record, "k"))},
                         std::string(frame.substr(0, size))});
      frame.remove_prefix(size);
    }
    EXPECT_EQ(frame, "");
  } else if (command == "ack") {
    EXPECT_EQ(ValueOf(header, "status"), "success") << header;
    if (ValueOf(header, "cid") == kEndOfAllId) events_.push_back({Kind::kEndOfAll, {}});
  } else {
    const bool leaves = command == "oof";
    const std::string_view reason = ValueOf(header, "reason");
    ReceivedEvent event{leaves ? Kind::kLeave : Kind::kChange,
                        Split(ValueOf(header, "sids")),
                        {topic, std::string(ValueOf(header, "k"))},
                        std::string(frame)};
    if (leaves) {
      event.reason = reason == "match" ? OutOfFocusReason::kMatch : OutOfFocusReason::kDeleted;
    }
    events_.push_back(std::move(event));
  }
}

std::optional<ReceivedEvent> AmpsProtocolClient::Next(int wait_ms) {
  while (events_.empty()) {
    if (TakeFrame()) continue;
    pollfd ready{client_.fd(), POLLIN, 0};
    if (poll(&ready, 1, wait_ms) <= 0) return std::nullopt;
    char bytes[16 * 1024];
    const ssize_t got = recv(client_.fd(), bytes, sizeof bytes, 0);
    if (got <= 0) return std::nullopt;
    received_.append(bytes, static_cast<size_t>(got));
  }
  ReceivedEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace fluxgate::testing
