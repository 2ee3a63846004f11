#include "tests/bench/grpc_calls.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>

#include "fluxgate/v1/gateway.pb.h"
#include "tests/bench/fail.h"
#include "tests/bench/grpc_bytes.h"

namespace fluxgate::bench {

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// ---- GrpcCall ---------------------------------------------------------------------------------

GrpcCall::GrpcCall(const std::shared_ptr<grpc::Channel>& channel, grpc::CompletionQueue& queue,
                   const std::string& method, const Metadata& metadata)
    : stub_(channel), queue_(queue) {
  for (const auto& [name, value] : metadata) context_.AddMetadata(name, value);
  context_.set_wait_for_ready(true);
  stream_ = stub_.PrepareCall(&context_, method, &queue_);
  stream_->StartCall(&start_);
  while (!started_) Pump(queue_);
}

void GrpcCall::StartRead() {
  reading_ = true;
  stream_->Read(&received_, &read_);
}

void GrpcCall::StartWrite(const grpc::ByteBuffer& bytes) {
  writing_ = true;
  stream_->Write(bytes, &write_);
}

void GrpcCall::Cancel() {
  cancelled_.store(true);
  context_.TryCancel();
}

GrpcCall* GrpcCall::Pump(grpc::CompletionQueue& queue) {
  void* raw = nullptr;
  bool ok = false;
  if (!queue.Next(&raw, &ok)) Fail("gRPC completion queue is shut down");
  const Tag& tag = *static_cast<const Tag*>(raw);
  GrpcCall& call = *tag.call;
  switch (tag.kind) {
    case Kind::kStart:
      call.started_ = true;
      break;
    case Kind::kRead:
      call.reading_ = false;
      break;
    case Kind::kWrite:
      call.writing_ = false;
      break;
    case Kind::kFinish:
      break;
  }
  if (!ok && !call.cancelled_.load()) call.Complain();
  return ok && tag.kind == Kind::kRead ? &call : nullptr;
}

void GrpcCall::Complain() {
  grpc::Status status;
  stream_->Finish(&status, &finish_);
  void* raw = nullptr;
  bool ok = false;
  while (queue_.Next(&raw, &ok) && raw != &finish_) {
  }
  Fail("the server ended a stream: " + std::to_string(status.error_code()) + " " +
       status.error_message());
}

// ---- GrpcPublisher ----------------------------------------------------------------------------

GrpcPublisher::GrpcPublisher(const std::string& address)
    : call_(NewChannel(address), queue_, kPublishMethod) {
  call_.StartRead();
  Write(ToBuffer(EncodeOpen()));
}

GrpcPublisher::~GrpcPublisher() {
  call_.Cancel();
  while (!call_.ended()) GrpcCall::Pump(queue_);
}

void GrpcPublisher::Write(const grpc::ByteBuffer& bytes) {
  call_.StartWrite(bytes);
  while (call_.writing()) PumpOnce();
}

void GrpcPublisher::Flush(uint64_t id) { Write(ToBuffer(EncodeFlush(id))); }

void GrpcPublisher::AwaitFlushed(uint64_t id) {
  while (flushed() < id) PumpOnce();
}

void GrpcPublisher::PumpOnce() {
  if (GrpcCall::Pump(queue_) == nullptr) return;
  std::vector<grpc::Slice> slices;
  std::string joined;
  const std::string_view bytes = OnePiece(call_.received(), slices, joined);
  v1::PublishStreamResponse response;
  if (!response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    Fail("the server sent a malformed PublishStreamResponse");
  }
  if (response.ack().failures_size() > 0) {
    Fail("a message was refused: " + response.ack().failures(0).error().message());
  }
  for (const auto& flushed : response.flushed()) {
    flushed_.store(std::max(flushed_.load(), flushed.flush_id()), std::memory_order_relaxed);
  }
  call_.StartRead();
}

// ---- GrpcReceiver -----------------------------------------------------------------------------

GrpcReceiver::GrpcReceiver(const std::string& address, uint32_t streams,
                           const grpc::ByteBuffer& request, const GrpcCall::Metadata& metadata,
                           Parse parse)
    : parse_(std::move(parse)) {
  for (uint32_t i = 0; i < streams; ++i) {
    calls_.push_back(
        std::make_unique<GrpcCall>(NewChannel(address), queue_, kSubscribeMethod, metadata));
    calls_.back()->StartWrite(request);
    AwaitStarted(*calls_.back());
  }
  // Only now: a stream that delivers must not complete reads while another is being opened.
  for (const auto& call : calls_) call->StartRead();
  thread_ = std::thread([this] { Run(); });
}

GrpcReceiver::~GrpcReceiver() {
  stopping_.store(true);
  for (const auto& call : calls_) call->Cancel();
  thread_.join();
}

void GrpcReceiver::AwaitStarted(GrpcCall& call) {
  call.StartRead();
  while (call.reading()) GrpcCall::Pump(queue_);
  std::vector<grpc::Slice> slices;
  std::string joined;
  const std::string_view bytes = OnePiece(call.received(), slices, joined);
  v1::SubscribeResponse response;
  if (!response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      response.events_size() != 1 || !response.events(0).has_started()) {
    Fail("the first response of a subscription is not Started alone");
  }
}

void GrpcReceiver::Run() {
  std::vector<grpc::Slice> slices;
  std::string joined;
  while (true) {
    if (stopping_.load(std::memory_order_relaxed) &&
        std::all_of(calls_.begin(), calls_.end(), [](const auto& call) { return call->ended(); })) {
      return;
    }
    GrpcCall* call = GrpcCall::Pump(queue_);
    if (call == nullptr || stopping_.load(std::memory_order_relaxed)) continue;
    size_t stream = 0;
    while (calls_[stream].get() != call) ++stream;
    parse_(stream, OnePiece(call->received(), slices, joined));
    call->StartRead();
  }
}

}  // namespace fluxgate::bench
