#include "policy/profile.h"

// Roles and profiles as they are stored (a backup brings them from elsewhere): what is read comes
// out as it went in, and compiles or says why not.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const BytesView text(data, size);
  if (const auto role = policy::parse_role(text)) {
    const Bytes written = policy::encode(*role);
    const auto again = policy::parse_role(written);
    CHANCERY_CHECK(again.has_value());
    CHANCERY_CHECK(equal(policy::encode(*again), written));
    (void)policy::compile(*role);
  }
  if (const auto profile = policy::parse_profile(text)) {
    const Bytes written = policy::encode(*profile);
    const auto again = policy::parse_profile(written);
    CHANCERY_CHECK(again.has_value());
    CHANCERY_CHECK(equal(policy::encode(*again), written));
    (void)policy::compile(*profile);
  }
  return 0;
}
