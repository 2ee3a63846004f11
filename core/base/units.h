// Numbers with units, as configuration files and command lines write them: "16MB", "10k", "250us",
// "50%". Units are not case-sensitive; white space between number and unit is allowed; only whole
// numbers. Pure functions, any thread.
//
// Source: AMPS Configuration Guide, "Units". Ours: an interval must name its unit.
#ifndef FLUXGATE_CORE_BASE_UNITS_H_
#define FLUXGATE_CORE_BASE_UNITS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace fluxgate {

// What may be written, for error texts and documentation.
inline constexpr std::string_view kCountUnits = "units: k, M";
inline constexpr std::string_view kSizeUnits = "bytes; units: kb, mb, gb, tb";
inline constexpr std::string_view kIntervalUnits = "with unit: ns, us, ms, s, m, h, d, w";
inline constexpr std::string_view kPercentUnits = "with %";

// All of them: kBadOption for an empty text, a sign, a fraction, an unknown unit, or a value above
// 2^64 - 1. Range checks are the caller's.
absl::StatusOr<uint64_t> ParseCount(std::string_view text);     // "10000", "10k", "2M"
absl::StatusOr<uint64_t> ParseSize(std::string_view text);      // bytes: "512", "64kb", "1GB"
absl::StatusOr<uint64_t> ParseInterval(std::string_view text);  // nanoseconds: "10s", "250us"
absl::StatusOr<uint64_t> ParsePercent(std::string_view text);   // "50%" is 50

// The shortest text that parses back to the same value: the largest unit that divides it.
std::string FormatCount(uint64_t count);
std::string FormatSize(uint64_t bytes);
std::string FormatInterval(uint64_t ns);
std::string FormatPercent(uint64_t percent);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_BASE_UNITS_H_
