#pragma once

#include "http/conditional.h"

namespace chancery::vault {

// revalidated gives a finished answer of certificates an entity tag, or replaces it by 304 where
// the client has just this. Other answers stay as they are.
[[nodiscard]] http::Response revalidated(const http::Request& request, http::Response response);

}  // namespace chancery::vault
