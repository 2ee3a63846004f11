#include "core/module/unique_symbols.h"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

namespace fluxgate {
namespace {

// What lies at `offset` of the file; false when it is not all there.
template <class T>
bool Read(std::string_view file, uint64_t offset, T& value) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return false;
  memcpy(&value, file.data() + offset, sizeof(T));
  return true;
}

bool OfStandardLibrary(std::string_view symbol) {
  for (const std::string_view prefix : {"_ZNSt", "_ZNKSt", "_ZZNSt", "_ZZNKSt", "_ZZSt", "_ZGVZNSt",
                                        "_ZGVNSt", "_ZGVZNKSt", "_ZSt"}) {
    if (symbol.starts_with(prefix)) return true;
  }
  return false;
}

std::string_view NameAt(std::string_view names, uint64_t offset) {
  if (offset >= names.size()) return {};
  names.remove_prefix(offset);
  return names.substr(0, names.find('\0'));
}

}  // namespace

std::set<std::string> UniqueSymbols(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string file((std::istreambuf_iterator<char>(stream)), {});
  std::set<std::string> found;
  ElfW(Ehdr) header;
  if (!Read(file, 0, header) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return found;
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    ElfW(Shdr) section, names;
    if (!Read(file, header.e_shoff + i * sizeof(section), section)) return found;
    if (section.sh_type != SHT_DYNSYM) continue;
    if (!Read(file, header.e_shoff + section.sh_link * sizeof(names), names)) return found;
    if (names.sh_offset > file.size() || file.size() - names.sh_offset < names.sh_size)
      return found;
    const std::string_view text(file.data() + names.sh_offset, names.sh_size);
    for (uint64_t at = 0; at + sizeof(ElfW(Sym)) <= section.sh_size; at += sizeof(ElfW(Sym))) {
      ElfW(Sym) symbol;
      if (!Read(file, section.sh_offset + at, symbol)) return found;
      if (ELF64_ST_BIND(symbol.st_info) != STB_GNU_UNIQUE || symbol.st_shndx == SHN_UNDEF) continue;
      const std::string_view name = NameAt(text, symbol.st_name);
      if (!OfStandardLibrary(name)) found.emplace(name);
    }
  }
  return found;
}

}  // namespace fluxgate
