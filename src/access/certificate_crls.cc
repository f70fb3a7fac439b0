#include "access/certificate_crls.h"

#include <algorithm>

#include "asn1/pem.h"
#include "base/text.h"

namespace chancery::access {
namespace {

std::unexpected<Error> refuse(std::string detail, std::string_view field) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field));
}

// read_crl takes PEM or DER.
Result<Bytes> read_crl(std::string_view text) {
  if (!text.contains("-----BEGIN")) return to_bytes(text);
  return asn1::parse_one_pem(text, "X509 CRL");
}

Result<Bytes> checked(std::string_view text, std::string_view field) {
  if (text.size() > CertificateCrls::kMaxSize) return refuse("the CRL is over 1 MiB", field);
  auto der = read_crl(text);
  if (!der) return refuse("failed to parse CRL: " + der.error().detail, field);
  const auto list = x509::CertificateList::parse(BytesView(*der));
  if (!list) return refuse("failed to parse CRL: " + list.error().detail, field);
  if (list->is_delta())
    return refuse("a delta CRL tells of changes only; give the complete one", field);
  if (!list->next_update() || *list->next_update() < list->this_update())
    return refuse("the CRL does not say when the next one comes", field);
  return der;
}

}  // namespace

Result<record::Staged<CertificateCrl>> CertificateCrls::stage(const Grant& grant,
                                                              const record::Scope& scope,
                                                              std::string_view name,
                                                              CertificateCrl crl,
                                                              std::string_view request_id) {
  return rows_.put(
      grant, scope, to_lower(name),
      [&](CertificateCrl& row, Rows<CertificateCrl>::State state,
          record::WriteSet&) -> Result<void> {
        if (state == Rows<CertificateCrl>::State::kNew &&
            TRY(rows_.list(scope, {}, kMost)).size() == kMost)
          return refuse("a mount has at most 100 CRLs", "name");
        row = std::move(crl);
        return {};
      },
      request_id);
}

Result<record::Staged<CertificateCrl>> CertificateCrls::put(const Grant& grant,
                                                            const record::Scope& scope,
                                                            std::string_view name,
                                                            std::string_view text,
                                                            std::string_view request_id) {
  return stage(grant, scope, name, {{}, TRY(checked(text, "crl"))}, request_id);
}

Result<record::Staged<CertificateCrl>> CertificateCrls::fetch(
    const Grant& grant, const record::Scope& scope, std::string_view name, const std::string& url,
    std::string_view request_id, const OnLane& on_lane) {
  if (source_ == nullptr) return fail(Code::kUnsupported, "this server fetches no CRLs");
  const auto fetched = source_->crl(url, on_lane);
  if (!fetched) return refuse("failed to fetch CRL: " + fetched.error().detail, "url");
  return stage(grant, scope, name, {url, TRY(checked(as_text(*fetched), "url"))}, request_id);
}

Result<std::vector<x509::CertificateList>> CertificateCrls::all(const record::Scope& scope) {
  std::vector<x509::CertificateList> lists;
  const auto names = TRY(rows_.list(scope, {}, kMost));
  for (const std::string& name : names) {
    const auto row = TRY(rows_.find(scope, name));
    if (row) lists.push_back(TRY(x509::CertificateList::parse(BytesView(row->list))));
  }
  return lists;
}

Result<std::vector<CertificateCrls::Due>> CertificateCrls::due(const record::Scope& scope) {
  std::vector<Due> found;
  const auto names = TRY(rows_.list(scope, {}, kMost));
  for (const std::string& name : names) {
    const auto row = TRY(rows_.find(scope, name));
    if (!row || row->url.empty()) continue;
    const auto list = TRY(x509::CertificateList::parse(BytesView(row->list)));
    if (list.next_update() <= clock_.now()) found.push_back({name, row->url});
  }
  return found;
}

}  // namespace chancery::access
