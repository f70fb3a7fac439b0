// What the bodies of API requests cost at worst; see cost_shapes.h.

#include "cost_shapes.h"
#include "protocols/json/body.h"

using namespace chancery;

namespace {

using bench::repeat;
using bench::Shape;

bool json_body(BytesView text) { return json::Body::parse_json(as_text(text)).has_value(); }
bool form_body(BytesView text) { return json::Body::parse_form(as_text(text)).has_value(); }

Bytes members(std::size_t count) {
  std::string text = "{";
  for (std::size_t i = 0; i < count; ++i) text += "\"m" + std::to_string(i) + "\":1,";
  return to_bytes(as_bytes(text + "\"z\":0}"));
}

// Names of two letters are the shortest that there are enough of.
Bytes short_members(std::size_t count) {
  std::string text = "{";
  for (std::size_t i = 0; i < count; ++i) {
    text +=
        {'"', static_cast<char>('a' + i % 26), static_cast<char>('a' + i / 26), '"', ':', '1', ','};
  }
  return to_bytes(as_bytes(text + "\"z\":0}"));
}

Bytes nested_members(std::size_t count) {
  Bytes out = repeat("{\"a\":", 1);
  append(out, short_members(count));
  append(out, repeat("}", 1));
  return out;
}

Bytes escapes(std::size_t count) {
  Bytes out = repeat("{\"a\":\"", 1);
  append(out, repeat("\\u00fc", count));
  append(out, repeat("\"}", 1));
  return out;
}

constexpr Shape kShapes[] = {
    {"json-arrays", json_body, [](std::size_t n) { return repeat("[", n); }, 20'000},
    {"json-objects", json_body, [](std::size_t n) { return repeat("{\"a\":", n); }, 5'000},
    {"json-members", json_body, members, 60},
    {"json-short-members", json_body, short_members, 60},
    {"json-nested-members", json_body, nested_members, 60},
    {"json-members-too-many", json_body, members, 2'000},
    {"json-escapes", json_body, escapes, 3'000},
    {"form-members", form_body, [](std::size_t n) { return repeat("a=%41&", n); }, 3'000},
};

}  // namespace

int main() { return bench::measure(kShapes); }
