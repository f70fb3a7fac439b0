#include <doctest/doctest.h>

#include <unistd.h>

#include "base/test_directory.h"
#include "cli/renewal_due.h"
#include "cli/renewal_files.h"
#include "cli/request_maker.h"
#include "os/file.h"
#include "x509/test_certificates.h"

namespace chancery::cli {
namespace {

TEST_CASE("a certificate is due after a share of its validity or a time before its end") {
  const TimePoint begin = from_unix(0);
  const TimePoint end = from_unix(900);
  CHECK(renewal_time(begin, end, "2/3").value() == from_unix(600));
  CHECK(renewal_time(begin, end, "0/1").value() == begin);
  CHECK(renewal_time(begin, end, "5m").value() == from_unix(600));
  for (const char* bad : {"", "3/2", "1/0", "a/b", "1/", "soon", "-1/2", "99999/100000"})
    CHECK_FALSE(renewal_time(begin, end, bad).has_value());
}

struct Pair {
  std::string certificate;
  SecretBytes key;
};

Pair make_pair() {
  const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  return {x509::testing::make_ca(key).to_pem(), private_key_pem(key).value()};
}

// A directory with an old pair, key at 0640.
struct Files {
  Files() {
    certificate = directory + "/a.crt";
    key = directory + "/a.key";
    put(certificate, as_bytes(old.certificate), 0644);
    put(key, old.key.view(), 0640);
  }

  static void put(const std::string& path, BytesView content, unsigned mode) {
    REQUIRE(os::write_file(path, content, mode).has_value());
  }
  [[nodiscard]] std::string read(const std::string& path) const {
    return std::string(as_text(os::read_file(path).value()));
  }
  [[nodiscard]] RenewalFiles renewal() const { return {certificate, key}; }
  [[nodiscard]] bool tidy() const { return os::list_directory(directory).value().size() == 2; }

  const TestDirectory folder;
  const std::string& directory = folder.path();
  std::string certificate;
  std::string key;
  Pair old = make_pair();
  Pair next = make_pair();
};

TEST_CASE("a renewal replaces both files and keeps their modes") {
  const Files files;
  REQUIRE(files.renewal().install(as_bytes(files.next.certificate), files.next.key).has_value());
  CHECK(fits(files.certificate, files.key));
  CHECK(files.read(files.certificate) == files.next.certificate);
  CHECK(os::status_of(files.key)->mode == 0640);
  CHECK(os::status_of(files.certificate)->mode == 0644);
  CHECK(files.tidy());
}

TEST_CASE("with the same key only the certificate is replaced") {
  const Files files;
  REQUIRE(files.renewal().install(as_bytes(files.next.certificate), {}).has_value());
  CHECK(files.read(files.key) == as_text(files.old.key.view()));
}

// What the disk may show after a crash at each step of install, in order.
TEST_CASE("an interrupted renewal is finished or forgotten, and always leaves a pair") {
  const Files files;
  const std::string staged_key = files.key + ".renewed";
  const std::string staged_certificate = files.certificate + ".renewed";
  bool finished = false;
  SUBCASE("nothing was begun") {}
  SUBCASE("the key is staged") { Files::put(staged_key, files.next.key.view(), 0600); }
  SUBCASE("both are staged") {
    Files::put(staged_key, files.next.key.view(), 0600);
    Files::put(staged_certificate, as_bytes(files.next.certificate), 0644);
    finished = true;
  }
  SUBCASE("the key is renamed") {
    Files::put(files.key, files.next.key.view(), 0600);
    Files::put(staged_certificate, as_bytes(files.next.certificate), 0644);
    finished = true;
  }
  SUBCASE("a certificate without its key is of no use") {
    Files::put(staged_certificate, as_bytes(files.next.certificate), 0644);
  }
  CHECK(files.renewal().finish_interrupted().value() == finished);
  CHECK(fits(files.certificate, files.key));
  CHECK(files.read(files.certificate) ==
        (finished ? files.next.certificate : files.old.certificate));
  CHECK(files.tidy());
}

}  // namespace
}  // namespace chancery::cli
