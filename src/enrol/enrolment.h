#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ca/service.h"
#include "crypto/private_key.h"
#include "enrol/client_request.h"
#include "enrol/keys_ahead.h"
#include "enrol/profiles.h"
#include "enrol/roles.h"
#include "policy/evaluate.h"
#include "policy/explain.h"

namespace chancery::enrol {

// ServerKey: this program makes the key and hands it over once. Type and size count only under a
// role that leaves them open.
struct ServerKey {
  std::string type;  // "rsa", "ec", "ed25519", "mldsa"; "": the role's
  unsigned bits = 0;
  [[nodiscard]] bool empty() const { return type.empty() && bits == 0; }
};

// EnrolRequest is what a client asks for under a role or profile, whatever protocol it speaks.
struct EnrolRequest {
  std::string role;
  std::string profile;           // instead of the role, where it is not empty
  policy::IssueRequest content;  // csr and generated_key are left empty
  std::variant<ClientKey, ServerKey> key;
  std::string issuer_ref = {};  // instead of the role's, where it is not empty
};

// Enrolled is a signed certificate that nobody may see before its record is durable.
struct Enrolled {
  ca::Staged<ca::Issued> issued;
  std::vector<std::string> warnings;              // for the client
  std::optional<crypto::PrivateKey> private_key;  // of a ServerKey request
};

// Where enrol runs, which decides what it may take time for.
enum class Thread : std::uint8_t { kReactor, kCpuLane };

// Enrolment is the one way from a request to a certificate: role or profile, proof of possession
// or new key, policy, signature. Thread-safe.
class Enrolment {
 public:
  // Make it before the store's first commit: it owns the profiles, whose cache observes commits.
  // `keys_ahead` is how many keys of a slow kind it may keep ready.
  Enrolment(ca::Service& service, Roles& roles, const Clock& clock, std::size_t keys_ahead = 0)
      : keys_ahead_(keys_ahead),
        service_(service),
        roles_(roles),
        profiles_(service.store(), roles.default_limits(), clock),
        clock_(clock) {}

  // enrol stages a certificate in the grant's scope. It yields nothing when a reactor may not do
  // the work (a new RSA or ML-DSA key, a request whose signature is slow to verify, a slow issuing
  // key): come back on the cpu lane. Errors:
  // kInvalidArgument (unknown role or issuer, bad values), kMalformed (request), kRefused (policy,
  // proof of possession), kUnavailable, kInternal; Error::where has field and rule.
  [[nodiscard]] Result<std::optional<Enrolled>> enrol(access::Grant grant,
                                                      const EnrolRequest& request, Thread thread,
                                                      std::string_view request_id);

  // Explained is what enrol would do.
  struct Explained {
    policy::Explanation explanation;
    std::shared_ptr<const ca::Authority> issuer;
  };
  // explain asks every rule that enrol asks and issues nothing; it needs the same right. A key of
  // the server's is made and thrown away: on the cpu lane. Errors: kInvalidArgument (unknown role,
  // profile or issuer), kMalformed (request), kUnavailable, kInternal; what a rule refuses is no
  // error but a finding.
  [[nodiscard]] Result<Explained> explain(const access::Grant& grant, const EnrolRequest& request);

  // explain_signing does the same for a request that no role judges: `judge` asks the rules.
  // Errors: kInvalidArgument (unknown issuer), kMalformed (request), kUnavailable, kInternal.
  using Judge = std::function<policy::Explanation(const x509::CertificationRequest&,
                                                  const policy::IssuerFacts&)>;
  [[nodiscard]] Result<Explained> explain_signing(const record::Scope& scope,
                                                  std::string_view issuer_ref,
                                                  std::string_view csr_pem, const Judge& judge);

  // Somebody has to call fill() for keys to be made ahead.
  [[nodiscard]] KeysAhead& keys_ahead() { return keys_ahead_; }
  [[nodiscard]] Roles& roles() { return roles_; }
  [[nodiscard]] Profiles& profiles() { return profiles_; }

 private:
  [[nodiscard]] Result<std::shared_ptr<const policy::CompiledProfile>> rules_of(
      const record::Scope& scope, const EnrolRequest& request);
  [[nodiscard]] Result<void> finish(const record::Scope& scope,
                                    const std::vector<policy::Finding>& first,
                                    Explained& explained) const;

  KeysAhead keys_ahead_;
  ca::Service& service_;
  Roles& roles_;
  Profiles profiles_;
  const Clock& clock_;
};

}  // namespace chancery::enrol
