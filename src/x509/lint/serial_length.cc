#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  const std::size_t octets = tbs.serial.size() - (tbs.serial[0] == 0 ? 1 : 0);
  if (octets < 8) report.add("serial number " + hex(tbs.serial, ':') + " is shorter than 64 bits");
}

}  // namespace

const Rule kSerialLengthRule{
    "serial_length", Severity::kError,
    "the serial number has at least 64 bits (and at most 20 octets, which parsing checks)", check};

}  // namespace chancery::x509::lint
