#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "asn1/tag.h"
#include "base/bytes.h"
#include "base/time.h"

namespace chancery::asn1 {

// What one DER document may cost, whatever its sender wants.
inline constexpr unsigned kMaxDepth = 24;
inline constexpr std::size_t kMaxElementSize = 256 * 1024 * 1024;

struct Element {
  std::uint8_t tag = 0;
  BytesView content;  // without the header
  BytesView whole;    // header and content
};

struct BitString {
  BytesView bytes;
  unsigned unused_bits = 0;  // 0..7, in the last byte; they are zero (DER)
};

// Reader walks the elements of DER (X.690 section 10) in memory it does not own: no allocation, no
// copy. It refuses what DER forbids: indefinite and non-minimal lengths, high tag numbers (nothing
// in PKIX uses them), primitive bits that do not fit the type, nesting over kMaxDepth, truncated
// elements. Every error is kMalformed (kTooLarge for depth and size) and carries the byte offset
// from the start of the outermost document. Not thread-safe; cheap to copy.
class Reader {
 public:
  explicit Reader(BytesView der) : Reader(der, der.data(), 0) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] BytesView rest() const { return rest_; }
  // next_is looks at the tag of the next element without reading it; false at the end.
  [[nodiscard]] bool next_is(std::uint8_t tag) const {
    return !rest_.empty() && rest_.front() == tag;
  }

  // next reads one element of any kind.
  [[nodiscard]] Result<Element> next();
  // read takes one element with exactly this tag and returns its content.
  [[nodiscard]] Result<BytesView> read(std::uint8_t tag);
  // read_whole is read, but returns header and content.
  [[nodiscard]] Result<BytesView> read_whole(std::uint8_t tag);
  // read_optional returns nothing when the next element has another tag or there is none.
  [[nodiscard]] Result<std::optional<BytesView>> read_optional(std::uint8_t tag);
  // enter steps into a constructed element.
  [[nodiscard]] Result<Reader> enter(std::uint8_t tag);
  [[nodiscard]] Result<Reader> enter_sequence() { return enter(kSequence); }
  [[nodiscard]] Result<Reader> enter_set() { return enter(kSet); }
  // finish refuses elements that were not read.
  [[nodiscard]] Result<void> finish() const;

  [[nodiscard]] Result<bool> read_boolean();
  // read_integer returns the two's complement content, checked to be minimal.
  [[nodiscard]] Result<BytesView> read_integer(std::uint8_t tag = kInteger);
  // read_unsigned returns a non-negative INTEGER's magnitude without the leading zero byte.
  [[nodiscard]] Result<BytesView> read_unsigned();
  [[nodiscard]] Result<std::int64_t> read_int64(std::uint8_t tag = kInteger);
  [[nodiscard]] Result<BitString> read_bit_string(std::uint8_t tag = kBitString);
  [[nodiscard]] Result<BytesView> read_octet_string() { return read(kOctetString); }
  // read_oid returns the content octets, checked to be a valid encoding of at most 64 octets.
  [[nodiscard]] Result<BytesView> read_oid(std::uint8_t tag = kObjectIdentifier);
  [[nodiscard]] Result<void> read_null();
  // read_time reads a UTCTime or GeneralizedTime in the only forms RFC 5280 section 4.1.2.5 allows:
  // with seconds, Zulu, no fraction; UTCTime years 1950..2049.
  [[nodiscard]] Result<TimePoint> read_time();
  [[nodiscard]] Result<TimePoint> read_generalized_time();

  // error makes an Error that names this reader's position.
  [[nodiscard, gnu::cold]] std::unexpected<Error> error(std::string_view detail,
                                                        Code code = Code::kMalformed) const;

 private:
  Reader(BytesView der, const std::uint8_t* origin, unsigned depth)
      : rest_(der), origin_(origin), depth_(depth) {}

  struct Fault {
    std::string_view detail;
    Code code = Code::kMalformed;
  };
  // split takes the next element off; says what is wrong with it otherwise. Not a Result: this runs
  // for every element there is, and moving an Error's place about is most of what reading costs.
  [[nodiscard]] std::optional<Fault> split(Element& out);
  [[nodiscard]] std::unexpected<Error> error(const Fault& fault) const {
    return error(fault.detail, fault.code);
  }
  // wrong_tag is the error of a reader whose next element is another one than wanted.
  [[nodiscard, gnu::cold]] std::unexpected<Error> wrong_tag() const;

  BytesView rest_;
  const std::uint8_t* origin_;
  unsigned depth_;
};

}  // namespace chancery::asn1
