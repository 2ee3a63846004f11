// Names of the files of stored topics: `%n` in the configuration stands for the topic's name, `%%`
// for a percent sign. Pure functions, any thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_STORE_FILE_NAME_H_
#define FLUXGATE_GATEWAY_CONFIG_STORE_FILE_NAME_H_

#include <string>
#include <string_view>

namespace fluxgate::config {

// NAME_MAX of Linux's file systems: bytes behind the last slash.
inline constexpr size_t kFileNamePartBytesMax = 255;

// The first percent sign that stands for nothing, with what follows it; empty when there is none.
std::string_view BadMark(std::string_view written);

// `written`, which has no BadMark, with the marks replaced. No two topics give the same where there
// is a %n: what a file name should not have is written as % and two hexadecimal digits.
std::string StoreFileName(std::string_view written, std::string_view topic);

// What stands for exactly that file name, whatever the topic.
std::string WrittenStoreFileName(std::string_view file_name);

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_STORE_FILE_NAME_H_
