#pragma once

#include "access/certificate_roles.h"
#include "protocols/json/field_reader.h"
#include "protocols/json/writer.h"

namespace chancery::json {

// read_certificate_role takes the fields that a request has, by their names in Vault's API, and
// leaves the others as they are. Errors in Vault's words: kInvalidArgument.
[[nodiscard]] Result<void> read_certificate_role(FieldReader& fields,
                                                 access::CertificateRole& role);

// write_certificate_role writes all of them, without braces; lists without items are null.
void write_certificate_role(Writer& out, const access::CertificateRole& role);

}  // namespace chancery::json
