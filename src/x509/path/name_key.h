#pragma once

#include <string>
#include <vector>

#include "x509/name.h"

namespace chancery::x509::path {

// rdn_keys gives one text for each RelativeDistinguishedName, equal for names that mean the same:
// values of every string type as UTF-8, without regard to ASCII case, runs of spaces and the order
// inside an RDN. Names that x509::matches have equal keys; the reverse does not hold.
[[nodiscard]] std::vector<std::string> rdn_keys(const Name& name);
// name_key joins them: a key for look-ups by name.
[[nodiscard]] std::string name_key(const Name& name);

}  // namespace chancery::x509::path
