// The rows of <SOW>: stored topics, conflated topics, views. Part of Schema(). Any thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_SOW_SCHEMA_H_
#define FLUXGATE_GATEWAY_CONFIG_SOW_SCHEMA_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/config/config_schema.h"

namespace fluxgate::config {

inline constexpr std::string_view kSowName = "SOW";

inline constexpr uint32_t kStoredTopicsMax = 1024;
inline constexpr uint32_t kConflatedTopicsMax = 1024;
inline constexpr uint32_t kViewsMax = 1024;
inline constexpr uint32_t kKeyFieldsMax = 64;      // of a topic's key, of a hash index
inline constexpr uint32_t kStoredIndexesMax = 64;  // of one kind, of one topic
inline constexpr uint32_t kConstructedFieldsMax = 1024;
inline constexpr uint32_t kGroupingFieldsMax = 64;
inline constexpr uint32_t kJoinsMax = 64;
inline constexpr uint32_t kMemoIndexesMax = 256;
inline constexpr uint64_t kExpectedKeysMax = 1'000'000'000;

std::vector<Element> SowRows();
std::span<const Synonym> SowSynonyms();

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_SOW_SCHEMA_H_
