#include "containers/ber.h"

#include "asn1/tag.h"
#include "asn1/writer.h"

namespace chancery::containers {
namespace {

constexpr unsigned kMaxDepth = 24;
constexpr std::uint8_t kConstructed = 0x20;
constexpr std::uint8_t kPieces = asn1::kOctetString | kConstructed;

struct Header {
  std::uint8_t tag = 0;
  bool indefinite = false;
  std::size_t length = 0;
};

std::unexpected<Error> malformed(std::string_view detail) { return fail(Code::kMalformed, detail); }

Result<Header> read_header(BytesView& rest) {
  if (rest.size() < 2) return malformed("BER element is truncated");
  Header header{rest[0], rest[1] == 0x80, rest[1]};
  const std::size_t octets = rest[1] & 0x7f;
  if ((header.tag & 0x1f) == 0x1f) return malformed("BER element has a high tag number");
  rest = rest.subspan(2);
  if (header.indefinite) {
    if ((header.tag & kConstructed) == 0) return malformed("primitive BER has no length");
    return header;
  }
  if (header.length >= 0x80) {
    if (octets > 4 || octets > rest.size()) return malformed("BER length is out of range");
    header.length = 0;
    for (std::size_t i = 0; i < octets; ++i) header.length = header.length << 8 | rest[i];
    rest = rest.subspan(octets);
  }
  if (header.length > rest.size()) return malformed("BER element is truncated");
  return header;
}

bool at_end_of_contents(BytesView rest) { return rest.size() >= 2 && rest[0] == 0 && rest[1] == 0; }

Result<void> rewrite(BytesView& rest, asn1::Writer& out, unsigned depth);

// Calls each(rest) for every element inside, and moves `rest` behind them.
template <class Each>
Result<void> for_each_inside(const Header& header, BytesView& rest, Each each) {
  if (header.indefinite) {
    while (!at_end_of_contents(rest)) TRY(each(rest));
    rest = rest.subspan(2);
    return {};
  }
  BytesView inside = rest.first(header.length);
  rest = rest.subspan(header.length);
  while (!inside.empty()) TRY(each(inside));
  return {};
}

Result<void> join_pieces(const Header& header, BytesView& rest, Bytes& out, unsigned depth) {
  if (depth == kMaxDepth) return fail(Code::kTooLarge, "BER is nested too deeply");
  return for_each_inside(header, rest, [&](BytesView& inside) -> Result<void> {
    const Header piece = TRY(read_header(inside));
    if (piece.tag == kPieces) return join_pieces(piece, inside, out, depth + 1);
    if (piece.tag != asn1::kOctetString) return malformed("piece of an OCTET STRING is none");
    append(out, inside.first(piece.length));
    inside = inside.subspan(piece.length);
    return {};
  });
}

Result<void> rewrite(BytesView& rest, asn1::Writer& out, unsigned depth) {
  if (depth == kMaxDepth) return fail(Code::kTooLarge, "BER is nested too deeply");
  const Header header = TRY(read_header(rest));
  if (header.tag == kPieces) {
    Bytes joined;
    TRY(join_pieces(header, rest, joined, depth));
    out.octet_string(joined);
    return {};
  }
  if ((header.tag & kConstructed) == 0) {
    out.element(header.tag, rest.first(header.length));
    rest = rest.subspan(header.length);
    return {};
  }
  Result<void> done;
  out.nest(header.tag, [&] {
    done = for_each_inside(header, rest,
                           [&](BytesView& inside) { return rewrite(inside, out, depth + 1); });
  });
  return done;
}

}  // namespace

Result<Bytes> ber_to_der(BytesView ber) {
  asn1::Writer out(ber.size() + 16);
  TRY(rewrite(ber, out, 0));
  if (!ber.empty()) return malformed("bytes follow the BER element");
  return std::move(out).take();
}

}  // namespace chancery::containers
