// Prints the sample file: bazel run //tests/data:write_orders > tests/data/orders.jsonl
#include <cstdio>

#include "tests/data/market_data.h"

int main() {
  for (const auto& order : fluxgate::testdata::MakeOrders(300)) {
    std::puts(fluxgate::testdata::ToJson(order).c_str());
  }
  return 0;
}
