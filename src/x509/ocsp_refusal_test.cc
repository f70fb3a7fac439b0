// What of OCSP is refused, and what is taken though this product never writes it.

#include <doctest/doctest.h>

#include <functional>

#include "asn1/writer.h"
#include "x509/ocsp.h"
#include "x509/oids.h"
#include "x509/test_certificates.h"

namespace chancery::x509 {
namespace {

using asn1::context;
using asn1::context_constructed;
using asn1::Writer;
using testing::kNotBefore;
using Part = std::function<void(Writer&)>;

void nothing(Writer&) {}

void write_cert_id(Writer& w, std::size_t hash_size, const asn1::Oid& hash = oids::kSha1) {
  w.sequence([&] {
    w.sequence([&] { w.oid(hash.der()); });
    w.octet_string(Bytes(hash_size, 1));
    w.octet_string(Bytes(hash_size, 2));
    w.integer(7);
  });
}

Part extension(unsigned tag, bool critical) {
  return [=](Writer& w) {
    w.nest(context_constructed(tag), [&] {
      w.sequence([&] {
        w.sequence([&] {
          w.oid(asn1::Oid("1.3.6.1.4.1.99999.1").der());
          if (critical) w.boolean(true);
          w.octet_string(Bytes{0x05, 0x00});
        });
      });
    });
  };
}

Part version(std::int64_t number) {
  return [=](Writer& w) { w.nest(context_constructed(0), [&] { w.integer(number); }); };
}

// "" when the request is taken.
std::string request(const Part& head, const Part& single_tail, const Part& tail,
                    std::size_t hash_size = 20, const asn1::Oid& hash = oids::kSha1) {
  Writer w;
  w.sequence([&] {
    w.sequence([&] {
      head(w);
      w.sequence([&] {
        w.sequence([&] {
          write_cert_id(w, hash_size, hash);
          single_tail(w);
        });
      });
      tail(w);
    });
  });
  const auto parsed = OcspRequest::parse(w.view());
  return parsed ? "" : parsed.error().detail;
}

TEST_CASE("requests: version, name of the asker, extensions and hashes") {
  CHECK(request(nothing, nothing, nothing).empty());
  CHECK(request(version(0), nothing, nothing).empty());
  CHECK(request(version(1), nothing, nothing) == "version of the OCSP request is not 1");
  const Part asker = [](Writer& w) {
    w.nest(context_constructed(1), [&] { w.element(context(2), "who.test"); });
  };
  CHECK(request(asker, nothing, nothing).empty());
  const Part no_name = [](Writer& w) { w.nest(context_constructed(1), [&] { w.null(); }); };
  CHECK_FALSE(request(no_name, nothing, nothing).empty());
  CHECK(request(nothing, extension(0, false), extension(2, false)).empty());
  const char* const unknown = "OCSP request has an unknown critical extension";
  CHECK(request(nothing, extension(0, true), nothing) == unknown);
  CHECK(request(nothing, nothing, extension(2, true)) == unknown);
  CHECK(request(nothing, nothing, nothing, 32) == "CertID has a hash of a wrong size");
  CHECK(request(nothing, nothing, nothing, 20, oids::kSha256) ==
        "CertID has a hash of a wrong size");
  CHECK(request(nothing, nothing, nothing, 48, asn1::Oid("2.16.840.1.101.3.4.2.2")).empty());
}

struct Response {
  Part head = nothing;
  Part responder = [](Writer& w) {
    w.nest(context_constructed(2), [&] { w.octet_string(Bytes(20, 1)); });
  };
  Part status = [](Writer& w) { w.element(context(0), BytesView{}); };
  asn1::Oid type = oids::kOcspBasic;
  unsigned unused_bits = 0;

  [[nodiscard]] Bytes data() const {
    Writer w;
    w.sequence([&] {
      head(w);
      responder(w);
      w.generalized_time(kNotBefore);
      w.sequence([&] {
        w.sequence([&] {
          write_cert_id(w, 20);
          status(w);
          w.generalized_time(kNotBefore);
        });
      });
    });
    return std::move(w).take();
  }
  [[nodiscard]] Result<OcspResponse> parse() const {
    Writer basic;
    basic.sequence([&] {
      basic.raw(data());
      basic.raw(crypto::algorithm_identifier(crypto::SignatureScheme::kEcdsaSha256));
      basic.bit_string(Bytes(8, 0x80), unused_bits);
    });
    Writer w;
    w.sequence([&] {
      w.integer(0, asn1::kEnumerated);
      w.nest(context_constructed(0), [&] {
        w.sequence([&] {
          w.oid(type.der());
          w.octet_string(basic.view());
        });
      });
    });
    return OcspResponse::parse(to_bytes(w.view()));
  }
  [[nodiscard]] std::string refusal() const {
    const auto parsed = parse();
    return parsed ? "" : parsed.error().detail;
  }
};

Part revoked(std::int64_t reason) {
  return [=](Writer& w) {
    w.nest(context_constructed(1), [&] {
      w.generalized_time(kNotBefore);
      w.nest(context_constructed(0), [&] { w.integer(reason, asn1::kEnumerated); });
    });
  };
}

TEST_CASE("responses: version, responder, type and signature") {
  CHECK(Response{}.refusal().empty());
  CHECK(Response{.head = version(0)}.refusal().empty());
  CHECK(Response{.head = version(1)}.refusal() == "version of the OCSP response is not 1");
  const Name name = Name::parse("CN=Responder").value();
  const Response named{
      .responder = [&](Writer& w) { w.nest(context_constructed(1), [&] { w.raw(name.der()); }); }};
  CHECK(named.parse().value().responder_name == name);
  CHECK_FALSE(named.parse().value().responder_key_sha1.has_value());
  const Response nobody{
      .responder = [](Writer& w) { w.nest(context_constructed(3), [&] { w.null(); }); }};
  CHECK(nobody.refusal() == "DER element has an unexpected type");
  const auto other = Response{.type = asn1::Oid("1.3.6.1.5.5.7.48.1.2")}.parse();
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().code == Code::kUnsupported);
  CHECK(Response{.unused_bits = 1}.refusal() == "signature is not whole octets");
  CHECK(OcspResponse::parse(Bytes(kMaxOcspResponseSize + 1)).error().code == Code::kTooLarge);
}

TEST_CASE("responses: the status of a certificate") {
  CHECK(Response{.status = revoked(1)}.parse().value().entries[0].reason ==
        ReasonCode::kKeyCompromise);
  for (const std::int64_t reason : {7, 11, -1}) {
    CAPTURE(reason);
    CHECK(Response{.status = revoked(reason)}.refusal() == "revocation reason is unknown");
  }
  const auto plain = [](unsigned choice, std::string_view content) {
    return Response{.status = [=](Writer& w) { w.element(context(choice), content); }};
  };
  CHECK(plain(2, "").parse().value().entries[0].status == CertStatus::kUnknown);
  CHECK(plain(0, "x").refusal() == "certificate status has content");
  CHECK(plain(2, "x").refusal() == "certificate status has content");
  CHECK(plain(1, "").refusal() == "DER element has an unexpected type");
}

}  // namespace
}  // namespace chancery::x509
