// What parse_pem decodes may be a private key: no memory is given back with it inside. This file
// looks at all memory that its program frees.
#include <doctest/doctest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "asn1/pem.h"

namespace {

// A run of bytes that nothing but the secret of a test holds.
constexpr std::uint8_t kMark = 0xa7;
constexpr std::size_t kRun = 24;
std::atomic<bool> watching{false};
std::atomic<int> found{0};

void look_at(const void* memory) {
  if (memory == nullptr || !watching.load(std::memory_order_relaxed)) return;
  const auto* bytes = static_cast<const std::uint8_t*>(memory);
  const std::size_t size = ::malloc_usable_size(const_cast<void*>(memory));
  const auto* end = bytes + size;
  if (std::search_n(bytes, end, kRun, kMark) != end) ++found;
}

}  // namespace

void* operator new(std::size_t size) {
  // Zeroed, so that only what was written to a buffer is found in it.
  if (void* memory = std::calloc(1, size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  look_at(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace chancery::asn1 {
namespace {

// The times that freed memory held the secret while `text` was parsed.
int left_behind(const std::string& text) {
  found = 0;
  watching = true;
  {
    const auto blocks = parse_pem(text, 3);
  }
  watching = false;
  return found;
}

const std::string& secret_block() {
  static const std::string text = pem("PRIVATE KEY", Bytes(200, kMark));
  return text;
}

TEST_CASE("the search for secrets in freed memory finds one") {
  found = 0;
  watching = true;
  {
    const Bytes secret(200, kMark);
  }
  watching = false;
  CHECK(found == 1);
}

TEST_CASE("a private key that was decoded is wiped, whatever comes after it") {
  const std::string& key = secret_block();
  CHECK(left_behind(key) == 0);
  CHECK(left_behind(key + key) == 0);
  CHECK(left_behind(key + "-----BEGIN X-----\n!!!!\n-----END X-----\n") == 0);
  CHECK(left_behind(key + "-----BEGIN X-----\nAAAA\n") == 0);
  CHECK(left_behind(key + "-----BEGIN X-----\nAAAA\n-----END Y-----\n") == 0);
  CHECK(left_behind(key + key + key + key) == 0);  // more than are allowed
}

TEST_CASE("a private key that is spoiled at its end is wiped") {
  std::string text = secret_block();
  const auto end = text.find("\n-----END");
  text[end - 4] = '!';
  CHECK(left_behind(text) == 0);
}

TEST_CASE("parse_one_pem wipes what it does not want") {
  found = 0;
  watching = true;
  {
    const auto der = parse_one_pem(secret_block(), "CERTIFICATE");
  }
  {
    const auto der = parse_one_pem(secret_block() + secret_block(), "PRIVATE KEY");
  }
  watching = false;
  CHECK(found == 0);
}

}  // namespace
}  // namespace chancery::asn1
