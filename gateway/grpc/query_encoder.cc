#include "gateway/grpc/query_encoder.h"

#include "gateway/grpc/wire_reader.h"
#include "gateway/grpc/wire_writer.h"

namespace fluxgate::grpc_api {
namespace {

// QueryResponse
constexpr char kBatch = static_cast<char>(Tag(1, WireType::kBytes));
constexpr char kEnd = static_cast<char>(Tag(2, WireType::kBytes));

}  // namespace

void QueryEncoder::AddRecord(const DeliveredRecord& record) {
  char* to;
  if (batch_begin_ != nullptr && count_ < batch_max_ && buffer_.Fits(record.size())) {
    to = buffer_.position();
    ++count_;
  } else {
    EndBatch();
    batch_begin_ = buffer_.Reserve(1 + kLengthBytes + record.size());
    count_ = 1;
    *batch_begin_ = kBatch;
    to = batch_begin_ + 1 + kLengthBytes;
  }
  buffer_.Commit(record.Write(to));
}

void QueryEncoder::EndBatch() {
  if (batch_begin_ == nullptr) return;
  const auto size = static_cast<size_t>(buffer_.position() - batch_begin_);
  WriteLength(size - 1 - kLengthBytes, batch_begin_ + 1);
  batch_begin_ = nullptr;
  buffer_.EndPiece();
}

void QueryEncoder::AddEnd(const v1::SnapshotEnd& end) {
  EndBatch();
  const size_t size = end.ByteSizeLong();
  char* to = buffer_.Reserve(BytesFieldSize(size));
  *to++ = kEnd;
  to = WriteVarint(size, to);
  end.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(to));
  buffer_.Commit(to + size);
  buffer_.EndPiece();
}

}  // namespace fluxgate::grpc_api
