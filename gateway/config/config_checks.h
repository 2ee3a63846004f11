// What one element's value alone cannot tell: elements that belong together or exclude each other,
// and values that must differ. Pure functions over what the loader read; one thread.
#ifndef FLUXGATE_GATEWAY_CONFIG_CONFIG_CHECKS_H_
#define FLUXGATE_GATEWAY_CONFIG_CONFIG_CHECKS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/filter/function_registry.h"
#include "gateway/config/config.h"
#include "gateway/config/config_errors.h"
#include "gateway/config/config_schema.h"
#include "gateway/config/known_names.h"

namespace fluxgate::config {

// Room that a gRPC message needs beside the message body it carries.
inline constexpr uint64_t kGrpcEnvelopeBytes = 64ull << 10;

// Where one occurrence of a container stands in the file, and which children it has.
struct Place {
  struct Child {
    std::string_view name;
    uint32_t line;
    bool ok;           // its value was taken, and those of its children
    std::string text;  // of a value, as it was taken
    std::vector<Child> children = {};
  };
  uint32_t line = 0;
  std::vector<Child> children;

  // Null when the file does not have it.
  const Child* Find(std::string_view name) const;
  // The child's line, or the container's.
  uint32_t LineOf(std::string_view name) const;
};

// The children of that name, in order, whose values were taken.
std::vector<const Place::Child*> ChildrenNamed(const std::vector<Place::Child>& children,
                                               std::string_view name);

// Transports of this type have no use for the element.
bool IsRefused(TransportType type, std::string_view element);

// Elements that the transport's type needs or refuses. Nothing when its type is not known.
void CheckTransport(const Transport& transport, const Place& place, ConfigErrors& errors);

// Names, addresses and socket files that two transports have in common. `places` is parallel to
// `transports`.
void CheckTransportsDiffer(const std::vector<Transport>& transports,
                           const std::vector<Place>& places, ConfigErrors& errors);

// Elements that a message type's module needs or refuses, names in use, parts that are none, and
// what only trying shows. `places` is parallel to the message types.
void CheckMessageTypes(const Config& config, const std::vector<Place>& places,
                       const KnownNames& known, ConfigErrors& errors);

// Message types of transports that there are none of. `places` is parallel to the transports.
void CheckTransportMessageTypes(const Config& config, const std::vector<Place>& places,
                                const KnownNames& known, ConfigErrors& errors);

// Elements of TLS that belong together, names in use, and what only reading the files shows.
// `places` is parallel to the transports.
void CheckTransportTls(const Config& config, const std::vector<Place>& places,
                       const KnownNames& known, ConfigErrors& errors);

// What stored topics, conflated topics and views demand of their own elements, of each other and of
// message types. Sets what follows from other elements: who makes keys, names in file names,
// message types of conflated topics. `places` is parallel to the definitions.
void CheckSow(Config& config, const std::vector<Place>& places, const KnownNames& known,
              const FunctionRegistry& functions, ConfigErrors& errors);

// Names that two modules have in common. `places` is parallel to the modules.
void CheckModules(const std::vector<ModuleConfig>& modules, const std::vector<Place>& places,
                  ConfigErrors& errors);

// There is a <Module> of that name.
void CheckModuleName(const Config& config, const std::string& name, uint32_t line,
                     ConfigErrors& errors);
// Those of functions. `places` is parallel to the functions.
void CheckFunctionModules(const Config& config, const std::vector<Place>& places,
                          ConfigErrors& errors);

// Names in use and modules that there are none of. `places` is parallel to the protocols.
void CheckProtocols(const Config& config, const std::vector<Place>& places, const KnownNames& known,
                    ConfigErrors& errors);

// An <Authentication> or <Entitlement>, wherever it is.
struct ModuleUsePlace {
  std::string_view element;
  Place place;
};
// Uses of modules that there are none of.
void CheckModuleUses(const Config& config, const std::vector<ModuleUsePlace>& uses,
                     const KnownNames& known, ConfigErrors& errors);

// What the parts of actions say of their modules and options, as far as whoever runs them can tell.
// `places` is parallel to the actions.
void CheckActions(const Config& config, const std::vector<Place>& places, const KnownNames& known,
                  ConfigErrors& errors);

// Names of message types that this configuration has.
std::vector<std::string> MessageTypeNames(const Config& config, const KnownNames& known);
// Why there is no message type `name` among `names`.
Problem UnknownMessageType(std::string_view name, const std::vector<std::string>& names);

void CheckLogTarget(const LogTarget& target, const Place& place, ConfigErrors& errors);

void CheckLimits(const Limits& limits, const Place& place, ConfigErrors& errors);

}  // namespace fluxgate::config

#endif  // FLUXGATE_GATEWAY_CONFIG_CONFIG_CHECKS_H_
