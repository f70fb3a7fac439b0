// Judges the cases of path_cases with OpenSSL's X509_verify_cert at security level 2.

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>

#include "judge.h"

namespace {

using namespace chancery::compare;

struct Free {
  void operator()(X509* p) const { X509_free(p); }
  void operator()(X509_STORE* p) const { X509_STORE_free(p); }
  void operator()(X509_STORE_CTX* p) const { X509_STORE_CTX_free(p); }
  void operator()(STACK_OF(X509) * p) const { sk_X509_pop_free(p, X509_free); }
};
template <class T>
using Own = std::unique_ptr<T, Free>;

Own<X509> parse(const Der& der) {
  const std::uint8_t* at = der.data();
  Own<X509> out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (out && at != der.data() + der.size()) out.reset();
  return out;
}

void set_question(X509_VERIFY_PARAM* param, const JudgedCase& judged) {
  X509_VERIFY_PARAM_set_time(param, kTime);
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_auth_level(param, 2);
  X509_VERIFY_PARAM_set_flags(
      param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_POLICY_CHECK);
  X509_VERIFY_PARAM_set_hostflags(
      param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (judged.host.find_first_not_of("0123456789.") == std::string::npos) {
    X509_VERIFY_PARAM_set1_ip_asc(param, judged.host.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(param, judged.host.c_str(), judged.host.size());
  }
  if (judged.policy == "-") return;
  X509_VERIFY_PARAM_add0_policy(param, OBJ_txt2obj(judged.policy.c_str(), 1));
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_EXPLICIT_POLICY);
}

void judge(const JudgedCase& judged) {
  const Own<X509> target = parse(judged.target);
  if (!target) return say(judged, false, "parse");
  const Own<X509_STORE> store(X509_STORE_new());
  const Own<STACK_OF(X509)> pool(sk_X509_new_null());
  for (const Der& der : judged.anchors) {
    if (const auto one = parse(der)) X509_STORE_add_cert(store.get(), one.get());
  }
  for (const Der& der : judged.pool) {
    if (auto one = parse(der)) sk_X509_push(pool.get(), one.release());
  }
  const Own<X509_STORE_CTX> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), target.get(), pool.get());
  set_question(X509_STORE_CTX_get0_param(context.get()), judged);
  const bool valid = X509_verify_cert(context.get()) == 1;
  say(judged, valid,
      valid ? "" : X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
}

}  // namespace

int main() {
  for (JudgedCase judged; read_case(judged);) judge(judged);
}
