#include <doctest/doctest.h>

#include "ca/tidier.h"
#include "protocols/vault/test_vault.h"

namespace chancery::vault {
namespace {

TEST_CASE("tidy: starts, ends, and tells of it with Vault's keys") {
  TestVault vault;
  vault.mount.add_role("web");
  const auto before = vault.client.get("pki/tidy-status");
  CHECK(before.text("/data/state") == "Inactive");
  CHECK(before.at("/data/revoked_cert_deleted_count").is_null());
  CHECK_FALSE(before.at("/data").as_object().contains("last_auto_tidy_finished"));

  const auto issued = vault.client.post("pki/issue/web", R"({"common_name":"a.test","ttl":"1h"})");
  CHECK(
      vault.client
          .post("pki/revoke", R"({"serial_number":")" + issued.text("/data/serial_number") + "\"}")
          .status == 200);
  vault.mount.clock.advance(seconds{3 * 3600});
  CHECK(vault.client.get("pki/crl/rotate").status == 200);
  const auto started =
      vault.client.post("pki/tidy", R"({"tidy_revoked_certs":true,"safety_buffer":"1h","foo":1})");
  CHECK(started.status == 202);
  CHECK(started.at("/data").is_null());
  CHECK(started.text("/warnings/0").starts_with("Tidy operation successfully started."));
  CHECK(started.text("/warnings/1") == "Endpoint ignored these unrecognized parameters: [foo]");
  vault.mount.service->tidier().wait();

  const auto status = vault.client.get("pki/tidy-status");
  CHECK(status.text("/data/state") == "Finished");
  CHECK(status.at("/data/revoked_cert_deleted_count").as_int64() == 1);
  CHECK(status.at("/data/revoked_safety_buffer").as_int64() == 3600);
  CHECK(status.text("/data/pause_duration") == "0s");
  CHECK(status.text("/data/time_finished") == rfc3339(vault.mount.clock.now()));
  CHECK(status.text("/data/last_auto_tidy_finished") == rfc3339(vault.mount.clock.now()));
  // Each state has the same keys, but for that one.
  auto keys = status.at("/data").as_object();
  keys.erase("last_auto_tidy_finished");
  for (const auto& member : keys) CHECK(before.at("/data").as_object().contains(member.key()));
  CHECK(keys.size() == before.at("/data").as_object().size());
  CHECK(vault.client.send("LIST", "pki/certs/revoked").status == 404);
}

TEST_CASE("tidy: what nobody asks for, what runs already, and what is cancelled") {
  TestVault vault;
  const auto nothing = vault.client.post("pki/tidy", "{}");
  CHECK(nothing.status == 202);
  CHECK(nothing.text("/warnings/0")
            .starts_with("Manual tidy requested but no tidy operations were set. Enable at least"));
  CHECK(vault.client.post("pki/tidy-cancel", "").text("/warnings/0") ==
        "Tidy operation cannot be cancelled as none is currently running.");
  vault.mount.add_role("web");
  for (int i = 0; i < 6; ++i) {
    const auto issued = vault.client.post("pki/issue/web", R"({"common_name":"a.test"})");
    CHECK(vault.client
              .post("pki/revoke",
                    R"({"serial_number":")" + issued.text("/data/serial_number") + "\"}")
              .status == 200);
  }
  constexpr std::string_view kSlow =
      R"({"tidy_revoked_certs":true,"page_size":5,"pause_duration":"1h30m"})";
  CHECK(vault.client.post("pki/tidy", kSlow).status == 202);
  const auto again = vault.client.post("pki/tidy", kSlow);
  CHECK(again.status == 200);
  CHECK(again.text("/warnings/0") == "Tidy operation already in progress.");
  CHECK(vault.client.get("pki/tidy-status").text("/data/state") == "Running");
  CHECK(vault.client.get("pki/tidy-status").text("/data/pause_duration") == "1h30m0s");
  CHECK(vault.client.post("pki/tidy-cancel", "").text("/data/state") == "Cancelling");
  vault.mount.service->tidier().wait();
  CHECK(vault.client.get("pki/tidy-status").text("/data/state") == "Cancelled");
}

TEST_CASE("tidy and auto-tidy refuse in Vault's words") {
  TestVault vault;
  const auto refused = [&](std::string_view path, std::string_view body) {
    CAPTURE(body);
    const auto answer = vault.client.post(path, body);
    CHECK(answer.status == 400);
    return answer.text("/errors/0");
  };
  CHECK(refused("pki/tidy", R"({"safety_buffer":"0"})") ==
        "safety_buffer must be greater than zero");
  CHECK(refused("pki/tidy", R"({"revoked_safety_buffer":0})") ==
        "revokedSafetyBuffer must be greater than zero");
  CHECK(refused("pki/tidy", R"({"safety_buffer":"-1"})") ==
        "Field validation failed: error converting input for field \"safety_buffer\": cannot "
        "provide negative value '-1'");
  CHECK(refused("pki/tidy", R"({"pause_duration":"bad"})") ==
        "Error parsing pause_duration: strconv.ParseInt: parsing \"ba\": invalid syntax");
  CHECK(refused("pki/tidy", R"({"page_size":4})") == "page_size must be greater than five");
  CHECK(refused("pki/config/auto-tidy", R"({"page_size":0})") == "page_size must be at least 5");
  CHECK(refused("pki/config/auto-tidy", R"({"pause_duration":"-1s"})") ==
        "received invalid, negative pause_duration");
  CHECK(refused("pki/config/auto-tidy", R"({"acme_account_safety_buffer":"0s"})") ==
        "given acme_account_safety_buffer must be at least one second; got: 0");
  CHECK(refused("pki/config/auto-tidy", R"({"enabled":true})")
            .starts_with("Auto-tidy enabled but no tidy operations were requested. Enable at"));
  CHECK(refused("pki/config/auto-tidy", R"({"publish_stored_certificate_count_metrics":true})")
            .starts_with("Can not publish a running storage metrics count"));
}

TEST_CASE("config/auto-tidy is read, and changed in part") {
  TestVault vault;
  const auto read = vault.client.get("pki/config/auto-tidy");
  auto data = read.at("/data").as_object();
  CHECK(data.size() == 17);
  CHECK(data.at("interval_duration").as_int64() == 43'200);
  CHECK(data.at("issuer_safety_buffer").as_int64() == 31'536'000);
  CHECK(data.at("page_size").as_int64() == 1000);
  CHECK_FALSE(data.at("enabled").as_bool());
  const auto written = vault.client.post(
      "pki/config/auto-tidy",
      R"({"enabled":true,"tidy_cert_store":true,"pause_duration":"90s","safety_buffer":"1h"})");
  CHECK(written.status == 200);
  CHECK(written.text("/data/pause_duration") == "1m30s");
  CHECK(written.at("/data/safety_buffer").as_int64() == 3600);
  CHECK(written.at("/data/revoked_safety_buffer").as_int64() == 3600);
  CHECK(vault.client.get("pki/config/auto-tidy").at("/data") == written.at("/data"));
}

}  // namespace
}  // namespace chancery::vault
