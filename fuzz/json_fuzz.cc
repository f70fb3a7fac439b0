#include "protocols/json/body.h"

// The body of an API request, as JSON and as a form: what is accepted keeps the promised bounds,
// and no name stands twice.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const std::string_view text = as_text(BytesView(data, size));
  for (const auto& body : {json::Body::parse_json(text), json::Body::parse_form(text)}) {
    if (!body) continue;
    CHANCERY_CHECK(body->members().size() <= json::Body::kMaxMembers);
    for (const auto& [name, value] : body->members()) {
      CHANCERY_CHECK(body->find(name) == &value);
      CHANCERY_CHECK(value.items.size() <= json::Body::kMaxItems);
    }
  }
  return 0;
}
