#pragma once

#include <string>

#include "base/bytes.h"
#include "validation/network/probe.h"

namespace chancery::validation::network {

// tls_alpn_01 looks at the certificate that the server shows under the ALPN name "acme-tls/1" (RFC
// 8737, RFC 8738 section 6). The certificate's dates and signature do not matter.
[[nodiscard]] Outcome tls_alpn_01(const Attempt& attempt, const Probe& probe);

// alpn_objection says what is wrong with a certificate (DER) for this attempt; "" when nothing is.
// Pure.
[[nodiscard]] std::string alpn_objection(const Attempt& attempt, BytesView certificate);

// server_name is the name in the handshake: the identifier, or an address's name below in-addr.arpa
// or ip6.arpa.
[[nodiscard]] std::string server_name(const Identifier& identifier);

}  // namespace chancery::validation::network
