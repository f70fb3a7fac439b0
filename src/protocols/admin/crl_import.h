#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "protocols/json/field_reader.h"

namespace chancery::admin {

// read_crl_import reads the body of a request that brings a CRL: {"crl": PEM}, nothing else. It is
// DER then, of which every entry was read; who signed it is not looked at. Errors:
// kInvalidArgument, with the field.
[[nodiscard]] Result<Bytes> read_crl_import(json::FieldReader& fields);

}  // namespace chancery::admin
