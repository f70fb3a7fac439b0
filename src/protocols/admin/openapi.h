#pragma once

#include <string>
#include <string_view>

namespace chancery::admin {

// make_openapi writes the OpenAPI 3.1 document of this API: paths and operations from the route
// table, schemas and parameters from openapi_components.cc.
[[nodiscard]] std::string make_openapi(std::string_view version);

// openapi_components is the hand-written "components" object.
[[nodiscard]] std::string_view openapi_components();

}  // namespace chancery::admin
