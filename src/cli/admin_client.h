#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "boost/json/fwd.hpp"
#include "cli/options.h"

namespace chancery::cli {

// AdminClient speaks to the admin API: JSON in, JSON out, problem documents turned back into
// Errors.
class AdminClient {
 public:
  // open reads the token. Errors: kUnauthenticated (none given), those of files.
  [[nodiscard]] static Result<AdminClient> open(const Connection& connection);

  // `path` begins with '/', below /api/v1, query included and encoded.
  [[nodiscard]] Result<boost::json::object> get(std::string_view path) const;
  [[nodiscard]] Result<boost::json::object> post(std::string_view path,
                                                 const boost::json::object& body) const;
  // download hands the body on as it comes, however long. Errors: also those of `sink`;
  // kUnavailable when the server broke it off.
  [[nodiscard]] Result<void> download(
      std::string_view path, const std::function<Result<void>(std::string_view)>& sink) const;
  // put sends a condition beside the body: "" or a whole header, "If-Match: \"3\"".
  [[nodiscard]] Result<boost::json::object> put(std::string_view path,
                                                const boost::json::object& body,
                                                std::string_view condition = {}) const;
  [[nodiscard]] Result<void> remove(std::string_view path) const;
  // get_text gets what is not JSON.
  [[nodiscard]] Result<std::string> get_text(std::string_view path) const;

 private:
  AdminClient(Connection connection, SecretBytes token)
      : connection_(std::move(connection)), token_(std::move(token)) {}
  [[nodiscard]] Result<std::string> send(std::string_view method, std::string_view path,
                                         std::string body, std::string_view condition = {}) const;

  Connection connection_;
  SecretBytes token_;
};

// encode_query percent-encodes a query value or path segment.
[[nodiscard]] std::string encode_query(std::string_view text);

}  // namespace chancery::cli
