#include "policy/usages.h"

#include "policy/test_request.h"
#include "x509/oids.h"

namespace chancery::policy {
namespace {

using namespace test;

TEST_CASE("key usage") {
  CHECK(x509::to_string(key_usage(Role{})) == "digitalSignature, keyEncipherment, keyAgreement");
  CHECK(key_usage(role_of("key_usage=")).empty());
  Role role;
  role.key_usage = {"digitalsignature",  "foo",          "CertSign",     " CRLSign ",
                    "ContentCommitment", "encipheronly", "decipheronly", "dataencipherment",
                    "KEYAGREEMENT"};
  CHECK(key_usage(role).bits() == 0x1fb);                         // all but keyEncipherment
  role.key_usage = {"keyCertSign", "nonRepudiation", "cRLSign"};  // only the last is a name of Go's
  CHECK(key_usage(role) == x509::KeyUsage{x509::KeyUsageBit::kCrlSign});
}

TEST_CASE("extended key usage") {
  const auto names = [](const char* role) {
    std::vector<std::string> out;
    const std::vector<asn1::Oid> usages = extended_key_usage(role_of(role)).value();
    for (const asn1::Oid& oid : usages) out.push_back(oid.to_string());
    return join(out, " ");
  };
  CHECK(names("") == "1.3.6.1.5.5.7.3.1 1.3.6.1.5.5.7.3.2");
  CHECK(names("!server_flag !client_flag") == "");
  CHECK(names("!server_flag !client_flag code_signing_flag email_protection_flag") ==
        "1.3.6.1.5.5.7.3.3 1.3.6.1.5.5.7.3.4");
  CHECK(names("!server_flag "
              "ext_key_usage=OCSPSigning,any,foo,clientauth,TimeStamping,"
              "MicrosoftCommercialCodeSigning "
              "ext_key_usage_oids=1.2.3,1.3.6.1.5.5.7.3.9") ==
        "2.5.29.37.0 1.3.6.1.5.5.7.3.2 1.3.6.1.5.5.7.3.8 1.3.6.1.5.5.7.3.9 1.2.3");
  CHECK(names("!server_flag !client_flag ext_key_usage=IPSECEndSystem,IPSECTunnel,IPSECUser,"
              "MicrosoftServerGatedCrypto,NetscapeServerGatedCrypto") ==
        "1.3.6.1.5.5.7.3.5 1.3.6.1.5.5.7.3.6 1.3.6.1.5.5.7.3.7 1.3.6.1.4.1.311.10.3.3 "
        "2.16.840.1.113730.4.1");
}

TEST_CASE("certificate policies") {
  Role role;
  role.policy_identifiers = {"1.2.3", "",
                             R"({"oid":"1.2.4","notice":"n","cps":"http://c","more":1})", "1.2.3"};
  const auto read = policies(role).value();
  REQUIRE(read.size() == 2);
  CHECK(read[0].id.to_string() == "1.2.3");
  CHECK(read[1].id.to_string() == "1.2.4");
  CHECK(read[1].cps_uris == std::vector<std::string>{"http://c"});
  CHECK(read[1].user_notices == std::vector<std::string>{"n"});
  for (const char* bad :
       {"1", "foo", "{", "[]", R"({"notice":"n"})", R"({"oid":7})",
        R"({"oid":"1.2.3","cps":"\u00fc"})", R"({"oid":"1.2.3","notice":"a\nb"})"}) {
    CAPTURE(bad);
    role.policy_identifiers = {bad};
    CHECK(policies(role).error().code == Code::kInvalidArgument);
  }
}

}  // namespace
}  // namespace chancery::policy
