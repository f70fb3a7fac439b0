#pragma once

#include "record/store.h"

namespace chancery::storage {

// matches says whether a row satisfies every field of a query that is set. Names compare without
// regard to ASCII case. Every engine answers searches through this one function.
[[nodiscard]] bool matches(const record::CertificateQuery& query,
                           const record::CertificateRow& row);

// clamp_limit keeps a page within what a reader may hold in memory: 1..10,000.
[[nodiscard]] std::size_t clamp_limit(std::size_t limit);

// page makes a CertificatePage of rows that are in order, newest first: at most `limit`, and `next`
// when there may be more.
[[nodiscard]] record::CertificatePage page(std::vector<record::CertificateRow> rows,
                                           std::size_t limit);

}  // namespace chancery::storage
