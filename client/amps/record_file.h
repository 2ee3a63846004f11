// A file of records, appended to, that belongs to one process: what stores of publishes and of
// bookmarks are kept in. Internal.
//
//   file    8 bytes that say whose it is, records
//   record  4 bytes length of the body, 4 bytes CRC-32C of those, 4 bytes CRC-32C of the body, body
//
// Numbers little endian. A process that dies leaves a record cut off, a machine besides zeros in
// place of what it had not written: that is dropped when the file is opened. Anything else that is
// wrong is damage.
//
// One thread at a time. Errors: StoreException, which names the file; what is there stays as it is.
#ifndef FLUXGATE_CLIENT_AMPS_RECORD_FILE_H_
#define FLUXGATE_CLIENT_AMPS_RECORD_FILE_H_

#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

namespace AMPS::internal {

inline void AppendU64(uint64_t number, std::string* to) {
  char bytes[sizeof(number)];
  std::memcpy(bytes, &number, sizeof(number));
  to->append(bytes, sizeof(bytes));
}

inline uint64_t ReadU64(std::string_view from) {
  uint64_t number;
  std::memcpy(&number, from.data(), sizeof(number));
  return number;
}

class RecordFile {
 public:
  static constexpr size_t kMagicBytes = 8;
  static constexpr size_t kRecordHeaderBytes = 12;
  static constexpr uint32_t kBodyBytesMax = 256u << 20;
  // A file is not written anew for less than this.
  static constexpr uint64_t kDeadBytesMin = 16u << 20;

  // Handed each record's body; `place` is where Read finds it. Returns why it makes no sense, or
  // nothing.
  using Reader = std::function<std::string(uint64_t place, std::string_view body)>;
  // Appends a record to the file that is being made and returns its place.
  using Appender = std::function<uint64_t(std::string_view head, std::string_view body)>;

  // Makes it when it is not there, locks it, reads it. `syncs`: each Append is on disk on return.
  RecordFile(std::string path, std::string_view magic, bool syncs, const Reader& reader);
  ~RecordFile();
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  // One record of `head` and `body`; returns its place.
  uint64_t Append(std::string_view head, std::string_view body);
  // `size` bytes from `place` on, into `to`.
  void Read(uint64_t place, size_t size, char* to) const;

  uint64_t size() const { return size_; }
  // Whether most of it is of no use, `live_bytes` of records being of use.
  bool WantsRewrite(uint64_t live_bytes) const;
  // Replaces the file by one with what `fill` appends. False: that failed, and the file is as it
  // was; it will not want to be rewritten again for a while.
  bool Rewrite(const std::function<void(const Appender& append)>& fill);

 private:
  void Open();
  void ReadAll(const Reader& reader);
  uint64_t ReadRecord(uint64_t at, uint64_t end, std::string& body, const Reader& reader);
  bool IsZeroFrom(uint64_t at, uint64_t end) const;
  void Begin();
  [[noreturn]] void FailAt(uint64_t at, const std::string& why) const;
  [[noreturn]] void Fail(const std::string& verb, int error) const;

  const std::string path_;
  const std::string magic_;
  const bool syncs_;
  int fd_ = -1;
  uint64_t size_ = 0;
  uint64_t rewrite_above_ = 0;  // a rewrite failed at this size
  bool is_broken_ = false;      // what is in it is not known any more
};

}  // namespace AMPS::internal

#endif  // FLUXGATE_CLIENT_AMPS_RECORD_FILE_H_
