#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/store.h"

namespace chancery::storage {

// index_row gives what the index knows of a log entry: nothing when it brought no certificate, or
// one that this program cannot read (it stays in the log). Every entry with a certificate is
// indexed, whatever its kind. The issuer's id is the event's detail "issuer", the profile its
// detail "role" (else "profile"). This is the only place that turns an entry into a row, so the
// index can be made again at any time.
[[nodiscard]] std::optional<record::CertificateRow> index_row(std::uint64_t log_index,
                                                              const record::LogEntry& entry);
// brief_row gives of it what a brief query looks at, and reads no more of the certificate.
[[nodiscard]] std::optional<record::CertificateRow> brief_row(std::uint64_t log_index,
                                                              const record::LogEntry& entry);

// index_names lists every text a certificate is found by: its SAN values and its common name, in
// ASCII lower case, each once.
[[nodiscard]] std::vector<std::string> index_names(const record::CertificateRow& row);

// expiry_month counts months since 1970-01, clamped to 0..65535: the unit by which the index is cut
// into files and which Chancery's own serial numbers carry.
[[nodiscard]] std::uint16_t expiry_month(TimePoint not_after);

// serial_month reads the expiry month out of a serial number of Chancery's own form (19 octets:
// cell 0x01..0x7f, month, 16 random octets); nothing for other forms. A foreign serial may look so
// by accident.
[[nodiscard]] std::optional<std::uint16_t> serial_month(BytesView serial);

}  // namespace chancery::storage
