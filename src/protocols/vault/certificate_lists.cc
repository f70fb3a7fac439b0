#include "crypto/algorithm.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/issue_answer.h"
#include "protocols/vault/page.h"
#include "protocols/vault/warnings.h"

// The lists of certificates, in byte order of their serials, a page at a time.

namespace chancery::vault {
namespace {

constexpr std::size_t kMostSerials = 10'000;
// Each one is read and parsed.
constexpr std::size_t kMostDetailed = 2'000;
constexpr std::size_t kMostNames = 5;  // of one certificate, as OpenBao

struct SerialPage {
  Bytes after;
  std::size_t limit = 0;
  bool past_all = false;  // `after` is no serial: nothing follows it
};

Result<SerialPage> read_serial_page(const Call& call, std::size_t most) {
  const Page page = TRY(read_page(call.body, most));
  if (page.after.empty()) return SerialPage{{}, page.limit, false};
  auto serial = x509::parse_serial(page.after);
  if (!serial) return SerialPage{{}, page.limit, true};
  return SerialPage{*std::move(serial), page.limit, false};
}

// list answers with the serials that `read` gives for a page.
template <class Read, class Write>
http::Response list(Call& call, std::size_t most, Read read, Write write) {
  const auto page = read_serial_page(call, most);
  if (!page) return failed(call, field_error(page.error()));
  if (page->past_all) return absent();
  const auto serials = read(*page);
  if (!serials) return failed(call, serials.error());
  if (serials->empty()) return absent();
  return write(*serials);
}

http::Response write_keys(const Call& call, const std::vector<Bytes>& serials) {
  Envelope answer(call.request.request_id, 256 + serials.size() * 64);
  answer.data().begin_object().key("keys").begin_array();
  for (const Bytes& serial : serials) answer.data().string(serial_text(serial));
  answer.data().end_array().end_object();
  return std::move(answer).finish();
}

std::int64_t key_bits(crypto::KeyType type) {
  switch (type.algorithm) {
    case crypto::KeyAlgorithm::kRsa:
      return type.rsa_bits;
    case crypto::KeyAlgorithm::kEcdsaP384:
      return 384;
    case crypto::KeyAlgorithm::kEcdsaP521:
      return 521;
    case crypto::KeyAlgorithm::kMlDsa44:
      return 44;
    case crypto::KeyAlgorithm::kMlDsa65:
      return 65;
    case crypto::KeyAlgorithm::kMlDsa87:
      return 87;
    default:
      return 256;
  }
}

void write_names(json::Writer& out, const x509::Certificate& certificate) {
  out.key("dns_names");
  std::vector<std::string> names;
  for (const x509::GeneralName& name : certificate.subject_alt_names()) {
    if (name.kind() != x509::GeneralName::Kind::kDns) continue;
    if (names.size() < kMostNames) names.emplace_back(name.text());
  }
  if (names.empty()) {
    out.null();
    return;
  }
  out.begin_array();
  for (const std::string& name : names) out.string(name);
  out.end_array();
}

Result<void> write_details(const Call& call, json::Writer& out, BytesView serial) {
  auto stored = TRY(call.use.service.find(call.scope(), serial));
  const auto certificate = TRY(x509::Certificate::parse(std::move(stored.der)));
  out.key(serial_text(serial)).begin_object();
  out.field("common_name", stored.row.common_name);
  write_names(out, certificate);
  out.field("issuer", certificate.issuer().to_string());
  const auto key = certificate.public_key();
  out.field("key_bits", key ? key_bits(key->type()) : 0);
  out.field("key_type", key ? key_type_name(key->type()) : std::string_view("unknown"));
  out.field("not_after", rfc3339(certificate.not_after()));
  out.field("not_before", rfc3339(certificate.not_before())).end_object();
  return {};
}

http::Response write_detailed(Call& call, const std::vector<Bytes>& serials) {
  Envelope answer(call.request.request_id, 256 + serials.size() * 400);
  json::Writer& out = answer.data().begin_object().key("key_info").begin_object();
  std::vector<std::string> keys;
  for (const Bytes& serial : serials) {
    if (const auto written = write_details(call, out, serial); !written)
      return failed(call, written.error());
    keys.push_back(serial_text(serial));
  }
  out.end_object().field("keys", keys).end_object();
  return std::move(answer).finish();
}

Result<std::vector<Bytes>> stored_serials(const Call& call, const SerialPage& page) {
  return call.use.service.store().index().list_serials(call.scope(), page.after, page.limit);
}

}  // namespace

http::Response list_certificates(Call& call) {
  return list(
      call, kMostSerials, [&](const SerialPage& page) { return stored_serials(call, page); },
      [&](const std::vector<Bytes>& serials) { return write_keys(call, serials); });
}

http::Response list_certificates_detailed(Call& call) {
  return list(
      call, kMostDetailed, [&](const SerialPage& page) { return stored_serials(call, page); },
      [&](const std::vector<Bytes>& serials) { return write_detailed(call, serials); });
}

http::Response list_revoked_certificates(Call& call) {
  return list(
      call, kMostSerials,
      [&](const SerialPage& page) {
        return call.use.service.list_revoked(call.scope(), page.after, page.limit);
      },
      [&](const std::vector<Bytes>& serials) { return write_keys(call, serials); });
}

}  // namespace chancery::vault
