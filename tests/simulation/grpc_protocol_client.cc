#include "tests/simulation/grpc_protocol_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>

namespace fluxgate::testing {
namespace {

constexpr int kWriteMs = 10'000;

OutOfFocusReason ReasonOf(v1::OutOfFocusReason reason) {
  return reason == v1::OUT_OF_FOCUS_REASON_NO_MATCH ? OutOfFocusReason::kMatch
                                                    : OutOfFocusReason::kDeleted;
}

}  // namespace

GrpcProtocolClient::GrpcProtocolClient(const std::string& address) {
  grpc::ChannelArguments arguments;
  // A connection of its own, which fills up when it is not read.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  stub_ = v1::SubscriberService::NewStub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  stream_ = stub_->AsyncSubscribeStream(&context_, &queue_, &tags_.opened);
  while (busy_ && Pump(kWriteMs)) {
  }
}

GrpcProtocolClient::~GrpcProtocolClient() {
  context_.TryCancel();
  grpc::Status status;
  if (!broken_ && !busy_) stream_->Finish(&status, &tags_.finished);
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

bool GrpcProtocolClient::Pump(int wait_ms) {
  void* tag = nullptr;
  bool ok = false;
  const auto deadline = std::chrono::system_clock::now() + std::chrono::milliseconds(wait_ms);
  if (queue_.AsyncNext(&tag, &ok, deadline) != grpc::CompletionQueue::GOT_EVENT) return false;
  if (!ok) broken_ = true;
  if (tag == &tags_.opened || tag == &tags_.written) busy_ = false;
  if (tag == &tags_.read) {
    reading_ = false;
    if (ok) OnResponse();
  }
  return true;
}

void GrpcProtocolClient::Write(const v1::SubscribeStreamRequest& request) {
  busy_ = true;
  stream_->Write(request, &tags_.written);
  while (busy_ && Pump(kWriteMs)) {
  }
  EXPECT_FALSE(busy_ || broken_);
}

void GrpcProtocolClient::Subscribe(const SubscriptionPlan& plan, int batch) {
  watched_.push_back({plan.id, plan.snapshot});
  ++running_;
  v1::SubscribeStreamRequest request;
  v1::AddSubscription& add = *request.add_commands()->mutable_add();
  add.set_subscription_id(static_cast<uint32_t>(watched_.size()));
  v1::SubscriptionSpec& spec = *add.mutable_spec();
  spec.set_topic(plan.topic);
  spec.set_filter(plan.filter);
  spec.set_with_snapshot(plan.snapshot);
  spec.set_delta(plan.delta);
  spec.set_out_of_focus(plan.out_of_focus);
  spec.set_order_by(plan.order);
  spec.set_batch_size(static_cast<uint32_t>(batch));
  if (plan.page) {
    spec.set_paginated(true);
    spec.set_top_n(static_cast<uint32_t>(plan.top));
    spec.set_skip_n(static_cast<uint32_t>(plan.skip));
  }
  Write(request);
}

void GrpcProtocolClient::EndAll() {
  ending_ = true;
  if (running_ == 0) {
    events_.push_back({ReceivedEvent::Kind::kEndOfAll, {}});
    return;
  }
  v1::SubscribeStreamRequest request;
  for (size_t i = 0; i < watched_.size(); ++i) {
    request.add_commands()->mutable_remove()->set_subscription_id(static_cast<uint32_t>(i + 1));
  }
  Write(request);
}

void GrpcProtocolClient::OnResponse() {
  for (const v1::StreamEvent& event : response_.events()) OnEvent(event);
}

void GrpcProtocolClient::OnEvent(const v1::StreamEvent& event) {
  using Kind = ReceivedEvent::Kind;
  EXPECT_FALSE(event.has_command_failed()) << event.ShortDebugString();
  if (!event.has_subscription()) return;
  std::vector<std::string> ids;
  for (const uint32_t id : event.subscription_ids()) ids.push_back(watched_[id - 1].id);
  const v1::SubscriptionEvent& what = event.subscription();
  const auto add = [&](Kind kind, const v1::Message& message,
                       OutOfFocusReason reason = OutOfFocusReason::kNone) {
    events_.push_back({kind, ids, {message.topic(), message.key()}, message.payload(), reason});
  };
  switch (what.event_case()) {
    case v1::SubscriptionEvent::kStarted:
      if (watched_[event.subscription_ids(0) - 1].snapshot) events_.push_back({Kind::kBegin, ids});
      break;
    case v1::SubscriptionEvent::kSnapshot:
      for (const v1::Message& message : what.snapshot().messages()) add(Kind::kRecord, message);
      break;
    case v1::SubscriptionEvent::kSnapshotEnd:
      events_.push_back({Kind::kEnd, ids});
      break;
    case v1::SubscriptionEvent::kMessages:
      for (const v1::Message& message : what.messages().messages()) add(Kind::kChange, message);
      break;
    case v1::SubscriptionEvent::kOutOfFocus:
      add(Kind::kLeave, what.out_of_focus().message(), ReasonOf(what.out_of_focus().reason()));
      break;
    case v1::SubscriptionEvent::kEnded:
      EXPECT_FALSE(what.ended().has_error()) << what.ShortDebugString();
      if (--running_ == 0 && ending_) events_.push_back({Kind::kEndOfAll, {}});
      break;
    default:
      ADD_FAILURE() << what.ShortDebugString();
  }
}

std::optional<ReceivedEvent> GrpcProtocolClient::Next(int wait_ms) {
  while (events_.empty()) {
    if (broken_) return std::nullopt;
    if (!reading_) {
      reading_ = true;
      response_.Clear();
      stream_->Read(&response_, &tags_.read);
    }
    if (!Pump(wait_ms)) return std::nullopt;
  }
  ReceivedEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace fluxgate::testing
