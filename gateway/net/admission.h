// How many connections there may be, in all and from one address. One gate for all listeners and
// for the transports of modules, which have threads of their own. Any thread.
#ifndef FLUXGATE_GATEWAY_NET_ADMISSION_H_
#define FLUXGATE_GATEWAY_NET_ADMISSION_H_

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/strings.h"

namespace fluxgate::net {

struct AdmissionLimits {
  uint32_t connections_max = 10'000;
  uint32_t connections_per_address_max = 10'000;
};

class AdmissionGate;

// One admitted connection; counted until destroyed.
class Admission {
 public:
  Admission() = default;
  Admission(Admission&& other) noexcept
      : gate_(std::exchange(other.gate_, nullptr)), address_(std::move(other.address_)) {}
  Admission& operator=(Admission&& other) noexcept {
    std::swap(gate_, other.gate_);
    std::swap(address_, other.address_);
    return *this;
  }
  ~Admission();

 private:
  friend class AdmissionGate;
  Admission(AdmissionGate* gate, std::string_view address) : gate_(gate), address_(address) {}
  AdmissionGate* gate_ = nullptr;
  std::string address_;
};

class AdmissionGate {
 public:
  explicit AdmissionGate(AdmissionLimits limits) : limits_(limits) {}

  // `address` without port; all unix peers share "unix". Nullopt: over a limit.
  std::optional<Admission> Admit(std::string_view address);

  uint32_t connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
  }
  uint64_t refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  friend class Admission;
  void Leave(std::string_view address);

  const AdmissionLimits limits_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  uint32_t connections_ = 0;
  uint64_t refused_ = 0;
  StringMap<uint32_t> by_address_;
};

}  // namespace fluxgate::net

#endif  // FLUXGATE_GATEWAY_NET_ADMISSION_H_
