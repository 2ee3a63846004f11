#include "tests/bench/connection.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "tests/bench/fail.h"

namespace fluxgate::bench {
namespace {

// Subscriptions on their way at once: few enough that neither side's socket buffer fills while the
// other does not read.
constexpr size_t kPipelined = 256;

[[noreturn]] void Complain(const Frame& frame) {
  Fail("the broker answered: " + std::string(frame.head));
}

}  // namespace

Connection::Connection(const Endpoint& endpoint, std::string_view wire,
                       std::string_view client_name, bool publisher)
    : fd_(Connect(endpoint)), wire_(NewWire(wire)) {
  Write(wire_->Logon(client_name, publisher));
  AwaitAnswers(wire_->logon_answers(publisher));
}

Connection::~Connection() { close(fd_); }

void Connection::Subscribe(const std::vector<Interest>& interests) {
  for (size_t i = 0; i < interests.size(); i += kPipelined) {
    const size_t end = std::min(i + kPipelined, interests.size());
    std::string bytes;
    for (size_t j = i; j < end; ++j) {
      bytes += wire_->Subscribe(interests[j].id, interests[j].topic, interests[j].filter);
    }
    Write(bytes);
    if (wire_->subscribe_answers()) AwaitAnswers(end - i);
  }
}

std::string_view Connection::Receive(Scratch& scratch, bool wait) {
  const size_t kept = unfinished_.size();
  if (kept >= scratch.size()) Fail("frame too large for the load generator");
  std::memcpy(scratch.data(), unfinished_.data(), kept);
  char* to = scratch.data() + kept;
  const size_t got =
      wait ? ReadSome(fd_, to, scratch.size() - kept) : ReadReady(fd_, to, scratch.size() - kept);
  unfinished_.clear();
  return {scratch.data(), kept + got};
}

void Connection::AwaitMessage(Scratch& scratch, std::string& body) {
  Frame frame;
  // What was kept may hold whole frames already.
  std::string kept = std::move(unfinished_);
  unfinished_.clear();
  std::string_view bytes = kept;
  while (true) {
    const size_t taken = wire_->Next(bytes, frame);
    if (taken == 0) {
      Keep(bytes);
      bytes = Receive(scratch, true);
      continue;
    }
    bytes.remove_prefix(taken);
    if (frame.kind == Frame::Kind::kBad) Complain(frame);
    if (frame.kind != Frame::Kind::kMessage) continue;
    body = frame.body;
    Keep(bytes);
    return;
  }
}

void Connection::Ask(std::string_view bytes, size_t answers) {
  Write(bytes);
  AwaitAnswers(answers);
}

void Connection::CheckNoComplaint(Scratch& scratch) {
  Frame frame;
  std::string_view bytes = Receive(scratch, false);
  while (const size_t taken = wire_->Next(bytes, frame)) {
    if (frame.kind == Frame::Kind::kBad) Complain(frame);
    bytes.remove_prefix(taken);
  }
}

void Connection::AwaitAnswers(size_t count) {
  // One small buffer for all set-up traffic: thousands of connections are opened one by one.
  static thread_local Scratch scratch;
  Frame frame;
  while (count > 0) {
    std::string_view bytes = Receive(scratch, true);
    while (const size_t taken = wire_->Next(bytes, frame)) {
      if (frame.kind == Frame::Kind::kBad) Complain(frame);
      if (frame.kind == Frame::Kind::kGood && count > 0) --count;
      bytes.remove_prefix(taken);
    }
    Keep(bytes);
  }
}

}  // namespace fluxgate::bench
