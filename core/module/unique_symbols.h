// Names that a shared object shares with every other one, however it is loaded: g++ marks inline
// variables and statics of templates so (STB_GNU_UNIQUE) unless they are hidden.
#ifndef FLUXGATE_CORE_MODULE_UNIQUE_SYMBOLS_H_
#define FLUXGATE_CORE_MODULE_UNIQUE_SYMBOLS_H_

#include <set>
#include <string>

namespace fluxgate {

// Those that the file defines, as the linker knows them, without those of the C++ library, which
// are meant to be shared. Empty for what cannot be read.
std::set<std::string> UniqueSymbols(const std::string& path);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_UNIQUE_SYMBOLS_H_
