#include "gateway/net/admission.h"

namespace fluxgate::net {

Admission::~Admission() {
  if (gate_ != nullptr) gate_->Leave(address_);
}

std::optional<Admission> AdmissionGate::Admit(std::string_view address) {
  const std::lock_guard lock(mutex_);
  const auto known = by_address_.find(address);
  const uint32_t from_there = known == by_address_.end() ? 0 : known->second;
  if (connections_ >= limits_.connections_max ||
      from_there >= limits_.connections_per_address_max) {
    ++refused_;
    return std::nullopt;
  }
  ++connections_;
  if (known == by_address_.end()) {
    by_address_.emplace(std::string(address), 1);
  } else {
    ++known->second;
  }
  return Admission(this, address);
}

void AdmissionGate::Leave(std::string_view address) {
  const std::lock_guard lock(mutex_);
  --connections_;
  const auto known = by_address_.find(address);
  if (--known->second == 0) by_address_.erase(known);
}

}  // namespace fluxgate::net
