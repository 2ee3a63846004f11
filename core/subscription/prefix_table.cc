#include "core/subscription/prefix_table.h"

#include "core/base/strings.h"

namespace fluxgate {
namespace {

uint64_t HashOf(std::string_view text) { return StringHash()(text); }

}  // namespace

Constant* PrefixTable::Find(std::string_view prefix) const {
  return table_.Find(HashOf(prefix), [&](const Constant& c) { return c.text() == prefix; });
}

Constant* PrefixTable::Acquire(std::string_view prefix, uint64_t now) {
  Constant* constant = Find(prefix);
  if (constant == nullptr) {
    constant = Constant::New(prefix);
    constant->since = now;
    constant_bytes_ += constant->bytes();
    table_.Insert(HashOf(prefix), constant);
    ++of_length_[prefix.size()];
    lengths_ |= 1u << prefix.size();
  }
  ++constant->uses;
  return constant;
}

void PrefixTable::Release(std::string_view prefix) {
  Constant* constant = Find(prefix);
  if (--constant->uses > 0) return;
  table_.Erase(HashOf(prefix), constant);
  if (--of_length_[prefix.size()] == 0) lengths_ &= ~(1u << prefix.size());
  constant_bytes_ -= constant->bytes();
  Constant::Delete(constant);
}

}  // namespace fluxgate
