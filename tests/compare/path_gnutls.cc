// Judges the cases of path_cases with GnuTLS.

#include <gnutls/x509.h>

#include "judge.h"

namespace {

using namespace chancery::compare;

// What GNUTLS_PROFILE_TO_VFLAGS makes of it: 112 bits, no SHA-1.
constexpr unsigned kProfile = static_cast<unsigned>(GNUTLS_PROFILE_MEDIUM) << 24;

gnutls_x509_crt_t parse(const Der& der) {
  gnutls_x509_crt_t out = nullptr;
  gnutls_x509_crt_init(&out);
  std::vector<std::uint8_t> copy = der;
  const gnutls_datum_t datum{copy.data(), static_cast<unsigned>(copy.size())};
  if (gnutls_x509_crt_import(out, &datum, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS) return out;
  gnutls_x509_crt_deinit(out);
  return nullptr;
}

std::string reasons(unsigned status) {
  gnutls_datum_t text{nullptr, 0};
  gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0);
  std::string out(reinterpret_cast<const char*>(text.data), text.size);
  gnutls_free(text.data);
  return out;
}

void judge(const JudgedCase& judged) {
  std::vector<gnutls_x509_crt_t> chain;
  if (auto* target = parse(judged.target))
    chain.push_back(target);
  else
    return say(judged, false, "parse");
  for (const Der& der : judged.pool) {
    if (auto* one = parse(der)) chain.push_back(one);
  }
  gnutls_x509_trust_list_t trust = nullptr;
  gnutls_x509_trust_list_init(&trust, 0);
  for (const Der& der : judged.anchors) {
    if (auto* one = parse(der)) gnutls_x509_trust_list_add_cas(trust, &one, 1, 0);
  }
  std::string host = judged.host;
  std::string purpose = GNUTLS_KP_TLS_WWW_SERVER;
  gnutls_typed_vdata_st question[] = {
      {GNUTLS_DT_DNS_HOSTNAME, reinterpret_cast<unsigned char*>(host.data()), 0},
      {GNUTLS_DT_KEY_PURPOSE_OID, reinterpret_cast<unsigned char*>(purpose.data()), 0}};
  unsigned status = 0;
  const int done =
      gnutls_x509_trust_list_verify_crt2(trust, chain.data(), static_cast<unsigned>(chain.size()),
                                         question, 2, kProfile, &status, nullptr);
  if (done < 0) {
    say(judged, false, gnutls_strerror(done));
  } else {
    say(judged, status == 0, status == 0 ? "" : reasons(status));
  }
  for (auto* one : chain) gnutls_x509_crt_deinit(one);
  gnutls_x509_trust_list_deinit(trust, 1);
}

time_t fixed_time(time_t* out) {
  if (out != nullptr) *out = kTime;
  return kTime;
}

}  // namespace

int main() {
  gnutls_global_init();
  gnutls_global_set_time_function(fixed_time);
  for (JudgedCase judged; read_case(judged);) judge(judged);
}
