#include "gateway/config/default_config.h"

namespace fluxgate::config {

// Loopback only: whoever opens the gateway to a network does it knowingly, with a file.
std::string_view DefaultConfigXml() {
  return R"xml(<FluxgateConfig>
  <Name>fluxgate</Name>
  <Transports>
    <Transport>
      <Name>grpc</Name>
      <Type>grpc</Type>
      <InetAddr>127.0.0.1:50051</InetAddr>
    </Transport>
    <Transport>
      <Name>amps-tcp</Name>
      <Type>tcp</Type>
      <Protocol>amps</Protocol>
      <MessageType>json</MessageType>
      <InetAddr>127.0.0.1:9007</InetAddr>
    </Transport>
    <Transport>
      <Name>amps-unix</Name>
      <Type>amps-unix</Type>
      <Protocol>amps</Protocol>
      <MessageType>json</MessageType>
      <FileName>${FLUXGATE_SOCKET:-/tmp/fluxgate.sock}</FileName>
    </Transport>
  </Transports>
  <SOW>
    <Topic>
      <Name>state</Name>
      <MessageType>json</MessageType>
      <Pattern>state/.+</Pattern>
      <Key>/id</Key>
    </Topic>
  </SOW>
  <Logging>
    <Target>
      <Protocol>stderr</Protocol>
      <Level>info</Level>
    </Target>
  </Logging>
</FluxgateConfig>
)xml";
}

}  // namespace fluxgate::config
