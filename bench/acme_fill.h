#pragma once

#include <cstddef>
#include <string>

#include "server_process.h"

namespace chancery::bench {

// make_directory makes the role "web" and over it the ACME directory "bench", which has HTTP-01 and
// no limits.
void make_directory(const Server& server);

// fill_store makes a data directory with `accounts` accounts of that directory and `orders` past
// orders of theirs, each with its authorisation, its certificate and their events, by the same
// commits as the server's.
void fill_store(const std::string& program, const std::string& directory, std::size_t accounts,
                std::size_t orders);

}  // namespace chancery::bench
