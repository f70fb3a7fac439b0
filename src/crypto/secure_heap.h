#pragma once

namespace chancery::crypto {

// use_secure_heap gives the private numbers of keys memory of their own (OpenSSL's secure heap):
// left out of core dumps, not swapped where the system's lock limit allows it, zeroed when freed.
// Call it once, at the program's start, before the first key; without it, or where the system
// refuses, private numbers share the ordinary heap. Returns whether the heap is there. The primes
// of RSA keys are in ordinary memory all the same: OpenSSL keeps copies for its arithmetic there.
bool use_secure_heap();

}  // namespace chancery::crypto
