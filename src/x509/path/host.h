#pragma once

#include <string_view>

#include "x509/certificate.h"
#include "x509/path/findings.h"

namespace chancery::x509::path {

// check_host wants `host`, a DNS name (with or without the root's dot) or an IP address, among the
// target's subject alternative names (RFC 9525). The common name is not looked at.
void check_host(const Certificate& target, std::string_view host, Findings& findings);

}  // namespace chancery::x509::path
