#!/bin/bash
# The library as somebody outside of this repository has it: the headers and libfluxgate-amps.so, with
# the system's compilers. What it needs, what it exports, and programs that are built against it.
set -eu
root="$TEST_SRCDIR/$TEST_WORKSPACE"
library="$root/client/amps/libfluxgate-amps.so"
include="$root/client/amps/include"
made="$TEST_TMPDIR"
fail() { echo "FAIL: $*"; exit 1; }

needed=$(readelf -d "$library" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
for one in $needed; do
  case "$one" in
    libstdc++.so.6|libm.so.6|libgcc_s.so.1|libc.so.6|ld-linux-*) ;;
    *) fail "the library needs $one" ;;
  esac
done
readelf -d "$library" | grep -q 'SONAME.*\[libfluxgate-amps.so\]' || fail "no soname"
others=$(nm -DC --defined-only "$library" | cut -d' ' -f3- | grep -v 'AMPS::' | grep -v '^std::' || true)
[ -z "$others" ] || fail "it exports more than namespace AMPS: $others"

cat >"$made/every_header_alone.sh" <<'END'
for header in "$1"/amps/*.h; do
  echo "#include \"$header\"" | "$2" -std=c++17 -Wall -Wextra -Wpedantic -Werror -I "$1" \
    -fsyntax-only -x c++ - || exit 1
done
END

# The three functions of the guide: C linkage, a Client by reference.
cat >"$made/functions.cc" <<'END'
#include <amps/amps.h>
extern "C" {
void publish_message(AMPS::Client& client, const char* topic, const char* data) {
  try {
    if (topic && data) client.publish(topic, data);
  } catch (AMPS::Exception& e) {
  }
}
void vector_publish(AMPS::Client& client, const char* topic, const char** data, size_t length) {
  try {
    for (; length; --length, ++data) client.publish(topic, *data);
  } catch (AMPS::Exception& e) {
  }
}
void my_message_handler(AMPS::Message& message, void* user_data) {
  *static_cast<std::string*>(user_data) += message.getData();
}
}
END
cat >"$made/program.cc" <<'END'
#include <amps/amps.h>

#include <cstring>
#include <iostream>
extern "C" void publish_message(AMPS::Client& client, const char* topic, const char* data);
extern "C" void my_message_handler(AMPS::Message& message, void* user_data);
int main() {
  std::string got;
  AMPS::MessageHandler handler(my_message_handler, &got);
  AMPS::Message::Fields fields;
  fields.data = "handled";
  AMPS::Message message(fields);
  handler(message);
  if (got != "handled") return 1;
  AMPS::HAClient client("plain");
  client.setDelayStrategy(std::make_shared<AMPS::FixedDelayStrategy>(1, 5));
  client.setServerChooser(std::make_shared<AMPS::DefaultServerChooser>(
      std::vector<std::string>{"tcp://127.0.0.1:1/amps/json"}));
  try {
    client.connectAndLogon();
    return 2;
  } catch (const AMPS::ConnectionException&) {
  }
  AMPS::Client plain;
  publish_message(plain, "topic", "data");
  try {
    plain.connect("tcp://127.0.0.1:1/amps/json");
    return 3;
  } catch (const AMPS::ConnectionRefusedException& e) {
    if (!std::strstr(e.what(), "127.0.0.1:1")) return 4;
  }
  try {
    AMPS::sslInit("no such file");
    return 5;
  } catch (const AMPS::Exception& e) {
    if (e.toString().find("SslException: cannot load no such file") != 0) return 6;
  }
  std::cout << "done\n";
}
END

for compiler in g++ clang++; do
  sh "$made/every_header_alone.sh" "$include" "$compiler" || fail "$compiler: a header"
  flags="-std=c++17 -Wall -Wextra -Wpedantic -Werror -I $include"
  "$compiler" $flags -shared -fPIC -o "$made/libfunctions.so" "$made/functions.cc" "$library"
  "$compiler" $flags -o "$made/program" "$made/program.cc" -L "$made" -lfunctions \
    -L "$(dirname "$library")" -lfluxgate-amps -Wl,-rpath,"$made:$(dirname "$library")"
  [ "$("$made/program")" = done ] || fail "$compiler: the program"
done
echo PASS
