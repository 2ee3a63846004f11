// Where the files of modules are.
#ifndef FLUXGATE_CORE_MODULE_MODULE_FILES_H_
#define FLUXGATE_CORE_MODULE_MODULE_FILES_H_

#include <string>

namespace fluxgate {

// A path with a slash is taken as it is. A bare name is a file of the working directory, or else
// one of the modules that come with the gateway: in `modules` beside the program, in
// `../lib/fluxgate` of where it is installed, or in the build's own output. When there is none, the
// name itself.
std::string FindModuleFile(const std::string& library);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MODULE_MODULE_FILES_H_
