// "Implementing the Handler": the signature as printed. The program that loads the library asks for
// my_message_hander, so that is what the function is called. Its user data is a str, which ctypes
// passes as wchar_t*.
#include <amps/amps.h>

#include <cstdio>

extern "C" void my_message_hander(AMPS::Message& message, void* userdata) {
  std::printf("%ls: %.*s\n", static_cast<const wchar_t*>(userdata),
              static_cast<int>(message.getData().size()), message.getData().data());
  std::fflush(stdout);
}
