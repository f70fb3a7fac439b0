#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "asn1/tag.h"
#include "base/bytes.h"
#include "base/time.h"

namespace chancery::asn1 {

// Writer builds DER front to back; the length of a constructed element is patched in when it is
// complete, so callers never compute sizes. Not thread-safe.
class Writer {
 public:
  Writer() { out_.reserve(1024); }
  explicit Writer(std::size_t reserve) { out_.reserve(reserve); }

  // nest writes one constructed element whose content `body` writes: w.nest(kSequence, [&] { ...
  // }).
  template <class Body>
  void nest(std::uint8_t tag, Body&& body) {
    const std::size_t start = begin(tag);
    std::forward<Body>(body)();
    end(start);
  }
  template <class Body>
  void sequence(Body&& body) {
    nest(kSequence, std::forward<Body>(body));
  }

  void element(std::uint8_t tag, BytesView content);
  void element(std::uint8_t tag, std::string_view content) { element(tag, as_bytes(content)); }
  // raw copies bytes that already are DER.
  void raw(BytesView der) { append(out_, der); }

  void boolean(bool value);
  void integer(std::int64_t value, std::uint8_t tag = kInteger);
  // unsigned_integer writes a big-endian magnitude, made minimal and positive.
  void unsigned_integer(BytesView magnitude);
  void bit_string(BytesView bytes, unsigned unused_bits = 0, std::uint8_t tag = kBitString);
  void octet_string(BytesView bytes) { element(kOctetString, bytes); }
  // oid takes content octets, such as Oid::der().
  void oid(BytesView content) { element(kObjectIdentifier, content); }
  void null() { element(kNull, BytesView{}); }
  // time writes UTCTime through 2049 and GeneralizedTime after (RFC 5280 section 4.1.2.5).
  void time(TimePoint value);
  void generalized_time(TimePoint value, std::uint8_t tag = kGeneralizedTime);

  [[nodiscard]] BytesView view() const { return out_; }
  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] Bytes take() && { return std::move(out_); }

 private:
  std::size_t begin(std::uint8_t tag);
  void end(std::size_t start);

  Bytes out_;
};

}  // namespace chancery::asn1
