#pragma once

// Internal to this folder.

#include <span>
#include <vector>

#include "storage/sqlite/indexer.h"

namespace chancery::storage::sqlite {

// SqliteIndex answers from the tail, the hot files and the segments, in this order: rows move the
// same way, so none is missed. The index files only lead to log rows; what is returned is made from
// the log.
//
// While part of the index is being made again (IndexView::missing), look-ups that find nothing fail
// with kUnavailable, because the row may be there; searches and lists show what is covered.
class SqliteIndex final : public record::CertificateIndex {
 public:
  SqliteIndex(const Indexer& indexer, const record::LogReader& log)
      : indexer_(indexer), log_(log) {}

  [[nodiscard]] Result<std::optional<record::CertificateRow>> find_by_serial(
      const record::Scope& scope, BytesView serial) const override;
  [[nodiscard]] Result<std::optional<record::CertificateRow>> find_by_fingerprint(
      const crypto::Sha256& fingerprint) const override;
  [[nodiscard]] Result<record::CertificatePage> search(const record::CertificateQuery& query,
                                                       std::optional<std::uint64_t> before,
                                                       std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<Bytes>> list_serials(const record::Scope& scope, BytesView after,
                                                        std::size_t limit) const override;

 private:
  struct Search;
  using Found = Result<std::optional<record::CertificateRow>>;
  [[nodiscard]] Found find_serial_in(const IndexView& view, const record::Scope& scope,
                                     BytesView serial) const;
  [[nodiscard]] Found find_fingerprint_in(const IndexView& view,
                                          const crypto::Sha256& fingerprint) const;
  [[nodiscard]] Result<void> search_in(const IndexView& view, Search& search) const;
  [[nodiscard]] Result<std::optional<record::CertificateRow>> load(std::uint64_t log_index) const;
  [[nodiscard]] Result<void> load_run(std::span<const std::uint64_t> run,
                                      const record::CertificateQuery& query,
                                      std::vector<record::CertificateRow>& rows) const;
  [[nodiscard]] Result<void> search_part(const IndexPart& part, Search& search) const;

  const Indexer& indexer_;
  const record::LogReader& log_;
};

}  // namespace chancery::storage::sqlite
