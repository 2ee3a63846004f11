// Memory that a module takes while it looks into one body (amps_scratch): given back all at once.
// One thread.
#ifndef FLUXGATE_CORE_MODULE_MODULE_SCRATCH_H_
#define FLUXGATE_CORE_MODULE_MODULE_SCRATCH_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "amps_message_type_module.h"

namespace fluxgate {

class ModuleScratch : public amps_scratch {
 public:
  // For one body.
  static constexpr size_t kBytesMax = size_t{64} << 20;
  // Kept for the next body.
  static constexpr size_t kBytesKeptMax = size_t{1} << 20;

  ModuleScratch();
  ModuleScratch(const ModuleScratch&) = delete;
  ModuleScratch& operator=(const ModuleScratch&) = delete;

  void Reset();
  // Aligned for anything; null beyond kBytesMax since Reset.
  void* Allocate(size_t bytes);
  // Whether all of these bytes were handed out, or could have been: inside of the blocks.
  bool Holds(const void* memory, size_t bytes) const;

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };

  std::vector<Block> blocks_;  // the last one is in use
  size_t used_ = 0;            // of it
  size_t total_ = 0;           // handed out since Reset
};

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_MODULE_SCRATCH_H_
