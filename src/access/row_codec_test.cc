#include "access/row_codec.h"

#include <doctest/doctest.h>

namespace chancery::access {
namespace {

struct Offer {
  static constexpr std::int64_t kVersion = 1;
  std::vector<std::string> methods{"one", "two"};

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.methods);
  }
};

TEST_CASE("a list that a new row has already is what the stored row says") {
  Offer offer;
  CHECK(RowReader::decode<Offer>(RowWriter::encode(offer)).value().methods == offer.methods);
  offer.methods = {"three"};
  CHECK(RowReader::decode<Offer>(RowWriter::encode(offer)).value().methods == offer.methods);
  offer.methods.clear();
  CHECK(RowReader::decode<Offer>(RowWriter::encode(offer)).value().methods.empty());
}

}  // namespace
}  // namespace chancery::access
