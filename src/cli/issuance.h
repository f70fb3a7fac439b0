#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "boost/json/fwd.hpp"
#include "x509/csr.h"
#include "x509/general_name.h"

// What the verbs that ask for certificates have in common.
namespace chancery::cli {

// text_of is a member's text, or "".
[[nodiscard]] std::string text_of(const boost::json::object& answer, std::string_view key);

// plain_names writes names as the admin API takes them: without labels, sorted by their looks.
// Kinds that it cannot take (otherName, ...) are left out: a request can hold them.
[[nodiscard]] boost::json::array plain_names(std::span<const x509::GeneralName> names);

// certificate_pem is an issued certificate, with those between it and the root when `chain` is set:
// what a TLS server sends. The root is what clients have already.
[[nodiscard]] std::string certificate_pem(const boost::json::object& answer, bool chain);

// warn_of tells the answer's warnings on standard error.
void warn_of(const boost::json::object& answer);

// read_request reads a request file's content, PEM or DER; errors name `file`.
[[nodiscard]] Result<x509::CertificationRequest> read_request(BytesView content,
                                                              const std::string& file);

}  // namespace chancery::cli
