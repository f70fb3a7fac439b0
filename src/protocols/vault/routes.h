#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "access/principal.h"
#include "http/response.h"

namespace chancery::vault {

struct Call;

// Operation is what a request wants done, as Vault reads it from the verb: GET (with list=true or
// the verb LIST: list), POST and PUT (update), PATCH, DELETE, HEAD.
enum class Operation : std::uint8_t { kRead, kList, kUpdate, kPatch, kDelete, kHead };
[[nodiscard]] std::string_view name(Operation operation);
// operation_of returns nothing for every other verb.
[[nodiscard]] std::optional<Operation> operation_of(const http::Request& request);

// Area says what a pattern is relative to: the PKI mount, or "/v1/" itself.
enum class Area : std::uint8_t { kMount, kRoot };

// Guard says who may come in.
enum class Guard : std::uint8_t {
  kToken,  // a token whose policies allow the row's action on the path
  kOpen,   // anyone
  kPlain,  // anyone, also over plain HTTP
};

// Reads says what a handler reads, and so where it may run.
enum class Reads : std::uint8_t {
  kNothing,  // no store: anywhere
  kRows,     // rows by their key: on a reactor where the store is local
  kMany,     // lists: on the search lane
};

using Handler = http::Response (*)(Call&);

struct Route {
  Area area;
  Operation operation;
  // Literal segments and variables: {role}, {name}, {ref} are names, {serial} is hexadecimal,
  // {rest...} is one or more whole segments.
  std::string_view pattern;
  Guard guard;
  access::Action action;  // what the guard asks access::allow for
  Reads reads;
  Handler handler;
  bool sudo = false;  // the guard also asks for "sudo" on the path
};

// routes is the whole surface of this protocol. What is not listed is refused.
[[nodiscard]] std::span<const Route> routes();

// Variables are the values of a pattern's variables, in order; they look into the path.
struct Variables {
  std::array<std::string_view, 2> values;
  std::size_t count = 0;
};

// match_path returns the variables of `path` under `pattern`. Neither has a slash at either end.
[[nodiscard]] std::optional<Variables> match_path(std::string_view pattern, std::string_view path);

}  // namespace chancery::vault
