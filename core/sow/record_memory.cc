#include "core/sow/record_memory.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "core/message/message_type.h"

namespace fluxgate {
namespace {

constexpr size_t kAlign = 16;

// Sizes of blocks: steps of 16 bytes while they are small, then of about an eighth.
struct SizeClasses {
  static constexpr size_t kCountMax = 64;
  std::array<uint32_t, kCountMax> bytes{};
  std::array<uint8_t, RecordMemory::kBlockBytesMax / kAlign + 1>
      by_units{};  // of kAlign, rounded up
  size_t count = 0;

  constexpr SizeClasses() {
    size_t size = 64;
    while (size < RecordMemory::kBlockBytesMax) {
      bytes[count++] = static_cast<uint32_t>(size);
      size += size < 256 ? kAlign : (size / 8 + kAlign - 1) / kAlign * kAlign;
    }
    bytes[count++] = RecordMemory::kBlockBytesMax;
    size_t at = 0;
    for (size_t units = 0; units < by_units.size(); ++units) {
      while (bytes[at] < units * kAlign) ++at;
      by_units[units] = static_cast<uint8_t>(at);
    }
  }
};
constexpr SizeClasses kClasses;
static_assert(kClasses.count <= SizeClasses::kCountMax);

}  // namespace

struct RecordMemory::SlabHeader {
  Pool* pool;
  uint32_t size_class;
  uint32_t in_use;
  uint32_t cut;      // bytes cut into blocks so far
  bool listed;       // among those with room
  void* free;        // list of blocks that came back
  SlabHeader* next;  // with room
  SlabHeader* previous;
};

// Lives until the memory and its last record have gone.
struct RecordMemory::Pool {
  std::array<SlabHeader*, SizeClasses::kCountMax> with_room{};
  uint64_t bytes = 0;
  uint64_t records = 0;
  bool abandoned = false;

  void List(SlabHeader* slab) {
    slab->listed = true;
    slab->previous = nullptr;
    slab->next = with_room[slab->size_class];
    if (slab->next != nullptr) slab->next->previous = slab;
    with_room[slab->size_class] = slab;
  }
  void Unlist(SlabHeader* slab) {
    slab->listed = false;
    (slab->previous != nullptr ? slab->previous->next : with_room[slab->size_class]) = slab->next;
    if (slab->next != nullptr) slab->next->previous = slab->previous;
  }
};

namespace {

constexpr size_t kHeaderBytes = 64;
// The last block of a slab has readable bytes behind it, too.
constexpr size_t kCutEnd = RecordMemory::kSlabBytes - kBodyPaddingBytes;
// In front of a record without slab.
constexpr size_t kLargePrefixBytes = 16;

size_t RecordBytes(size_t key_bytes, size_t body_bytes) {
  return sizeof(Record) + key_bytes + body_bytes;
}

}  // namespace

RecordMemory::RecordMemory() : pool_(new Pool) {}

RecordMemory::~RecordMemory() {
  pool_->abandoned = true;
  if (pool_->records == 0) delete pool_;
}

uint64_t RecordMemory::bytes() const { return pool_->bytes; }

size_t RecordMemory::BytesFor(size_t key_bytes, size_t body_bytes) {
  const size_t size = RecordBytes(key_bytes, body_bytes);
  return size > kBlockBytesMax ? size + kLargePrefixBytes + kBodyPaddingBytes : kSlabBytes;
}

RecordRef RecordMemory::New(std::string_view key_text, std::string_view body) {
  Pool& pool = *pool_;
  const size_t size = RecordBytes(key_text.size(), body.size());
  void* place;
  const bool is_large = size > kBlockBytesMax;
  if (is_large) {
    const size_t all = size + kLargePrefixBytes + kBodyPaddingBytes;
    char* memory = static_cast<char*>(::operator new(all));
    *reinterpret_cast<Pool**>(memory) = &pool;
    pool.bytes += all;
    place = memory + kLargePrefixBytes;
  } else {
    static_assert(sizeof(SlabHeader) <= kHeaderBytes);
    const size_t size_class = kClasses.by_units[(size + kAlign - 1) / kAlign];
    SlabHeader* slab = pool.with_room[size_class];
    if (slab == nullptr) {
      slab = new (std::aligned_alloc(kSlabBytes, kSlabBytes)) SlabHeader{
          &pool,  static_cast<uint32_t>(size_class), 0, kHeaderBytes, false, nullptr, nullptr,
          nullptr};
      pool.bytes += kSlabBytes;
      pool.List(slab);
    }
    const uint32_t block_bytes = kClasses.bytes[size_class];
    if (slab->free != nullptr) {
      place = slab->free;
      std::memcpy(&slab->free, place, sizeof(void*));
    } else {
      place = reinterpret_cast<char*>(slab) + slab->cut;
      slab->cut += block_bytes;
    }
    ++slab->in_use;
    if (slab->free == nullptr && slab->cut + block_bytes > kCutEnd) pool.Unlist(slab);
  }
  ++pool.records;
  Record* record = new (place) Record;
  record->is_large_ = is_large ? 1 : 0;
  record->key_bytes_ = static_cast<uint16_t>(key_text.size());
  record->body_bytes_ = static_cast<uint32_t>(body.size());
  char* text = record->text();
  if (!key_text.empty()) std::memcpy(text, key_text.data(), key_text.size());
  if (!body.empty()) std::memcpy(text + key_text.size(), body.data(), body.size());
  return RecordRef(record);
}

void RecordMemory::Free(Record* record) {
  Pool* pool;
  const size_t size = RecordBytes(record->key_bytes_, record->body_bytes_);
  if (record->is_large_ != 0) {
    char* memory = reinterpret_cast<char*>(record) - kLargePrefixBytes;
    pool = *reinterpret_cast<Pool**>(memory);
    pool->bytes -= size + kLargePrefixBytes + kBodyPaddingBytes;
    ::operator delete(memory);
  } else {
    auto* slab = reinterpret_cast<SlabHeader*>(reinterpret_cast<uintptr_t>(record) &
                                               ~(uintptr_t{kSlabBytes} - 1));
    pool = slab->pool;
    std::memcpy(static_cast<void*>(record), &slab->free, sizeof(void*));
    slab->free = record;
    if (--slab->in_use == 0) {
      if (slab->listed) pool->Unlist(slab);
      std::free(slab);
      pool->bytes -= kSlabBytes;
    } else if (!slab->listed) {
      pool->List(slab);
    }
  }
  if (--pool->records == 0 && pool->abandoned) delete pool;
}

void RecordRef::Free(Record* record) { RecordMemory::Free(record); }

}  // namespace fluxgate
