// Signatures that take longer, as those of a slow token, and answers shown before TLS takes them.

#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "control.h"

extern "C" {

int ECDSA_sign(int type, const unsigned char* digest, int size, unsigned char* signature,
               unsigned int* length, void* key) {
  using Sign = int (*)(int, const unsigned char*, int, unsigned char*, unsigned int*, void*);
  static const auto real = reinterpret_cast<Sign>(::dlsym(RTLD_NEXT, "ECDSA_sign"));
  fault_shim::Control* const c = fault_shim::control();
  if (c != nullptr) {
    if (c->signing_delay.load() != 0) ::usleep(static_cast<useconds_t>(c->signing_delay.load()));
    c->signatures.fetch_add(1);
  }
  return real(type, digest, size, signature, length, key);
}

int SSL_write_ex(void* session, const void* bytes, size_t size, size_t* written) {
  using Write = int (*)(void*, const void*, size_t, size_t*);
  static const auto real = reinterpret_cast<Write>(::dlsym(RTLD_NEXT, "SSL_write_ex"));
  static const bool shows = std::getenv("FAULT_SHIM_SHOW_ANSWERS") != nullptr;
  // Nothing is written there; it is for strace to see.
  if (shows) ::syscall(SYS_write, -1, bytes, size);
  return real(session, bytes, size, written);
}

}  // extern "C"
