#include "cli/renewal_files.h"

#include <unistd.h>

#include "crypto/private_key.h"
#include "os/file.h"
#include "x509/certificate.h"

namespace chancery::cli {
namespace {

// Writes `staged` with mode and owner of the file that it is to replace.
Result<void> stage(const std::string& staged, BytesView content, const std::string& replaced) {
  const os::FileStatus status = TRY(os::status_of(replaced));
  TRY(os::write_file(staged, content, status.mode));
  if (::geteuid() == 0) TRY(os::set_owner(staged, status.owner, status.group));
  return {};
}

Result<void> remove_if_there(const std::string& path) {
  if (!os::exists(path)) return {};
  return os::remove_file(path);
}

}  // namespace

bool fits(const std::string& certificate_file, const std::string& key_file) {
  const auto pem = os::read_file(certificate_file);
  const auto key_pem = os::read_secret_file(key_file);
  if (!pem || !key_pem) return false;
  const auto certificates = x509::Certificate::all_from_pem(as_text(*pem));
  const auto key = crypto::PrivateKey::from_pem(as_text(key_pem->view()));
  return certificates && key && equal(certificates->front().spki(), key->public_key().spki());
}

Result<bool> RenewalFiles::finish_interrupted() const {
  // The key is renamed first: a staged certificate for the key in place only waits for its rename,
  // and one for a staged key waits for both.
  const bool key_waits = fits(staged_certificate(), staged_key());
  const bool finish = key_waits || fits(staged_certificate(), key_);
  if (finish) {
    if (key_waits) TRY(os::rename_file(staged_key(), key_));
    TRY(os::rename_file(staged_certificate(), certificate_));
  }
  TRY(remove_if_there(staged_certificate()));
  TRY(remove_if_there(staged_key()));
  return finish;
}

Result<void> RenewalFiles::install(BytesView certificate_pem, const SecretBytes& key_pem) const {
  const bool new_key = !key_pem.empty();
  if (new_key) TRY(stage(staged_key(), key_pem.view(), key_));
  TRY(stage(staged_certificate(), certificate_pem, certificate_));
  if (new_key) TRY(os::rename_file(staged_key(), key_));
  return os::rename_file(staged_certificate(), certificate_);
}

}  // namespace chancery::cli
