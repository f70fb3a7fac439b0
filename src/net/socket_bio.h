#pragma once

#include <openssl/bio.h>

namespace chancery::net {

// new_socket_bio makes a BIO over a non-blocking socket that it does not own. Unlike OpenSSL's own,
// a write to a broken connection raises no SIGPIPE. Null when memory ran out.
[[nodiscard]] BIO* new_socket_bio(int fd);

}  // namespace chancery::net
