// How a client publishes.
#include <fmt/format.h>

#include "amps/exceptions.h"
#include "client/amps/client_core.h"
#include "core/base/utf8.h"
#include "gateway/amps/amps_constants.h"
#include "gateway/amps/amps_encoder.h"
#include "gateway/amps/amps_frame.h"

namespace AMPS {
namespace {

// Of the frame at the end of `frames`, from `begin` on. The gateway would end the connection over
// it, and from a publish store it would come again with the next one, for ever.
void CheckHeader(std::string_view frames, size_t begin, size_t body_bytes) {
  constexpr uint64_t kHeaderBytesMax = fluxgate::amps::FrameLimits{}.header_bytes_max;
  std::string_view header = frames.substr(begin + fluxgate::amps::kFramePrefixBytes);
  header.remove_suffix(body_bytes);
  if (header.size() > kHeaderBytesMax) {
    throw CommandException(fmt::format("publish: a header of {} bytes is over the limit of {}",
                                       header.size(), kHeaderBytesMax));
  }
  if (!fluxgate::IsValidUtf8(header)) {
    throw CommandException("publish: topic, ids and keys have to be UTF-8");
  }
}

void AppendChecked(const fluxgate::Command& publish, std::string* out) {
  const size_t begin = out->size();
  fluxgate::amps::AppendCommand(publish, out);
  try {
    CheckHeader(*out, begin, publish.body.size());
  } catch (const CommandException&) {
    out->resize(begin);
    throw;
  }
}

}  // namespace

void Client::Core::SetPublishStore(std::shared_ptr<Store> store) {
  const std::lock_guard lock(publish_mutex_);
  last_sequence_ = store != nullptr ? store->getLastSequence() : 0;
  knows_sequence_ = false;
  settings_.publish_store = std::move(store);
}

void Client::Core::CheckSize(std::string_view data) const {
  if (data.size() <= settings_.message_bytes_max) [[likely]]
    return;
  throw CommandException(
      fmt::format("publish: a message of {} bytes is over the limit of {} (setMessageBytesMax)",
                  data.size(), settings_.message_bytes_max));
}

template <typename Append>
void Client::Core::AddPublish(const Append& append) {
  while (!outbox_.Add(append, [this](bool waits) { LiftReadingForHandler(waits); })) {
    if (!goes_ahead()) {
      AwaitReady(Clock::time_point::max(), "publish");
      continue;
    }
    if (outbox_.AddAtOnce(/*ahead=*/true, append)) return;
    // It has been closed just now; why, is known in a moment.
    constexpr std::chrono::seconds kReasonTimeMax{1};
    std::unique_lock lock(state_mutex_);
    state_changed_.wait_for(lock, kReasonTimeMax, [this] { return !connected_; });
    ThrowDisconnected("publish", lost_reason_);
  }
}

uint64_t Client::Core::Publish(bool is_delta, std::string_view topic, std::string_view data,
                               int64_t expiration_s) {
  if (is_delta || expiration_s >= 0 || settings_.publish_store != nullptr) {
    fluxgate::Command publish;
    publish.type =
        is_delta ? fluxgate::CommandType::kDeltaPublish : fluxgate::CommandType::kPublish;
    publish.topic = topic;
    publish.body = data;
    publish.expiration_s = expiration_s;
    return PublishFrame(publish);
  }
  CheckSize(data);
  const auto append = [&](std::string& out) {
    if (topic != publish_topic_ || publish_prefix_.empty()) [[unlikely]] {
      std::string prefix = fluxgate::amps::PublishPrefix(topic);
      CheckHeader(prefix, 0, 0);
      publish_topic_ = topic;
      publish_prefix_ = std::move(prefix);
    }
    fluxgate::amps::AppendWithPrefix(publish_prefix_, data, &out);
  };
  AddPublish(append);
  return 0;
}

uint64_t Client::Core::PublishFrame(fluxgate::Command& publish) {
  CheckSize(publish.body);
  if (settings_.publish_store != nullptr) return PublishStored(publish);
  const auto append = [&](std::string& out) { AppendChecked(publish, &out); };
  AddPublish(append);
  return 0;
}

uint64_t Client::Core::PublishStored(fluxgate::Command& publish) {
  std::unique_lock lock(publish_mutex_);
  while (!knows_sequence_) {
    // A sequence that the gateway has had would be dropped.
    lock.unlock();
    if (!waits_for_connection_) ThrowDisconnected("publish", "not logged on yet");
    AwaitReady(Clock::time_point::max(), "publish");
    lock.lock();
  }
  publish.has_sequence = true;
  publish.sequence = last_sequence_ + 1;
  publish.acks.add(fluxgate::AckType::kPersisted);
  publish_frame_.clear();
  AppendChecked(publish, &publish_frame_);
  settings_.publish_store->store(publish.sequence, publish_frame_);
  last_sequence_ = publish.sequence;
  // Without a connection the next logon sends it.
  (void)outbox_.Add([this](std::string& out) { out += publish_frame_; },
                    [this](bool waits) { LiftReadingForHandler(waits); });
  return publish.sequence;
}

void Client::Core::PublishFlush(Milliseconds timeout, Message::AckType ack_type) {
  const Clock::time_point deadline = DeadlineAfter(timeout);
  Command flush("flush");
  flush.setTimeout(timeout.count());
  const uint64_t published = outbox_.added();
  (void)ExecuteForAck(flush, ack_type);
  const bool has_lost = outbox_.Confirm(published);
  Store* const store = settings_.publish_store.get();
  if (store == nullptr) {
    if (!has_lost || !waits_for_connection_) return;
    throw DisconnectedException(
        "publishFlush: the connection was lost, and perhaps publishes with it: there is no publish "
        "store");
  }
  // In slices: the store does not know when the connection is lost.
  constexpr long kSliceMs = 50;
  const Reading reading(*this);
  while (!store->flush(kSliceMs)) {
    if (Clock::now() >= deadline) {
      throw TimedOutException(
          fmt::format("publishFlush: {} publishes are not stored yet", store->unpersistedCount()));
    }
    AwaitReady(deadline, "publishFlush");
  }
}

}  // namespace AMPS
