#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "ca/service.h"
#include "net/tls.h"

namespace chancery::server {

// make_tls_context has the server's own authority issue it a TLS certificate, recorded like any
// other, for a key that lives in memory only. Errors: kNotFound (no default authority), those of
// issuing.
[[nodiscard]] Result<std::shared_ptr<net::TlsServerContext>> make_tls_context(
    ca::Service& ca, const std::vector<std::string>& names, const Clock& clock);

}  // namespace chancery::server
