// Prints what belongs between the marks of docs/configuration.md.
#include <cstdio>

#include "gateway/config/config_reference.h"

int main() { return std::fputs(fluxgate::config::ElementReference().c_str(), stdout) < 0 ? 1 : 0; }
