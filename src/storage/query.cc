#include "storage/query.h"

#include <algorithm>

#include "base/text.h"

namespace chancery::storage {
namespace {

using record::CertificateQuery;
using record::CertificateRow;

bool ends_with(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() &&
         equal_ignoring_case(text.substr(text.size() - suffix.size()), suffix);
}

template <class Test>
bool any_name(const CertificateRow& row, Test test) {
  return (!row.common_name.empty() && test(row.common_name)) ||
         std::ranges::any_of(row.names, test);
}

bool names_match(const CertificateQuery& query, const CertificateRow& row) {
  if (query.name && !any_name(row, [&](std::string_view name) {
        return equal_ignoring_case(name, *query.name);
      })) {
    return false;
  }
  return !query.name_suffix ||
         any_name(row, [&](std::string_view name) { return ends_with(name, *query.name_suffix); });
}

}  // namespace

bool matches(const CertificateQuery& query, const CertificateRow& row) {
  return (!query.scope || row.scope == *query.scope) &&
         (!query.issuer_id || row.issuer_id == *query.issuer_id) &&
         (!query.fingerprint || row.fingerprint == *query.fingerprint) &&
         (!query.serial || row.serial == *query.serial) &&
         (!query.not_after_from || row.not_after >= *query.not_after_from) &&
         (!query.not_after_to || row.not_after < *query.not_after_to) && names_match(query, row);
}

std::size_t clamp_limit(std::size_t limit) {
  constexpr std::size_t kMost = 10'000;
  return std::clamp<std::size_t>(limit, 1, kMost);
}

record::CertificatePage page(std::vector<CertificateRow> rows, std::size_t limit) {
  record::CertificatePage result;
  const bool more = rows.size() >= limit;
  if (rows.size() > limit) rows.resize(limit);
  result.rows = std::move(rows);
  if (more && result.rows.back().log_index > 0) result.next = result.rows.back().log_index;
  return result;
}

}  // namespace chancery::storage
