#pragma once

#include <iostream>
#include <span>
#include <string>

#include "base/bytes.h"

// Inputs of the shapes that cost a parser most, each at three sizes, for a tool that counts
// instructions (tests/compare/cost_test.py): every call of parse_once is one measurement, and a
// line on standard output says of which.

// parse_once has a name that the tool can find.
extern "C" [[gnu::noinline]] inline bool parse_once(bool (*parse)(chancery::BytesView),
                                                    const std::uint8_t* data, std::size_t size) {
  return parse(chancery::BytesView(data, size));
}

namespace chancery::bench {

struct Shape {
  const char* name;
  bool (*parse)(BytesView);
  Bytes (*make)(std::size_t);
  std::size_t count;  // and twice and four times as many
};

inline Bytes repeat(std::string_view piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return to_bytes(as_bytes(text));
}

inline int measure(std::span<const Shape> shapes) {
  for (const Shape& shape : shapes) {
    for (const std::size_t factor : {1UZ, 2UZ, 4UZ}) {
      const Bytes input = shape.make(shape.count * factor);
      const bool accepted = parse_once(shape.parse, input.data(), input.size());
      std::cout << shape.name << ' ' << factor << ' ' << input.size() << ' '
                << (accepted ? "accepted" : "refused") << '\n';
    }
  }
  return 0;
}

}  // namespace chancery::bench
