#pragma once

#include <string>

#include "boost/json/fwd.hpp"
#include "x509/path/validate.h"

namespace chancery::cli {

// verify_text explains a validation to a person: the verdict, each certificate of the path with
// every check made on it, then the paths that were given up. verify_json says the same as a value.
[[nodiscard]] std::string verify_text(const x509::path::Report& report,
                                      const x509::path::Options& options);
[[nodiscard]] boost::json::value verify_json(const x509::path::Report& report,
                                             const x509::path::Options& options);

}  // namespace chancery::cli
